"""Janus behind the forwarder's questions."""
