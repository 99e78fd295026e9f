"""
What pages say of silence, and what is written down of it. Pure; times in UTC.

While web is away a call goes on without it, and pages know since when nothing came of somebody. They say how many
seconds ago they noticed, which needs no clock in common; telegut reckons by its own. A stretch begins ``LOST_AFTER``
before it was noticed, and never before the last of these:

==================================  =================================================================
not before                          because
==================================  =================================================================
the visit was live                  nothing is lost before it
``LONGEST_AGO``                     web is back sooner, or the page is not to be believed
the page had no line to the server  over a line that stands it says so at once; just back, it has
                                    ``SAYS_WITHIN`` to say what it noticed meanwhile
either of the two came in, or went  they could not be heard before, and nobody expected to
==================================  =================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from telegut.rooms import events
from telegut.rooms.evidence import Fact
from telegut.rooms.lost.rules import LOST_AFTER, Stretch

LONGEST_AGO: Final = timedelta(minutes=15)
"""A restart takes seconds, another machine minutes."""

SAYS_WITHIN: Final = timedelta(seconds=30)
"""A page says what it noticed as soon as it has its seat; a slow phone gets its time."""

MOST_KEPT: Final = 500
"""So many stretches of one visit are kept: one each 15 s of two hours, which is no call any more."""

_MOVES: Final = {events.ADMITTED, events.ENTERED, events.LEFT, events.REMOVED, events.SENT_BACK}


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing of *account* came: *noticed* so long ago, *heard* again so long ago; None: it goes on."""

    account: UUID
    noticed: timedelta
    heard: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The page's line to the server: since when it stands, and until when an earlier one did (None: there was none)."""

    opened: datetime
    stood: datetime | None

    def silent_since(self, now: datetime) -> datetime:
        """What the page noticed after this it may not have been able to say before."""
        if self.stood is None or now - self.opened > SAYS_WITHIN:
            return self.opened
        return self.stood


def stretches(
    silence: Silence, witness: UUID, now: datetime, line: Line, started: datetime, facts: Iterable[Fact]
) -> list[Stretch]:
    """
    What is written down of *silence*; nothing of what was over sooner than anybody could have noticed.

    Where the witness's own line broke meanwhile, one stretch ends and the next begins: what was said before that ended
    there (`rules`), and this goes on.
    """
    own = [fact for fact in facts if fact.account in (silence.account, witness)]
    noticed = min(now, max(now - silence.noticed, now - LONGEST_AGO, line.silent_since(now)))
    began = max([noticed - LOST_AFTER, started, *(fact.at for fact in own if fact.word in _MOVES)])
    ended = None if silence.heard is None else now - silence.heard
    if ended is not None and ended - began < LOST_AFTER:
        return []
    breaks = sorted(fact.at for fact in own if fact.word == events.LOST and fact.account == witness != silence.account)
    edges = [began, *(at for at in breaks if began < at < (ended or now)), ended]
    return [Stretch(silence.account, witness, since, until) for since, until in pairwise(edges) if since is not None]


def room_for(found: Sequence[Stretch], known: int) -> Sequence[Stretch]:
    """As many of *found* as are still kept where *known* are."""
    return found[: max(0, MOST_KEPT - known)]
