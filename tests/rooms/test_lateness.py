"""How late it is, told only as far as it is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from telegut.rooms.lateness.rules import Busy, Known, Outlook, Said, outlook

AMARA, JONAS = UUID(int=1), UUID(int=2)
NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)


def at(minutes: int) -> datetime:
    """So many minutes after nine."""
    return NINE + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("now", "said", "busy", "told"),
    [
        (-5, None, [], Outlook(Known.ON_TIME)),
        (1, None, [], Outlook(Known.NOT_KNOWN)),
        (-5, Said(10, AMARA, at(-6)), [], Outlook(Known.SAID, AMARA, 10, at(10))),
        (4, Said(5, AMARA, at(3)), [], Outlook(Known.SAID, AMARA, 8, at(8))),
        (9, Said(5, AMARA, at(3)), [], Outlook(Known.NOT_KNOWN)),  # that time has passed: it was wrong
        (2, None, [Busy(AMARA, at(10))], Outlook(Known.IN_ANOTHER_VISIT, AMARA, 10, at(10))),
        (-5, None, [Busy(AMARA, at(-1))], Outlook(Known.ON_TIME)),  # it is to end before this one begins
        (-5, None, [Busy(AMARA, at(10))], Outlook(Known.IN_ANOTHER_VISIT, AMARA, 10, at(10))),
        (2, None, [Busy(AMARA, at(-1))], Outlook(Known.IN_ANOTHER_VISIT, AMARA)),  # over its time: nobody knows
        (2, Said(15, AMARA, at(-3)), [Busy(AMARA, at(5))], Outlook(Known.SAID, AMARA, 15, at(15))),
        (2, None, [Busy(AMARA, at(20)), Busy(JONAS, at(5))], Outlook(Known.IN_ANOTHER_VISIT, JONAS, 5, at(5))),
    ],
)
def test_only_what_is_known_is_told(now: int, said: Said | None, busy: list[Busy], told: Outlook) -> None:
    assert told == outlook(NINE, at(now), here=[], said=said, busy=busy)


def test_who_is_there_is_not_late() -> None:
    late = Said(15, AMARA, at(-3))
    assert Outlook(Known.HERE, JONAS) == outlook(NINE, at(2), here=[JONAS], said=late, busy=[Busy(AMARA, at(9))])
