"""The demonstration clinic and the acceptance fixture."""
