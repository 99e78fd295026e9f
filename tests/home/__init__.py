"""Tests of the pages that cross domains."""
