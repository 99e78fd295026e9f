"""A whole conversation to take along, as JSON or as a page without scripts."""
