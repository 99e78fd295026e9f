"""Tests of files in messages."""
