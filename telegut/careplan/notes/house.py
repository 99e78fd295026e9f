"""What the live notes of a process stand on: the database, its clock, bounds, and the way to other processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from telegut.careplan.notebook import Place
from telegut.clock import Clock
from telegut.db.engine import Database
from telegut.db.sealed import Vault


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Bounds of live notes.

    peers: sockets of one note in this process. document_bytes: of one note's state. compact_every: rows of the log
    before a snapshot. poll_s: how often the log is read unasked. retry_s: pause after the database refused.
    """

    peers: int
    document_bytes: int
    compact_every: int
    poll_s: float
    retry_s: float = 0.5


@dataclass(frozen=True, slots=True)
class House:
    """
    What a note needs of its process.

    tell: wake the other processes, the log of a note goes so far. pass_on: show them where people are.
    """

    db: Database
    vault: Vault
    now: Clock
    limits: Limits
    tell: Callable[[Place, int], None]
    pass_on: Callable[[Place, bytes], None]
