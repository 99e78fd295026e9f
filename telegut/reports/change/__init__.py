"""Change over time: two samples of one person, measured the same way, beside what changes by itself."""
