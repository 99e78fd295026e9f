"""The state of a visit: every way it may change, as tables, and whatever people do in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from telegut.errors import TelegutError
from telegut.rooms import events
from telegut.rooms.events import Event
from telegut.rooms.rules import commands, refusals
from telegut.rooms.rules.step import step
from telegut.rooms.rules.visit import Phase, Place, Seat, Visit

HOST = UUID(int=1)
SECOND_HOST = UUID(int=2)
GUEST = UUID(int=3)
GUARDIAN = UUID(int=4)
STRANGER = UUID(int=9)
NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
OPENS = NINE - timedelta(minutes=15)
ENDS = NINE + timedelta(minutes=30)


def a_visit(**states: Place) -> Visit:
    """An open visit of one host and one guest; keyword ``guest=Place.WAITING`` puts somebody somewhere."""
    visit = Visit(
        UUID(int=7),
        OPENS,
        NINE,
        ENDS,
        (
            Seat(HOST, "consultant", host=True),
            Seat(GUEST, "patient", host=False),
            Seat(GUARDIAN, "guardian", host=False),
        ),
        Phase.OPEN,
        version=5,
    )
    for name, place in states.items():
        account = {"host": HOST, "guest": GUEST, "guardian": GUARDIAN}[name]
        visit = with_seat(visit, put(visit.seat(account), place))
    return visit


def put(seat: Seat, place: Place) -> Seat:
    """*seat* as it is after coming to *place* in the ordinary way."""
    return replace(
        seat,
        state=place,
        knocked=place is Place.WAITING,
        admitted=place in {Place.ADMITTED, Place.INSIDE} or (seat.host and place is Place.AWAY),
        since=OPENS,
    )


def with_seat(visit: Visit, new: Seat) -> Visit:
    """*visit* with one seat exchanged."""
    return replace(visit, seats=tuple(new if old.account == new.account else old for old in visit.seats))


def after(visit: Visit, *commands: commands.Command) -> Visit:
    """*visit* after *commands*, all at nine."""
    for command in commands:
        visit, _ = step(visit, command, NINE)
    return visit


def words(happened: tuple[Event, ...]) -> list[str]:
    """Only what the events are called."""
    return [event.word for event in happened]


@pytest.mark.parametrize(
    ("start", "command", "place", "happened"),
    [
        (Place.EXPECTED, commands.Connect(GUEST), Place.CHECKING, ["arrived"]),
        (Place.CHECKING, commands.Connect(GUEST), Place.CHECKING, []),
        (Place.LEFT, commands.Connect(GUEST), Place.CHECKING, ["arrived"]),
        (Place.CHECKING, commands.Knock(GUEST), Place.WAITING, ["knocked"]),
        (Place.WAITING, commands.Knock(GUEST), Place.WAITING, []),
        (Place.INSIDE, commands.Knock(GUEST), Place.INSIDE, []),
        (Place.WAITING, commands.Admit(HOST, GUEST), Place.ADMITTED, ["admitted"]),
        (Place.ADMITTED, commands.Admit(HOST, GUEST), Place.ADMITTED, []),
        (Place.INSIDE, commands.Admit(HOST, GUEST), Place.INSIDE, []),
        (Place.ADMITTED, commands.Enter(GUEST), Place.INSIDE, ["entered"]),
        (Place.INSIDE, commands.Enter(GUEST), Place.INSIDE, []),
        (Place.ADMITTED, commands.Connect(GUEST), Place.INSIDE, ["entered"]),
        (Place.ADMITTED, commands.Disconnect(GUEST), Place.ADMITTED, []),
        (Place.CHECKING, commands.Disconnect(GUEST), Place.EXPECTED, ["lost"]),
        (Place.WAITING, commands.Disconnect(GUEST), Place.AWAY, ["lost"]),
        (Place.INSIDE, commands.Disconnect(GUEST), Place.AWAY, ["lost"]),
        (Place.INSIDE, commands.Leave(GUEST), Place.LEFT, ["left"]),
        (Place.WAITING, commands.Leave(GUEST), Place.LEFT, ["left"]),
        (Place.LEFT, commands.Leave(GUEST), Place.LEFT, []),
        (Place.EXPECTED, commands.Leave(GUEST), Place.EXPECTED, []),
        (Place.INSIDE, commands.Remove(HOST, GUEST), Place.LEFT, ["removed"]),
        (Place.WAITING, commands.Remove(HOST, GUEST), Place.LEFT, ["removed"]),
        (Place.LEFT, commands.Remove(HOST, GUEST), Place.LEFT, ["removed"]),
    ],
)
def test_each_command_moves_a_guest_as_the_table_says(
    start: Place, command: commands.Command, place: Place, happened: list[str]
) -> None:
    before = a_visit(guest=start)

    visit, events_ = step(before, command, NINE)

    assert (place, happened) == (visit.seat(GUEST).state, words(events_))
    assert visit.version == before.version + (1 if happened else 0)


@pytest.mark.parametrize(
    ("start", "command", "refusal"),
    [
        (Place.CHECKING, commands.Admit(HOST, GUEST), refusals.NotWaiting),
        (Place.EXPECTED, commands.Admit(HOST, GUEST), refusals.NotWaiting),
        (Place.WAITING, commands.Admit(GUEST, GUEST), refusals.NotTheHost),
        (Place.WAITING, commands.Admit(GUARDIAN, GUEST), refusals.NotTheHost),
        (Place.WAITING, commands.Admit(STRANGER, GUEST), refusals.NotAPlaceHere),
        (Place.WAITING, commands.Admit(HOST, STRANGER), refusals.NotAPlaceHere),
        (Place.WAITING, commands.Enter(GUEST), refusals.NotInside),
        (Place.CHECKING, commands.Enter(GUEST), refusals.NotInside),
        (Place.INSIDE, commands.Remove(GUEST, HOST), refusals.NotTheHost),
        (Place.INSIDE, commands.Remove(HOST, HOST), refusals.NotInside),
        (Place.INSIDE, commands.End(GUEST), refusals.NotTheHost),
        (Place.INSIDE, commands.Knock(STRANGER), refusals.NotAPlaceHere),
        (Place.INSIDE, commands.Connect(STRANGER), refusals.NotAPlaceHere),
    ],
)
def test_what_is_not_allowed_is_refused(start: Place, command: commands.Command, refusal: type[TelegutError]) -> None:
    with pytest.raises(refusal):
        step(a_visit(host=Place.INSIDE, guest=start), command, NINE)


def test_a_host_who_connects_is_inside_without_knocking() -> None:
    visit, happened = step(a_visit(), commands.Connect(HOST), NINE)

    assert (visit.seat(HOST).state, words(happened)) == (Place.INSIDE, ["entered"])


def test_the_visit_is_live_from_the_first_moment_of_a_host_and_a_guest_inside() -> None:
    visit, happened = step(a_visit(host=Place.INSIDE, guest=Place.ADMITTED), commands.Enter(GUEST), NINE)

    assert (visit.phase, visit.started_at, words(happened)) == (Phase.LIVE, NINE, ["entered", "started"])


def test_two_hosts_alone_do_not_make_a_visit_live() -> None:
    both = a_visit()
    both = replace(both, seats=(*both.seats, Seat(SECOND_HOST, "nutritionist", host=True)))

    visit = after(both, commands.Connect(HOST), commands.Connect(SECOND_HOST))

    assert visit.phase == Phase.OPEN


def test_a_visit_starts_once() -> None:
    live = after(a_visit(host=Place.INSIDE, guest=Place.ADMITTED), commands.Enter(GUEST), commands.Disconnect(GUEST))

    visit, happened = step(live, commands.Connect(GUEST), NINE + timedelta(minutes=5))

    assert (visit.started_at, words(happened)) == (NINE, ["returned"])


def test_who_dropped_out_of_the_call_is_inside_again_without_being_asked() -> None:
    visit = after(a_visit(guest=Place.INSIDE), commands.Disconnect(GUEST), commands.Connect(GUEST))

    assert visit.seat(GUEST).state == Place.INSIDE


def test_who_dropped_out_of_the_waiting_room_waits_again() -> None:
    visit = after(a_visit(guest=Place.WAITING), commands.Disconnect(GUEST), commands.Connect(GUEST))

    assert visit.seat(GUEST).state == Place.WAITING


def test_who_is_admitted_while_their_connection_is_lost_comes_in_on_return() -> None:
    visit = after(
        a_visit(host=Place.INSIDE, guest=Place.WAITING),
        commands.Disconnect(GUEST),
        commands.Admit(HOST, GUEST),
        commands.Connect(GUEST),
    )

    assert visit.seat(GUEST).state == Place.INSIDE


def test_who_was_sent_out_cannot_knock_by_a_socket_that_is_still_open() -> None:
    visit = after(a_visit(host=Place.INSIDE, guest=Place.CHECKING), commands.Remove(HOST, GUEST))

    with pytest.raises(refusals.Barred):
        step(visit, commands.Knock(GUEST), NINE)


def test_who_left_has_to_knock_again() -> None:
    visit = after(a_visit(host=Place.INSIDE, guest=Place.INSIDE), commands.Leave(GUEST), commands.Connect(GUEST))

    assert visit.seat(GUEST).state == Place.CHECKING
    with pytest.raises(refusals.NotInside):
        step(visit, commands.Enter(GUEST), NINE)


@pytest.mark.parametrize(
    "command",
    [commands.Connect(HOST), commands.Connect(GUEST), commands.Knock(GUEST), commands.End(HOST), commands.Leave(GUEST)],
)
def test_nobody_does_anything_before_the_room_opens(command: commands.Command) -> None:
    visit = replace(a_visit(), phase=Phase.SCHEDULED)

    with pytest.raises(refusals.NotOpenYet):
        step(visit, command, OPENS - timedelta(microseconds=1))


def test_the_clock_opens_the_room_and_the_first_command_counts_in_the_same_step() -> None:
    visit = replace(a_visit(), phase=Phase.SCHEDULED)

    opened, happened = step(visit, commands.Connect(GUEST), OPENS)

    assert words(happened) == ["opened", "arrived"]
    assert (Phase.OPEN, visit.version + 1) == (opened.phase, opened.version)


def test_time_passing_in_an_open_room_changes_nothing() -> None:
    visit = a_visit()

    assert (visit, ()) == step(visit, commands.Pass(), NINE)


def test_an_open_room_that_nobody_came_to_closes_when_its_visit_is_moved() -> None:
    tomorrow = timedelta(days=1)
    moved = replace(a_visit(), opens=OPENS + tomorrow, starts=NINE + tomorrow, ends=ENDS + tomorrow)

    visit, happened = step(moved, commands.Pass(), NINE)

    assert (visit.phase, words(happened)) == (Phase.SCHEDULED, ["moved"])


def test_a_room_with_somebody_in_it_stays_open_when_its_visit_is_moved() -> None:
    moved = replace(a_visit(guest=Place.WAITING), opens=OPENS + timedelta(days=1))

    visit, _ = step(moved, commands.Pass(), NINE)

    assert visit.phase == Phase.OPEN


def test_the_end_puts_everybody_who_came_out_and_leaves_who_never_came_expected() -> None:
    visit, happened = step(a_visit(host=Place.INSIDE, guest=Place.INSIDE), commands.End(HOST), NINE)

    assert [seat.state for seat in visit.seats] == [Place.LEFT, Place.LEFT, Place.EXPECTED]
    assert (Phase.ENDED, NINE, (Event(events.ENDED, None, HOST),)) == (visit.phase, visit.ended_at, happened)


@pytest.mark.parametrize("command", [commands.Connect(GUEST), commands.Knock(GUEST), commands.Admit(HOST, GUEST)])
def test_nothing_happens_in_a_visit_that_has_ended(command: commands.Command) -> None:
    ended = after(a_visit(host=Place.INSIDE), commands.End(HOST))

    with pytest.raises(refusals.VisitEnded):
        step(ended, command, NINE)


def test_ending_and_closing_twice_is_silent() -> None:
    ended = after(a_visit(host=Place.INSIDE), commands.End(HOST))

    assert (ended, ()) == step(ended, commands.End(HOST), NINE)
    assert (ended, ()) == step(ended, commands.Close(), NINE)
    assert (ended, ()) == step(ended, commands.Disconnect(HOST), NINE)


def test_a_visit_closed_by_the_clock_says_so() -> None:
    _, happened = step(a_visit(), commands.Close(), ENDS)

    assert (Event(events.CLOSED, None, None),) == happened


ACCOUNTS = st.sampled_from([HOST, SECOND_HOST, GUEST, GUARDIAN, STRANGER])
Alone = commands.Connect | commands.Disconnect | commands.Knock | commands.Enter | commands.Leave
ALONE: list[type[Alone]] = [
    commands.Connect,
    commands.Disconnect,
    commands.Knock,
    commands.Enter,
    commands.Leave,
]


class VisitMachine(RuleBasedStateMachine):
    """Whatever anybody does, in whatever order."""

    @initialize()
    def a_joint_visit_tomorrow(self) -> None:
        """Two hosts, two guests, half an hour before the room opens."""
        seats = (
            Seat(HOST, "consultant", host=True),
            Seat(SECOND_HOST, "nutritionist", host=True),
            Seat(GUEST, "patient", host=False),
            Seat(GUARDIAN, "guardian", host=False),
        )
        self.visit = Visit(UUID(int=7), OPENS, NINE, ENDS, seats)
        self.now = OPENS - timedelta(minutes=2)
        self.let_in: set[UUID] = set()

    def do(self, command: commands.Command) -> None:
        """One step; a refusal changes nothing, an event costs exactly one version."""
        before = self.visit
        try:
            self.visit, happened = step(before, command, self.now)
        except TelegutError:
            return
        assert self.visit.version == before.version + bool(happened)
        assert (self.visit == before) == (not happened)
        for event in happened:
            if event.word == events.ADMITTED and event.account:
                assert event.by in {HOST, SECOND_HOST}
                self.let_in.add(event.account)
            elif event.word in {events.LEFT, events.REMOVED} and event.account:
                self.let_in.discard(event.account)

    @rule(minutes=st.integers(0, 20))
    def time_passes(self, minutes: int) -> None:
        """Later."""
        self.now += timedelta(minutes=minutes)
        self.do(commands.Pass())

    @rule(
        who=ACCOUNTS,
        kind=st.sampled_from([commands.Connect, commands.Disconnect, commands.Knock, commands.Enter, commands.Leave]),
    )
    def somebody_acts(
        self,
        who: UUID,
        kind: type[commands.Connect]
        | type[commands.Disconnect]
        | type[commands.Knock]
        | type[commands.Enter]
        | type[commands.Leave],
    ) -> None:
        """Alone."""
        self.do(kind(who))

    @rule(by=ACCOUNTS, guest=ACCOUNTS, kind=st.sampled_from([commands.Admit, commands.Remove]))
    def somebody_decides(self, by: UUID, guest: UUID, kind: type[commands.Admit] | type[commands.Remove]) -> None:
        """About somebody else."""
        self.do(kind(by, guest))

    @rule(by=ACCOUNTS)
    def somebody_ends(self, by: UUID) -> None:
        """For everybody."""
        self.do(commands.End(by))

    @invariant()
    def no_guest_is_inside_whom_no_host_let_in(self) -> None:
        """The reason for a waiting room."""
        assert {seat.account for seat in self.visit.inside() if not seat.host} <= self.let_in

    @invariant()
    def phases_agree_with_their_times(self) -> None:
        """Live has a start, ended has an end, nobody is in a room that is not open."""
        visit = self.visit
        assert (visit.phase is Phase.ENDED) == (visit.ended_at is not None)
        assert visit.phase is not Phase.LIVE or visit.started_at is not None
        assert visit.phase in {Phase.OPEN, Phase.LIVE} or not visit.somebody_here()


VisitMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnythingInAnyOrder = VisitMachine.TestCase
