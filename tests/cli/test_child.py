"""How long a process that keeps dying is left alone."""

from __future__ import annotations

from telegut.cli.child import BackOff


def test_a_process_that_keeps_dying_is_tried_more_and_more_rarely() -> None:
    delays, state = [], BackOff()
    for _ in range(9):
        state = state.after(lived_s=1.0)
        delays.append(state.delay_s)

    assert delays == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_a_good_life_is_followed_at_once_by_the_next() -> None:
    assert BackOff(deaths=7).after(lived_s=10.0).delay_s == 0.0
