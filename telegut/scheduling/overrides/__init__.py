"""What staff decides against the rules: explicit, signed, and shown with the visit."""
