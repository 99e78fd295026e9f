"""Media by TCP."""
