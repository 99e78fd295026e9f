"""How late it is, said only as far as it is known."""
