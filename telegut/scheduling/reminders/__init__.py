"""Reminders: rows that are looked at when they are due, and the answer that somebody will be there."""
