"""What a path carries, as tables: layers and pictures, seconds that are long, estimates that are old, steps up."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from telegut.cli.calls import descriptions
from telegut.cli.calls.caller import Caller
from telegut.cli.calls.descriptions import Line
from telegut.rooms.media import budget, rtcp, sdp
from telegut.rooms.media.aiortc_private import Certificate
from telegut.rooms.media.budget import CLEAR_S, MISSING_PATIENCE_S, PROVEN_S, Patience, Wish
from telegut.rooms.media.carried import ALONE_S, PERSISTS_S, Carried
from telegut.rooms.media.egress import Egress
from telegut.rooms.media.inbound import Inbound
from telegut.rooms.media.session import Layout, Session

WISHES = (Wish("a", "other", (100, 800), 1), Wish("b", "speaker", (100, 800), 1), Wish("c", "screen", (300,), 0))
FIVE = tuple(Wish(name, "other", (100,), 0) for name in "abcde")
SLOW = 1.5


@pytest.mark.parametrize(
    ("path", "before", "given"),
    [
        (Carried(None, 0, 0.0), {"a": 0, "b": 0, "c": 0}, {"a": 0, "b": 0, "c": 0}),
        (Carried(50, 10, 0.0), {"a": 1, "b": 0}, {"a": 1, "b": 0}),  # a small estimate of a path that was hardly used
        (Carried(3_000, 4_000, 0.0), {"a": 1, "b": 1, "c": 0}, {"a": 1, "b": 1, "c": 0}),  # full, and all fits
        (Carried(1_300, 2_000, 0.0), {"a": 1, "b": 1, "c": 0}, {"a": 0, "b": 1, "c": 0}),  # the speaker stays large
        (Carried(450, 2_000, 0.0, trip=SLOW), {"a": 1, "b": 1, "c": 0}, {"b": 0, "c": 0}),
        (Carried(450, 2_000, 0.0), {"a": 1, "b": 1, "c": 0}, {"a": 0, "b": 0, "c": 0}),  # nobody notices: only smaller
        (Carried(50, 500, 0.2), {"a": 0, "b": 0, "c": 0}, {}),  # voices, and nothing else
        (Carried(50, 500, 0.2, seconds=PERSISTS_S - 1), {"a": 0, "b": 0, "c": 0}, {"a": 0, "b": 0, "c": 0}),
        (Carried(None, 1_000, 0.2), {"a": 1, "b": 0, "c": 0}, {"a": 0, "b": 0, "c": 0}),
        (Carried(None, 1_000, 0.2, anyway=0.15), {"a": 1, "b": 0, "c": 0}, {"a": 1, "b": 0, "c": 0}),
    ],
)
def test_what_a_path_carries(path: Carried, before: dict[str, int], given: dict[str, int]) -> None:
    assert given == budget.within(path, WISHES, before)


def test_five_in_a_hundred_lost_take_no_picture_away() -> None:
    path = Carried(None, 0, 0.0, seconds=0)
    seconds = [0.0, 0.2, 0.02, 0.11, 0.0, 0.06, 0.0, 0.15, 0.05, 0.02]
    fulls = []
    for lost in seconds:
        path = path.then(200_000, 180_000, lost)
        fulls.append(path.full)

    assert not any(fulls)


@pytest.mark.parametrize(
    ("trip", "lost", "seen"),
    [
        (SLOW, 0.0, [{"a": 0}, {"a": 0}, {}, {}]),
        (0.1, 0.09, [{"a": 0}, {"a": 0}, {}, {}]),
        (0.1, 0.0, [{"a": 0}] * 4),  # a browser whose machine is busy
    ],
)
def test_a_picture_goes_when_the_path_stays_full_and_people_notice(
    trip: float, lost: float, seen: list[dict[str, int]]
) -> None:
    path, given, found = Carried(None, 0, 0.0, seconds=0), {"a": 0}, []
    for _ in range(4):
        path = path.then(50, 2_000, lost, trip)
        given = budget.within(path, [Wish("a", "other", (100,), 0)], given)
        found.append(dict(given))

    assert seen == found


def test_an_estimate_that_rises_is_not_yet_the_truth() -> None:
    path = Carried(100_000, 48_000, 0.0, seconds=0)

    assert not path.then(108_000, 200_000, 0.0).full
    assert path.then(101_000, 200_000, 0.0).full
    assert not Patience(9.0, 1.0, tried=9.5).believes(path.then(101_000, 200_000, 0.0), 10.0).full


def test_loss_that_is_there_without_a_picture_is_not_the_pictures() -> None:
    radio = Carried(None, 200_000, 0.0, seconds=0)
    for _ in range(20):
        radio = radio.then(None, 200_000, 0.15)
    assert radio.full

    radio = radio.then(None, 0, 0.9)  # still about the time before
    assert not radio.full
    for _ in range(ALONE_S):
        radio = radio.then(None, 0, 0.15)
    worse = radio
    for _ in range(10):
        radio, worse = radio.then(None, 200_000, 0.17), worse.then(None, 200_000, 0.4)
    assert not radio.full
    assert worse.full


def test_a_picture_that_is_only_tried_goes_as_soon_as_it_harms() -> None:
    tried = Patience(0.0).steps(10.0, missing=True)
    harmed, noisy = Carried(None, 100, 0.2, seconds=1), Carried(60, 100, 0.0, seconds=1, trip=0.3)

    assert tried.believes(harmed, 11.0).hopeless
    assert not tried.believes(noisy, 13.0).hopeless
    assert not Patience(0.0).believes(harmed, 11.0).hopeless


def test_what_was_lost_of_large_pictures_takes_no_small_ones_away() -> None:
    path, patience, given = Carried(None, 900, 0.0, seconds=0), Patience(0.0), {"a": 1, "b": 1}
    for second, lost in enumerate([0.6, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0]):
        path = path.then(None, 1_600 if second < 2 else 200, lost)
        before, given = given, budget.within(patience.believes(path, second), WISHES, given)
        patience = patience.after(path, second)
        if given != before:
            patience = patience.lowered(second)

    assert given.keys() == {"a", "b"}
    assert not path.full


def test_what_was_made_too_large_becomes_small_again_before_anybody_goes() -> None:
    tried = Patience(0.0).steps(10.0)
    worse = Carried(150, 1_000, 0.3, seconds=PERSISTS_S)
    failed = tried.after(tried.believes(worse, 12.5), 12.5)

    assert {"a": 0, "b": 0} == budget.within(tried.believes(worse, 12.5), WISHES, {"a": 1, "b": 0})
    assert {"a": 0, "b": 0} == budget.within(failed.believes(worse, 12.7), WISHES, {"a": 0, "b": 0})
    assert {"b": 0} == budget.within(failed.believes(worse, 12.5 + PERSISTS_S), WISHES, {"a": 0, "b": 0})


def test_loss_of_which_nothing_more_is_told_is_forgotten() -> None:
    path = Carried(None, 200_000, 0.4, seconds=5)
    for _ in range(30):
        path = path.then(None, 200_000, None)

    assert not path.full
    assert not path.seconds


@pytest.mark.parametrize(("took", "rate"), [(1.0, 80_000), (4.0, 20_000), (0.5, 160_000)])
def test_a_rate_is_by_the_time_that_passed(took: float, rate: int) -> None:
    stream = Inbound(1, "vp8", 90_000, "l")
    for sequence in range(10):
        stream.take(sequence, 0, True, bytes(1000), 0.0)

    stream.count(took)

    assert rate == stream.rate


def test_steps_up_begin_with_those_who_have_nothing() -> None:
    assert [
        {"c": 0},
        {"a": 0, "b": 0, "c": 0},
        {"a": 0, "b": 1, "c": 0},
        {"a": 1, "b": 1, "c": 0},
    ] == steps(WISHES)
    assert [1, 2, 4, 5] == [len(given) for given in steps(FIVE)]


def steps(wishes: tuple[Wish, ...]) -> list[dict[str, int]]:
    """All steps from nothing on."""
    found: list[dict[str, int]] = []
    given: dict[str, int] | None = {}
    while (given := budget.step_up(wishes, given or {})) is not None:
        found.append(dict(given))
    return found


FINE, FULL = Carried(1_000, 100, 0.0), Carried(10, 100, 0.0)


def test_a_step_that_filled_the_path_makes_the_next_wait_longer() -> None:
    tried = Patience(10.0, 2.0, tried=10.0, stepped_at=10.0)

    assert not tried.due(100.0)
    assert not tried.due(100.0, missing=True)
    failed = tried.after(FULL, 11.0)
    assert (4.0, None) == (failed.wait_s, failed.tried)
    assert tried == tried.after(FINE, 12.0)
    assert 1.0 == tried.after(FINE, 10.0 + PROVEN_S).wait_s
    assert tried.after(FINE, 10.0 + PROVEN_S).due(14.0)
    assert Patience(9.0, 60.0, tried=9.0).after(FULL, 10.0).wait_s == 60.0


def test_who_is_not_seen_is_tried_again_soon_however_often_it_failed() -> None:
    patience = Patience(0.0)
    now = 0.0
    for _ in range(20):
        patience = patience.steps(now, missing=True).after(FULL, now + 1)
        now += 100
    failed = replace(patience, full_at=now, stepped_at=now)

    assert not failed.due(now + MISSING_PATIENCE_S)
    assert failed.due(now + MISSING_PATIENCE_S, missing=True)
    assert not failed.due(now + MISSING_PATIENCE_S - 0.1, missing=True)
    assert not failed.due(now + ALONE_S, missing=True, alone=True)
    still_full = failed.after(FULL, now + MISSING_PATIENCE_S)
    assert not still_full.due(now + MISSING_PATIENCE_S, missing=True)
    assert still_full.due(now + MISSING_PATIENCE_S + CLEAR_S, missing=True)


def test_where_only_voices_are_sent_an_old_estimate_keeps_no_picture_away() -> None:
    """
    As it went for six people on a machine that was held up: the last estimate was of pictures that had come late. With
    three voices sent it looked too small for ever, and without a picture no browser makes another one.
    """
    wishes = tuple(Wish(name, "other", (100_000,), 0) for name in "abcde")
    path, patience, estimate = Carried(30_000, 300_000, 0.0, trip=SLOW), Patience(0.0, 60.0, stepped_at=0.0), 30_000.0
    given: dict[str, int] = {}
    shown = []
    for second in range(40):
        now, sent = float(second), 100_000 * len(given)
        estimate = max(estimate, min(1.08 * estimate, 1.5 * sent + 10_000))  # libwebrtc, AimdRateControl
        path = path.then(int(estimate) if sent else None, sent, 0.0, 0.05)
        believed = patience.believes(path, now)
        given = budget.within(believed, wishes, given)
        patience = patience.after(believed, now)
        if patience.due(now, missing=True, alone=not given) and (more := budget.step_up(wishes, given)) is not None:
            given, patience = more, patience.steps(now, missing=True)
        shown.append(len(given))

    assert shown[int(MISSING_PATIENCE_S)] == 1
    assert sorted(shown) == shown
    assert shown[-1] == 5


async def test_a_browsers_estimate_is_held_against_pictures_alone_and_while_it_is_fresh() -> None:
    certificate = Certificate()
    caller = Caller(certificate)
    lines = [Line("0", "audio", 7), Line("1", "audio"), Line("2", "video")]
    text = descriptions.offer(lines, caller.credentials, caller.fingerprint)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somewhere:
        session = Session("lena", certificate, lambda *_: None, Egress(somewhere), lambda: None)
        session.describe(sdp.read(text), Layout({"0": "audio"}, [{"audio": "1", "camera": "2"}]), [("127.0.0.1", 9)])
        begun = session.heard_at
        session.places["1"].octets, session.places["2"].octets = 90_000, 5_000
        session._control(rtcp.estimate(1, 50_000, [7]), begun)
        session.report(begun + 1)
        first = session.carried
        session.report(begun + 4)
        later = session.carried
        await session.close()

    assert first.sent == pytest.approx(40_000, rel=0.01)
    assert first.estimate == 50_000
    assert not first.full
    assert (0, None) == (later.sent, later.estimate)
