"""The day of a practitioner, and of whoever arranges everybody's: what each visit needs next, the pressing first."""
