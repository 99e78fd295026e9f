"""What calls lost."""
