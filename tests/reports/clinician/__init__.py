"""Tests of the care team's view of a report."""
