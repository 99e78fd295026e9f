"""Tests of the media process."""
