"""Pure parsers of lab files: bytes in, one sample's profile or a named refusal out. Recognition is by content alone."""
