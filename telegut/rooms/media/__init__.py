"""The media worker."""
