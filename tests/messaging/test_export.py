"""A conversation that is taken along, as a page of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from telegut.messaging.export import rules
from telegut.messaging.export.rules import Format
from telegut.messaging.inbox import Conversation, Participant

LENA, MOTHER, AMARA = (UUID(int=number) for number in range(1, 4))
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def _line(**said: Any) -> str:
    entry = {"type": "message.sent", "seq": 7, "id": "m7", "sender": "a", "sent_at": "2026-11-23T09:00:00Z", **said}
    return rules.line(Format.HTML, entry, {"a": "Mei"}, "UTC", first=False, numbers={"m3": 3})


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"body": "One\nTwo"}, '<p class="words">One\nTwo</p>'),
        ({"body": "", "cites": [{"kind": "diary_day", "id": "2026-11-22", "place": None}]}, "diary day 2026-11-22</p>"),
        ({"body": "", "cites": [{"kind": "finding", "id": "x", "place": "Oats & rye"}]}, "finding Oats &amp; rye</p>"),
        ({"body": "", "cites": [{"kind": "report", "id": "x", "place": None}]}, "<p>About: report</p>"),
        ({"type": "message.edited", "message": "m3", "body": "New"}, "changed the words of message 3 to "),
        ({"type": "message.retracted", "message": "m3"}, "took message 3 back "),
        ({"type": "message.retracted", "message": "m1"}, "took an earlier message back "),
    ],
)
def test_a_line_says_what_it_is_about(said: dict[str, Any], shown: str) -> None:
    assert shown in _line(**said)


def test_the_page_fits_a_phone_and_keeps_line_breaks() -> None:
    head = rules.begin(Format.HTML, {"subject": "<Oats>", "patient_name": "Mei", "zone": "UTC"})

    assert ("width=device-width" in head, ".words{white-space:pre-line}" in head) == (True, True)
    assert "<title>&lt;Oats&gt;</title>" in head


def test_a_guardian_who_is_a_patient_too_stands_here_as_guardian() -> None:
    roles = {LENA: {"patient"}, MOTHER: {"patient"}, AMARA: {"nutritionist", "patient"}}
    people = [Participant(one, "", frozenset(held), 0) for one, held in roles.items()]
    here = Conversation(AMARA, LENA, "Lena", "care", None, 0, NOW, 0, 0, None, tuple(people))

    assert [["patient"], ["guardian"], ["nutritionist"]] == [here.stands_as(one) for one in people]
    assert ["guardian"] == here.stands_as(Participant(MOTHER, "", frozenset({"guardian", "patient"}), 0))
