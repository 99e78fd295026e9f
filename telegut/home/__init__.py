"""Pages that cross the domains: today and the record."""
