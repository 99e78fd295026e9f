"""Words that somebody writes often: their own, and the clinic's."""
