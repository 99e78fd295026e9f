"""
Who owes the next answer, from the entries of a conversation's log. Pure: no clock, no database.

The log is the only truth. `follow` goes from one standing to the next, entry by entry, so that a standing can be kept
at any number of the log and led on from there: what is kept and what is derived anew are the same.

The patient's side (patient, guardians) owes nothing, ever: once it writes, an answer is owed from that first message
on. Any word of the team answers, but for what the clock sends when its writer could not know the last words of the
patient's side, or when one of them is urgent. Other words for a message of theirs that was answered already are asked
anew: who answered has not seen them. A message that was taken back still waits for a word, or for ``settled``; a word
of the team that was taken back has answered nothing, and what it seemed to answer is owed as if it had never been said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from telegut.errors import Conflict, FieldError, Invalid
from telegut.messaging.rules import EntryType


class State(StrEnum):
    """Whose turn it is."""

    OWED = "owed"
    WAITING = "waiting_for_patient"
    SETTLED = "settled"


class Ending(StrEnum):
    """How a debt ended: with words, or by somebody saying that none are needed (from us)."""

    ANSWERED = "answered"
    WAITING = "waiting"
    SETTLED = "settled"


RELEVANT = frozenset(
    {
        EntryType.SENT,
        EntryType.EDITED,
        EntryType.RETRACTED,
        EntryType.ASSIGNED,
        EntryType.UNASSIGNED,
        EntryType.WAITING,
        EntryType.SETTLED,
        EntryType.MEMBER_REMOVED,
    }
)
"""The entries that the ledger reads; all others change nothing here."""

REASON_MAX_CHARACTERS = 1_000


class LedgerChanged(Conflict):
    """Something happened in this conversation meanwhile. Please look at it again."""


class NotTheirs(Invalid):
    """Only somebody of the care team who takes part in this conversation can answer it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """
    What the ledger needs of one entry. *about*: the account that it names.

    scheduled: a message that the clock sent. overtaken: the patient's side wrote between its writing and its sending.
    taken_back: a message that the log takes back, further on.
    """

    seq: int
    type: EntryType
    at: datetime
    sender: UUID | None = None
    about: UUID | None = None
    urgent: bool = False
    scheduled: bool = False
    overtaken: bool = False
    taken_back: bool = False


Hands = tuple[tuple[datetime, UUID | None], ...]
"""Who had a debt from when on, in order; None: the team."""


@dataclass(frozen=True, slots=True)
class Standing:
    """
    Where a conversation stands after the entries up to number *up_to*.

    owner: who answers this conversation; None: whoever of the team comes first. since, since_seq: the first message
    that nobody has answered. hands: of the debt. urgent: one of the unanswered messages is. version: the number of the
    last word or change of hands, which a change has to name: who did not see it did not decide about it.
    """

    state: State = State.SETTLED
    owner: UUID | None = None
    since: datetime | None = None
    since_seq: int | None = None
    hands: Hands = ()
    urgent: bool = False
    version: int = 0
    up_to: int = 0


@dataclass(frozen=True, slots=True)
class Debt:
    """An answer that was owed, from the message *seq* on; *ended_at* and the rest once it is not any more."""

    seq: int
    since: datetime
    hands: Hands
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    ending: Ending | None = None


def follow(standing: Standing, fact: Fact, family: Collection[UUID]) -> Standing:
    """The standing after *fact*. *family*: the patient and everybody who is or was their guardian."""
    match fact.type:
        case EntryType.SENT | EntryType.EDITED if fact.sender in family:
            after = _asked(standing, fact)
        case EntryType.SENT:
            after = _ended(standing, State.SETTLED) if _answers(standing, fact) else standing
        case EntryType.RETRACTED if fact.sender not in family:
            after = standing  # the word itself does not count any more: see `must_begin_anew`
        case EntryType.WAITING:
            after = _ended(standing, State.WAITING)
        case EntryType.SETTLED:
            after = _ended(standing, State.SETTLED)
        case EntryType.ASSIGNED:
            after = _handed(standing, fact.about, fact.at)
        case EntryType.UNASSIGNED:
            after = _handed(standing, None, fact.at)
        case EntryType.MEMBER_REMOVED if fact.about == standing.owner and standing.owner is not None:
            after = _handed(standing, None, fact.at)
        case _:
            return replace(standing, up_to=fact.seq)
    return replace(after, version=fact.seq, up_to=fact.seq)


def _answers(standing: Standing, said: Fact) -> bool:
    if standing.state is not State.OWED or said.taken_back:
        return False
    return not (said.scheduled and (said.overtaken or standing.urgent))


def _asked(standing: Standing, fact: Fact) -> Standing:
    if standing.state is State.OWED:
        return replace(standing, urgent=standing.urgent or fact.urgent)
    hands = ((fact.at, standing.owner),)
    return replace(standing, state=State.OWED, since=fact.at, since_seq=fact.seq, hands=hands, urgent=fact.urgent)


def _ended(standing: Standing, state: State) -> Standing:
    return replace(standing, state=state, since=None, since_seq=None, hands=(), urgent=False)


def _handed(standing: Standing, owner: UUID | None, at: datetime) -> Standing:
    hands = (*standing.hands, (at, owner)) if standing.state is State.OWED else ()
    return replace(standing, owner=owner, hands=hands)


def must_begin_anew(facts: Iterable[Fact], family: Collection[UUID]) -> bool:
    """Whether a standing cannot be led on by *facts*: a word of the team that is counted in it was taken back."""
    return any(fact.type is EntryType.RETRACTED and fact.sender not in family for fact in facts)


def lead_on(standing: Standing, facts: Iterable[Fact], family: Collection[UUID]) -> tuple[Standing, list[Debt]]:
    """
    The standing after all of *facts*, and every debt that was open on the way, the last one perhaps still.

    A debt that was open before comes again when it ends or changes hands; known by its number.
    """
    debts: dict[int, Debt] = {}
    for fact in facts:
        before, standing = standing, follow(standing, fact, family)
        if before.since is not None and before.since_seq is not None and before.since_seq != standing.since_seq:
            ended = Debt(before.since_seq, before.since, before.hands, fact.at, fact.sender, _ending(fact))
            debts[before.since_seq] = ended
        if standing.since is not None and standing.since_seq is not None:
            debts[standing.since_seq] = Debt(standing.since_seq, standing.since, standing.hands)
    return standing, list(debts.values())


def _ending(fact: Fact) -> Ending:
    match fact.type:
        case EntryType.WAITING:
            return Ending.WAITING
        case EntryType.SETTLED:
            return Ending.SETTLED
        case _:
            return Ending.ANSWERED


def check_reason(reason: str | None) -> str | None:
    """
    Why a conversation is handed over, in words for the team; None when nothing was said.

    Raises:
        Invalid: longer than `REASON_MAX_CHARACTERS`, or not showable.
    """
    if reason is None or not reason.strip():
        return None
    wanted = reason.strip()
    if len(wanted) > REASON_MAX_CHARACTERS:
        message = f"This is {len(wanted)} characters long; {REASON_MAX_CHARACTERS} is the most that fits."
        raise Invalid(message, errors=[FieldError("reason", message)])
    if any(not (character.isprintable() or character in "\n\r\t") for character in wanted):
        message = "This contains a character that cannot be shown."
        raise Invalid(message, errors=[FieldError("reason", message)])
    return wanted


def check_says_why(owner: UUID | None, to: UUID, *, by: UUID | None, reason: str | None) -> None:
    """
    Whoever answers a conversation, and hands it to another person, says why: that one goes on from there.

    Raises:
        Invalid: no reason.
    """
    if owner is not None and owner == by and to != by and reason is None:
        message = "Say in a few words why you hand it over. Only the team reads it."
        raise Invalid(message, errors=[FieldError("reason", message)])
