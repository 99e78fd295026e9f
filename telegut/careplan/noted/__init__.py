"""What was looked at when a step was agreed: places that a step cites as context, never as its reason."""
