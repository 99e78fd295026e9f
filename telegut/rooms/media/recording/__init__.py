"""What a media process keeps of a call that is recorded with everybody's consent: packets, sealed as they come."""
