"""Tests of telegut.reports.patient."""
