"""One pure parser per lab format: bytes in, a profile out."""
