"""Pointing at a place in the record while both look at it."""
