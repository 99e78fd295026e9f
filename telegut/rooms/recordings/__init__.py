"""Recordings of visits: everybody's consent, the film that is made of what was kept, and who may watch it."""
