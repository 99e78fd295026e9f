"""Tests of telegut.reports.exchange."""
