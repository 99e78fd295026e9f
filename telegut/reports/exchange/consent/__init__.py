"""Consent to research: given or withdrawn by the patient or who acts for them, each decision a row."""
