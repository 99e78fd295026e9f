"""Instruments, diary and series."""
