"""Who waits for time to become free, in an order that anyone can check; an offer is a hold."""
