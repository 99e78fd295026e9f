"""Lost minutes: when somebody could not be seen or heard, kept with the visit and shown to its practitioners."""
