"""What pages say of whom they do not hear, on the ``/rooms`` socket."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from telegut.errors import Invalid
from telegut.rooms.lost.claims import Silence
from telegut.rooms.lost.service import LostMinutes
from telegut.rooms.signalling import Member, Say

MOST_PEOPLE: Final = 64
"""A page names at most so many, and so many silences that are over."""

_DAY_S: Final = 86_400


def unheard(lost: LostMinutes) -> Say:
    """
    Answers ``{"type": "unheard", "people": [ACCOUNT, …], "heard": […]}``: of the former nothing comes any more.

    With ``"ago": {ACCOUNT: 12.5}``, how many seconds ago the page noticed (left out: now), and ``"past": [{"account":
    ACCOUNT, "ago": 40, "until": 12.5}]``, what began and ended while nobody could be told.
    """

    async def say(member: Member, message: dict[str, Any]) -> None:
        heard = people(message.get("heard", []))
        await lost.hear(member.connection.visit, member.account, silences(message), heard)

    return say


def silences(message: Mapping[str, Any]) -> list[Silence]:
    """
    What a message tells of silence; what is over comes first.

    Raises:
        Invalid: it names no accounts, or times that are none.
    """
    ago, past = message.get("ago", {}), message.get("past", [])
    if not isinstance(ago, dict) or not isinstance(past, list) or len(past) > MOST_PEOPLE:
        raise Invalid("ago is seconds by account, past is a list of silences.")
    return [*map(_over, past), *(Silence(one, _seconds(ago.get(str(one), 0))) for one in people(message.get("people")))]


def _over(one: Any) -> Silence:
    if not isinstance(one, dict):
        raise Invalid("A silence has an account, ago and until.")
    [account] = people([one.get("account")])
    noticed, heard = _seconds(one.get("ago")), _seconds(one.get("until"))
    if heard > noticed:
        raise Invalid("A silence ends after it began.")
    return Silence(account, noticed, heard)


def _seconds(value: Any) -> timedelta:
    """So many seconds ago; what is longer than a day is one."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not value >= 0:
        raise Invalid("ago and until are seconds, and not negative.")
    return timedelta(seconds=min(value, _DAY_S))


def people(value: Any) -> set[UUID]:
    """
    The accounts in a message.

    Raises:
        Invalid: it is no list of accounts.
    """
    if not isinstance(value, list) or len(value) > MOST_PEOPLE:
        raise Invalid("people is a list of accounts.")
    try:
        return {UUID(str(one)) for one in value}
    except ValueError as exc:
        raise Invalid("people is a list of accounts.") from exc
