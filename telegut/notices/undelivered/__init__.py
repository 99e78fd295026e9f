"""What could not be sent, for an administrator."""
