"""How well a path carries, as tables: the words, how soon it is lost, how long better must hold."""

from __future__ import annotations

import pytest

from telegut.rooms.media.quality import LOST_S, STEADY_S, Quality, Way, Word, Words, graded


@pytest.mark.parametrize(
    ("way", "word"),
    [
        (Way(), "excellent"),
        (Way(0.02, 0.3), "excellent"),
        (Way(0.03), "good"),
        (Way(0.0, 0.4), "good"),
        (Way(0.10, 0.6), "good"),
        (Way(0.11), "poor"),
        (Way(0.0, 0.7), "poor"),
        (Way(1.0, None), "poor"),
    ],
)
def test_a_way_has_its_word(way: Way, word: Quality) -> None:
    assert graded(way) == word


def test_a_silent_browser_is_lost_both_ways_within_three_seconds_and_found_at_once() -> None:
    words = Words()
    beat = 0.2  # of the forwarder
    told = next(step * beat for step in range(100) if words.after(Way(), Way(), step * beat, 100).said[0] == "lost")

    assert LOST_S < told <= 3.0
    lost = words.after(Way(), Way(), 5, 100)
    assert lost.said == ("lost", "lost")
    assert lost.after(Way(), Way(0.05), 0.1, 101).said == ("excellent", "good")


def test_up_and_down_are_two_things() -> None:
    assert Words().after(Way(0.3), Way(), 0, 1).said == ("poor", "excellent")
    assert Words().after(Way(), Way(0.05), 0, 1).said == ("excellent", "good")


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ([(0, "poor")], "poor"),
        ([(0, "poor"), (1, "excellent")], "poor"),
        ([(0, "poor"), (1, "excellent"), (1 + STEADY_S, "excellent")], "excellent"),
        ([(0, "poor"), (1, "excellent"), (2, "poor"), (3, "excellent"), (5, "excellent")], "poor"),
        ([(0, "poor"), (1, "excellent"), (2, "good"), (1 + STEADY_S, "excellent")], "good"),
        ([(0, "good"), (1, "poor")], "poor"),
    ],
)
def test_worse_is_said_at_once_and_better_when_it_has_held(seen: list[tuple[float, Quality]], said: Quality) -> None:
    word = Word()
    for at, quality in seen:
        word = word.after(quality, at)

    assert word.said == said


def test_a_path_without_room_for_a_picture_that_is_looked_at_is_called_poor() -> None:
    assert graded(Way(0.0, 0.05, short=True)) == "poor"
    assert Words().after(Way(), Way(short=True), 0, 1).said == ("excellent", "poor")
