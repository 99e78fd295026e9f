"""Web push: devices, keys, encryption and sending."""
