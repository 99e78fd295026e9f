"""What holds for the whole clinic: its numbers, its holidays, and which visits no longer fit the hours."""
