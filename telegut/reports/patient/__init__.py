"""The patient's report: the document, its reading levels, its PDF."""
