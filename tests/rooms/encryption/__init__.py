"""Tests of encryption, of sealed keys, and of what candidates tell."""
