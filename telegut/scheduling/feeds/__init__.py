"""Visits in people's own calendars: private feeds, and CalDAV for reading."""
