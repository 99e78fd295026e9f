"""Interpreters: people who translate in a visit. They give their time like practitioners, and see no record."""
