"""Makes a checkout runnable with nothing but Python's standard library."""
