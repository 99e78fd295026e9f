"""Notices by mail, from types that cannot hold clinical text."""
