"""Comparison groups and the names of microbes."""
