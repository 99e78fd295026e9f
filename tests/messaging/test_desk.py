"""The team's inbox as a page: groups by promise, urgent first, filters, and how much of a group is listed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from telegut.accounts.people import Person
from telegut.messaging.desk.rules import SHOWN, Desk, Part, Wanted, Whose, desk
from telegut.messaging.inbox import Conversation, LastMessage
from telegut.messaging.ledger.rules import Standing, State
from telegut.messaging.ledger.whose_turn import Turn
from telegut.messaging.rules import Kind

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ME, OTHER = (Person(uuid4(), name, frozenset({"nutritionist"}), "Europe/Berlin", "en") for name in ("Jonas", "Amara"))
Pair = tuple[Conversation, Turn | None]


def _chat(name: str, *, kind: Kind = Kind.CARE, unread: int = 0, hours_ago: float = 1) -> Conversation:
    at = NOW - timedelta(hours=hours_ago)
    last = LastMessage(1, uuid4(), at, at, "Words", False)
    return Conversation(uuid4(), uuid4(), name, kind.value, None, 1, at, 0, unread, last, ())


def _owed(name: str, due: timedelta, *, urgent: bool = False, owner: Person | None = None, unread: int = 0) -> Pair:
    chat = _chat(name, unread=unread)
    since = chat.created_at
    standing = Standing(State.OWED, owner.id if owner else None, since, 1, urgent=urgent, version=1)
    return chat, Turn(chat.id, chat.patient, standing, NOW + due, owner, owner)


def _calm(name: str, state: State, owner: Person | None = None) -> Pair:
    chat = _chat(name)
    return chat, Turn(chat.id, chat.patient, Standing(state, owner.id if owner else None), None, owner, owner)


def _shown(pairs: list[Pair], wanted: Wanted | None = None) -> Desk:
    turns: dict[UUID, Turn] = {turn.conversation: turn for _, turn in pairs if turn}
    chats = [chat for chat, _ in pairs]
    return desk(chats, turns, wanted or Wanted(), me=ME.id, now=NOW, zone="Europe/Berlin")


def _names(found: Desk) -> dict[str, list[str]]:
    return {one.part.value: [line.conversation.patient_name for line in one.lines] for one in found.sections}


PAIRS: list[Pair] = [
    _calm("Settled", State.SETTLED, ME),
    _owed("Next month", timedelta(days=30)),
    _owed("Later today", timedelta(hours=5)),
    (_chat("Among us", kind=Kind.TEAM, unread=1), None),
    _owed("Soon", timedelta(hours=1), owner=OTHER),
    _owed("Urgent", timedelta(hours=6), urgent=True),
    _calm("Waiting", State.WAITING),
    _owed("Late", -timedelta(hours=1), owner=ME, unread=2),
    _owed("Friday", timedelta(days=3)),
]


def test_it_stands_in_groups_by_promise_with_urgent_ones_first() -> None:
    expected = {
        "overdue": ["Late"],
        "today": ["Urgent", "Soon", "Later today"],
        "week": ["Friday"],
        "later": ["Next month"],
        "waiting": ["Waiting"],
        "settled": ["Settled"],
        "team": ["Among us"],
    }
    found = _shown(PAIRS)
    assert expected == _names(found)
    assert (6, len(PAIRS), False) == (found.owed, found.everything, found.is_empty)


def test_mine_are_those_i_answer_the_teams_those_nobody_has() -> None:
    assert {"overdue": ["Late"], "settled": ["Settled"]} == _names(_shown(PAIRS, Wanted(Whose.MINE)))
    teams = _names(_shown(PAIRS, Wanted(Whose.TEAM)))
    assert (["Urgent", "Later today"], ["Waiting"]) == (teams["today"], teams["waiting"])
    assert not {"overdue", "settled", "team"} & teams.keys()


def test_a_kind_alone_or_what_is_unread_alone() -> None:
    assert {"team": ["Among us"]} == _names(_shown(PAIRS, Wanted(kind=Kind.TEAM)))
    assert {"overdue": ["Late"], "team": ["Among us"]} == _names(_shown(PAIRS, Wanted(unread=True)))
    nothing = _shown(PAIRS, Wanted(kind=Kind.TOPIC))
    assert (True, len(PAIRS)) == (nothing.is_empty, nothing.everything)


def test_of_a_long_group_the_first_are_listed_until_all_are_asked_for() -> None:
    many = [_owed(str(n), timedelta(minutes=n + 1)) for n in range(SHOWN + 5)]
    (short,) = _shown(many).sections
    (whole,) = _shown(many, Wanted(whole=Part.TODAY)).sections
    assert (SHOWN, SHOWN + 5, 5) == (len(short.lines), short.count, short.left_out)
    assert (SHOWN + 5, 0) == (len(whole.lines), whole.left_out)


def test_of_two_promised_for_the_same_moment_who_waits_longer_comes_first() -> None:
    first, second = _owed("First", timedelta(hours=1)), _owed("Second", timedelta(hours=1))
    assert first[1] is not None
    longer = Standing(State.OWED, None, NOW - timedelta(days=1), 1, version=1)
    waited = Turn(first[1].conversation, first[1].patient, longer, first[1].due, None, None)
    for pairs in ([(first[0], waited), second], [second, (first[0], waited)]):
        assert {"today": ["First", "Second"]} == _names(_shown(pairs))


def test_a_filter_is_kept_in_addresses() -> None:
    wanted = Wanted(Whose.MINE, Kind.CARE, unread=True)
    assert "?whose=mine&kind=care&unread=yes" == wanted.query()
    assert "?whole=settled" == Wanted().query(Part.SETTLED)
    assert ("", False, True) == (Wanted().query(), Wanted().is_narrow, wanted.is_narrow)
