"""The schema, one step after another."""
