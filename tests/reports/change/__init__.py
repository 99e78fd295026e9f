"""Tests of telegut.reports.change."""
