"""Which media process takes a room."""

from __future__ import annotations

from dataclasses import replace

from telegut.rooms.placing.rules import Candidate, least_loaded

IDLE = Candidate("media-0", "a", load=0.0, rooms=0)
BUSY = Candidate("media-1", "b", load=0.6, rooms=1)


def test_the_least_loaded_takes_it_whatever_its_rooms() -> None:
    assert replace(IDLE, rooms=9) == least_loaded([BUSY, replace(IDLE, rooms=9)])


def test_of_two_alike_the_one_with_fewer_rooms_takes_it_and_then_the_first_by_name() -> None:
    fuller = Candidate("media-1", "b", load=0.01, rooms=3)

    assert IDLE == least_loaded([fuller, IDLE])
    assert IDLE == least_loaded([replace(fuller, rooms=0), IDLE])


def test_what_was_placed_since_the_last_report_counts() -> None:
    assert BUSY == least_loaded([replace(IDLE, promised=40), BUSY])


def test_who_drains_or_is_ruled_out_takes_nothing() -> None:
    assert BUSY == least_loaded([replace(IDLE, takes=False), BUSY])
    assert BUSY == least_loaded([IDLE, BUSY], without=["a"])
    assert least_loaded([replace(IDLE, takes=False), BUSY], without=["b"]) is None
    assert least_loaded([]) is None
