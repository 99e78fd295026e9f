"""The `telegut` command."""
