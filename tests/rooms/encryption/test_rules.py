"""What a sealed key may look like, who may switch encryption, and what the forwarder still reads of sealed frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from telegut.errors import Invalid
from telegut.rooms.encryption.rules import RecordingRuns, check_choice, check_key
from telegut.rooms.media import payloads
from telegut.rooms.media.inbound import Inbound, Kept
from telegut.rooms.rules import refusals
from telegut.rooms.rules.refusals import NotTheHost, VisitEnded
from telegut.rooms.rules.visit import Phase, Seat, Visit

HOST, GUEST = uuid4(), uuid4()
AT = datetime(2026, 11, 24, 14, 30, tzinfo=ZoneInfo("UTC"))
VISIT = Visit(
    uuid4(),
    AT,
    AT,
    AT + timedelta(hours=1),
    (Seat(HOST, "consultant", True), Seat(GUEST, "patient", False)),
    Phase.LIVE,
)
KEY = {"type": "key", "to": str(GUEST), "half": "B" * 87, "sealed": "a-_9" * 22}


def test_a_sealed_key_passes_and_nothing_beside_it() -> None:
    assert check_key({**KEY, "plain": "abc", "from": "x"}) == KEY
    assert check_key({name: KEY[name] for name in ("type", "to", "half")}) == {
        "type": "key",
        "to": str(GUEST),
        "half": "B" * 87,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"half": "B" * 101},
        {"half": ""},
        {"half": None},
        {"half": "a b"},
        {"sealed": "a" * 201},
        {"sealed": {"key": "a"}},
        {"sealed": None},
        {"sealed": "a\n"},
        {"to": None},
    ],
)
def test_anything_longer_or_other_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        check_key({**KEY, **change})


@pytest.mark.parametrize(
    ("visit", "who", "recorded", "on", "refusal"),
    [
        (VISIT, HOST, False, True, None),
        (VISIT, HOST, True, False, None),
        (VISIT, HOST, True, True, RecordingRuns),
        (VISIT, GUEST, False, True, NotTheHost),
        (VISIT, uuid4(), False, True, refusals.NotAPlaceHere),
        (replace(VISIT, phase=Phase.SCHEDULED), HOST, False, True, None),
        (replace(VISIT, phase=Phase.ENDED), HOST, False, True, VisitEnded),
    ],
)
def test_who_may_choose(visit: Visit, who: UUID, recorded: bool, on: bool, refusal: type[Exception] | None) -> None:
    if refusal is None:
        check_choice(visit, who, recorded=recorded, on=on)
    else:
        with pytest.raises(refusal):
            check_choice(visit, who, recorded=recorded, on=on)


DESCRIPTOR = bytes((0x90, 0x80, 0x81, 0x23))
"""A frame begins, in partition 0; a picture id of 15 bits (RFC 7741, section 4.2)."""
KEY_FRAME = bytes((0x50, 0x42, 0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01))
"""The ten bytes that stay clear: RFC 6386, section 9.1."""
DELTA_FRAME = bytes((0xB1, 0x02, 0x00))


@pytest.mark.parametrize("sealed", [bytes(range(256)), bytes(256), bytes((0xFF,)) * 256])
def test_key_frames_are_known_by_their_clear_bytes_whatever_follows(sealed: bytes) -> None:
    seen: list[bool] = []

    class Taker:
        """Notes where key frames begin."""

        def forward(self, stream: Inbound, packets: Sequence[Kept]) -> None:
            """Note it."""
            seen.extend(key for *_, key in packets)

    stream = Inbound(1, "vp8", 90_000, "h")
    stream.add(Taker())
    for number, payload in enumerate((DESCRIPTOR + KEY_FRAME + sealed, bytes((0x80, 0x80, 0x81, 0x23)) + sealed)):
        stream.take(number, 0, False, payload, 0.0)
    stream.take(2, 3000, True, DESCRIPTOR + DELTA_FRAME + sealed, 0.1)
    stream.hand_on()

    assert [True, False, False] == seen
    found = payloads.vp8(DESCRIPTOR + KEY_FRAME + sealed)
    assert found is not None
    assert (found.picture, found.wide) == (2, True)
