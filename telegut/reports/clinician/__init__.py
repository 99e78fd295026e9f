"""The report as the care team looks at it, in a session and on its own page (domain research, section 8.1)."""
