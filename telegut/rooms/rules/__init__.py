"""The state of a visit and its rules: `step` applies a `commands` word to a `visit`; see `step` for the picture."""
