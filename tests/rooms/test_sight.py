"""What each part in a visit may see: the whole table."""

from __future__ import annotations

import pytest

from telegut.rooms.sight import COMPANIONS, What, sees

EVERYTHING = frozenset(What)
TABLE = {
    "consultant": EVERYTHING,
    "nutritionist": EVERYTHING,
    "practitioner": EVERYTHING,
    "patient": EVERYTHING,
    "guardian": EVERYTHING,
    "interpreter": frozenset({What.PICTURE, What.APPOINTMENT}),
    "supporter": frozenset({What.PICTURE}),
    "student": frozenset({What.PICTURE}),
}


@pytest.mark.parametrize("role", TABLE)
def test_who_sees_what(role: str) -> None:
    assert TABLE[role] == {what for what in What if sees(role, what)}


def test_nobody_who_accompanies_sees_the_record() -> None:
    assert not any(sees(role, what) for role in COMPANIONS for what in (What.RECORD, What.CHAT, What.WHOLE_NAMES))
