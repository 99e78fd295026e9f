"""A test from its order to its report: who ordered it and why, and what is asked before the sample is taken."""
