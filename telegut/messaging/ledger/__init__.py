"""The reply ledger: who owes the next answer and by when, who covers for whom, and who is told when it is urgent."""
