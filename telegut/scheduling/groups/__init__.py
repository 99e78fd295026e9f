"""Group sessions: practitioners' time once, and seats in it that patients take one by one."""
