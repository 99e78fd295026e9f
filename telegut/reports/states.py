"""
Where a report is on its way.

::

    received ──► ready
       ▲  └────► refused
       │  └────► choose_sample
       └─────────────┘ a person chose

`received` is the only state the worker acts on. A refused table that nobody knows goes back to `received` when somebody
says what its columns mean; a refused document when somebody types it, and again when they correct what they typed.
`ready` and `refused` are interpretations: a reader that has learnt something may make another one of either.
"""

from __future__ import annotations

from typing import Literal

from telegut.errors import Conflict, Refused

State = Literal["received", "ready", "refused", "choose_sample"]


class OfSeveral(Refused):
    """
    This file holds the samples of several people, so only your care team can download it. Your own rows can be taken
    along as a table.
    """


class NothingToChoose(Conflict):
    """The sample of this report does not need choosing, or somebody has just chosen it."""
