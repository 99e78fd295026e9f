"""Availability, slots and appointments."""
