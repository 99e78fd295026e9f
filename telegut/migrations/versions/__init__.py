"""Migrations in one linear chain."""
