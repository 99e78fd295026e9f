"""What clients send about time and what we answer: the types that validate are the types of the description."""
