"""Tests of the reply ledger."""
