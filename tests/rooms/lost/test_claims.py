"""What pages say of silence that they noticed while they could not say it, as a table: what is written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from telegut.errors import Invalid
from telegut.rooms import events
from telegut.rooms.evidence import Fact, Interval
from telegut.rooms.lost.claims import MOST_KEPT, Line, Silence, room_for, stretches
from telegut.rooms.lost.rules import Lost, Stretch, settled
from telegut.rooms.lost.socket import silences

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LENA, AMARA = uuid4(), uuid4()
ADMITTED = (0.0, events.ADMITTED, LENA)


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def after_noon(when: datetime) -> float:
    """In seconds."""
    return (when - NOON) / timedelta(seconds=1)


def written(
    now: float, ago: float, until: float | None, line: tuple[float, float | None], facts: list[tuple[float, str, UUID]]
) -> list[tuple[float, float | None]]:
    """What Amara's page says of Lena: it noticed so long *ago*, and heard her again so long ago (*until*)."""
    silence = Silence(LENA, timedelta(seconds=ago), None if until is None else timedelta(seconds=until))
    opened, stood = line
    own = Line(at(opened), None if stood is None else at(stood))
    seen = [Fact(at(when), word, account) for when, word, account in facts]
    found = stretches(silence, AMARA, at(now), own, at(10), seen)
    assert all((one.account, one.witness) == (LENA, AMARA) for one in found)
    return [(after_noon(one.since), None if one.until is None else after_noon(one.until)) for one in found]


@pytest.mark.parametrize(
    ("now", "ago", "until", "line", "facts", "says"),
    [
        # the line stands: a page says at once what it notices
        (600, 0, None, (5, None), [ADMITTED], [(597, None)]),
        (600, 2, None, (5, None), [ADMITTED], [(595, None)]),
        # web was away from 560 to 598: what began meanwhile is said now
        (600, 30, None, (598, 560), [ADMITTED], [(567, None)]),
        (600, 30, 12, (598, 560), [ADMITTED], [(567, 588)]),
        # never before the line broke, and a line that has stood for long says nothing of before
        (600, 300, None, (598, 560), [ADMITTED], [(557, None)]),
        (600, 300, None, (500, 460), [ADMITTED], [(497, None)]),
        (600, 300, None, (598, None), [ADMITTED], [(595, None)]),
        # no longer than the limit, nor before the visit was live
        (6000, 5000, None, (5998, 1000), [ADMITTED], [(6000 - 903, None)]),
        (600, 595, None, (598, 2), [ADMITTED], [(10, None)]),
        # nor before either of the two came in, or after they went
        (600, 30, None, (598, 560), [ADMITTED, (580, events.ENTERED, LENA)], [(580, None)]),
        (600, 30, None, (598, 560), [ADMITTED, (590, events.ENTERED, AMARA)], [(590, None)]),
        (600, 30, 25, (598, 560), [ADMITTED, (590, events.SENT_BACK, LENA)], []),
        # their own seat was counted as lost meanwhile: it goes on all the same
        (600, 30, None, (598, 560), [ADMITTED, (572, events.LOST, AMARA)], [(567, 572), (572, None)]),
        (600, 30, None, (598, 560), [ADMITTED, (572, events.LOST, LENA)], [(567, None)]),
        # shorter than anybody could notice
        (600, 30, 29.5, (598, 572), [ADMITTED], []),
        # a clock of the database that is ahead of ours
        (600, 0, None, (601, None), [ADMITTED], [(597, None)]),
    ],
)
def test_a_silence_that_could_not_be_told_begins_when_it_began(
    now: float,
    ago: float,
    until: float | None,
    line: tuple[float, float | None],
    facts: list[tuple[float, str, UUID]],
    says: list[tuple[float, float | None]],
) -> None:
    assert says == written(now, ago, until, line, facts)


def test_what_was_cut_where_the_witness_was_counted_as_lost_is_one_for_who_reads_it() -> None:
    parts = [Stretch(LENA, AMARA, at(567), at(572)), Stretch(LENA, AMARA, at(572), at(603))]

    found = settled(parts, [Fact(at(572), events.LOST, AMARA)], at(700))

    assert [Lost(LENA, Interval(at(567), at(603)))] == found


def test_two_who_noticed_the_same_are_one_and_two_who_were_lost_are_two() -> None:
    parts = [
        Stretch(LENA, AMARA, at(10), at(30)),
        Stretch(LENA, LENA, at(12), at(20)),
        Stretch(AMARA, LENA, at(15), None),
    ]

    found = settled(parts, [], at(40))

    assert [Lost(LENA, Interval(at(10), at(30))), Lost(AMARA, Interval(at(15), at(40)))] == found


def test_a_page_that_says_it_over_and_over_fills_no_database() -> None:
    found = [Stretch(LENA, AMARA, at(1), None)] * 3

    assert [3, 1, 0, 0] == [len(room_for(found, known)) for known in (0, MOST_KEPT - 1, MOST_KEPT, MOST_KEPT + 5)]


_ONE = "01992f3c-0000-7000-8000-000000000000"


def test_what_a_page_says_is_read_what_is_over_first() -> None:
    said = {"people": [_ONE], "ago": {_ONE: 2.5}, "past": [{"account": _ONE, "ago": 1e300, "until": 9}]}

    over, still = silences(said)

    assert Silence(UUID(_ONE), timedelta(days=1), timedelta(seconds=9)) == over
    assert Silence(UUID(_ONE), timedelta(seconds=2.5)) == still
    assert [Silence(UUID(_ONE), timedelta(0))] == silences({"people": [_ONE]})


@pytest.mark.parametrize(
    "more",
    [
        {"ago": []},
        {"ago": {_ONE: -1}},
        {"ago": {_ONE: True}},
        {"ago": {_ONE: float("nan")}},
        {"past": {}},
        {"past": ["x"]},
        {"past": [{"account": _ONE, "ago": 3}]},
        {"past": [{"account": _ONE, "ago": 3, "until": 4}]},
        {"past": [{"account": "nobody", "ago": 4, "until": 3}]},
        {"past": [{"account": _ONE, "ago": 4, "until": 3}] * 65},
    ],
)
def test_times_that_are_none_are_refused(more: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        silences({"people": [_ONE], **more})
