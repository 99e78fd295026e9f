"""A lab file becomes an honest report."""
