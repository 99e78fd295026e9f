"""Threads beside the one place of a patient and their team: opening them, who stays in them, what was said before."""
