"""Finding words in sealed messages, within one patient's own conversations."""
