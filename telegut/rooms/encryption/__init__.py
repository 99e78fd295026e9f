"""End-to-end encryption of a visit, keys that pass sealed, and candidates that tell no address a policy hides."""
