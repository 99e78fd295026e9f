"""One day across all practitioners, for who arranges visits: hours, visits and free times side by side."""
