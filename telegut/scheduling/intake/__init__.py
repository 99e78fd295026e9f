"""Forms before a visit: what is asked for each kind of visit, and what the patient answered."""
