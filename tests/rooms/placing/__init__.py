"""Tests of where rooms are."""
