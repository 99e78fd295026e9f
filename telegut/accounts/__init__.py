"""People, sign-in, roles, care teams."""
