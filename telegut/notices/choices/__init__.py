"""How each person wants to be told: kinds, channels, quiet hours, several at once."""
