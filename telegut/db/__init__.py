"""The database floor: transactions with the caller's identity, sealed columns, audit, embedded PostgreSQL."""
