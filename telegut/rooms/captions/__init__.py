"""Captions in a visit: the place for a source of them."""
