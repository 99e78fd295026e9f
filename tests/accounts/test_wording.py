"""The audit trail in words."""

from __future__ import annotations

import pytest

from telegut.accounts.wording import sentence


@pytest.mark.parametrize(
    ("action", "what", "expected"),
    [
        ("read", "report", "looked at a report"),
        ("write", "message", "wrote a message"),
        ("write", "care_team", "changed the care team"),
        ("book", "appointment", "booked an appointment"),
        ("read", "team note", "looked at team note"),
        ("archive", "x_ray", "archive x ray"),
    ],
)
def test_an_access_is_a_sentence(action: str, what: str, expected: str) -> None:
    assert expected == sentence(action, what)
