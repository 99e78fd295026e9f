"""Goals, steps, safety gates and live notes."""
