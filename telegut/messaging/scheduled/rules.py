"""When a message may be sent later, and what its writer is told. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum

from telegut.errors import Conflict, FieldError, Invalid
from telegut.messaging.rules import ClientIdReused
from telegut.scheduling import zones

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
"""Wall times of the reader's zone between which a message is better not sent."""


class State(StrEnum):
    """How far a scheduled message has come."""

    WAITING = "waiting"
    SENT = "sent"
    CANCELLED = "cancelled"
    REFUSED = "refused"


class NotWaiting(Conflict):
    """This message was sent, cancelled or refused already."""


class KeptOtherwise(ClientIdReused):
    """A message with this client_id is kept already, with other words or for another moment. This one was not kept."""


class SentAlready(ClientIdReused):
    """A message with this client_id was sent already. This one was not kept."""


class Why(StrEnum):
    """Why a message was or will not be sent: its writer has left, or sent other words under the same ``client_id``."""

    LEFT = "left"
    CLIENT_ID = "client_id_reused"


class ChangedElsewhere(Conflict):
    """This message was changed in another window. Please look at it again."""


def check_moment(send_at: datetime, *, now: datetime, horizon: timedelta) -> datetime:
    """
    Return *send_at*, an instant after *now* and within *horizon*.

    Raises:
        Invalid: it is past, or too far away.
    """
    if send_at <= now:
        raise _about("This moment has passed. Choose a later one, or send the message now.")
    if send_at > now + horizon:
        raise _about(f"A message can be sent at most {horizon.days} days from now.")
    return send_at


def is_quiet(send_at: datetime, zone: str) -> bool:
    """Whether the clock on the reader's wall, in *zone*, shows the evening or the night at *send_at*."""
    wall = zones.on_the_wall(send_at, zone).time()
    return wall >= QUIET_FROM or wall < QUIET_UNTIL


def _about(message: str) -> Invalid:
    return Invalid(message, errors=[FieldError("send_at", message)])
