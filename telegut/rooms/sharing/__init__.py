"""Showing something by picture during a visit: a screen, or a photo of something."""
