"""Tests of telegut.reports.versions."""
