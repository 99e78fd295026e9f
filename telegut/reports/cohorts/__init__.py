"""Comparison groups: who is in them, when one may be held beside a sample, and what may then be said."""
