"""Durable jobs with leases, enqueued in the transaction that causes them."""
