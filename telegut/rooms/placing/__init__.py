"""Which media process has the room of a visit: one for all web processes, by the database."""
