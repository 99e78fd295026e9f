"""Visits whose hour on the wall a change of zone data would move: found, told, and decided by a person."""
