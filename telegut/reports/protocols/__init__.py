"""How a clinic takes samples: protocols that samples inherit, and what their laboratory found in quality material."""
