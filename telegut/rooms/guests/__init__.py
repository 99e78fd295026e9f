"""People who come to a visit by a link of their own: an interpreter, somebody for support, a student."""
