"""Busy times from elsewhere: a practitioner's other calendars, read as plain ranges without words."""
