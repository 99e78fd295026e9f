"""Series: one visit again and again at the same wall time, agreed on as a whole."""
