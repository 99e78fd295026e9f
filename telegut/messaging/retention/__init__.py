"""How long words are kept, and records that are held for a court."""
