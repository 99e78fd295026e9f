"""The clock of the rooms: what is due each second is, also in a process whose beats are late."""

from __future__ import annotations

import pytest

from telegut.rooms.media.forwarder import BEAT_S, SECOND_S, Every


@pytest.mark.parametrize(("beat", "times"), [(BEAT_S, 20), (BEAT_S * 1.02, 20), (0.3, 17), (2.0, 10)])
def test_a_second_is_one_however_late_the_beats_are(beat: float, times: int) -> None:
    second = Every(SECOND_S)
    due = [second.due(100 + number * beat) for number in range(round(20 / beat))]

    assert times == sum(due)
