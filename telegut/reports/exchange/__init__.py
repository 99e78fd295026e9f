"""A report on its way out: FHIR, a table, and for research with consent."""
