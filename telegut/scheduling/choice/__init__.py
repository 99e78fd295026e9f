"""Choosing: by language, by reason for coming, who is free first, and what was suggested for next time."""
