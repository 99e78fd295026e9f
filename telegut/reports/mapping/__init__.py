"""Tables of no known format: a person says what the columns mean, and the next file of that laboratory is easier."""
