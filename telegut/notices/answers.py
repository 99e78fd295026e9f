"""How a server that hands on our notices may say no: for good, or for now."""

from __future__ import annotations


class Refused(Exception):
    """The server will never take this. *code* is what it answered (RFC 5321, section 4.2; RFC 9110, section 15)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused with {code}")
        self.code = code


class Away(Exception):
    """The server cannot be reached, or takes nothing at this moment."""
