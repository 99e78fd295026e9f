"""Visits: the lobby, admission, signalling, the record of who was there."""
