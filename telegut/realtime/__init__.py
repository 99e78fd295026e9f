"""The mailbox feed: what happened, to whom, in order, resumable."""
