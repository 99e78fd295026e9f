"""
What may be written, changed and marked in a conversation. Pure: no clock, no database.

A conversation is one log. Every fact about it (a message, an edit, a retraction, a read marker, a member) is an entry
with the next number, 1, 2, 3 … without a gap, the same for everyone. What a screen shows is derived from the log.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from telegut.errors import Conflict, FieldError, Invalid, Refused


class EntryType(StrEnum):
    """What an entry of the log says. The words are the public contract's."""

    SENT = "message.sent"
    EDITED = "message.edited"
    RETRACTED = "message.retracted"
    READ = "read"
    MEMBER_ADDED = "member.added"
    MEMBER_REMOVED = "member.removed"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    WAITING = "waiting"
    SETTLED = "settled"


NEWS = frozenset({EntryType.SENT, EntryType.EDITED})
"""What brings words: a message, and other words for one."""


class Kind(StrEnum):
    """What a conversation is. It stays what it is for good."""

    CARE = "care"
    TOPIC = "topic"
    TEAM = "team"


class Audience(StrEnum):
    """Who may ever take part: everybody to whom the record is open, or the care team alone."""

    EVERYONE = "everyone"
    TEAM = "team"


class Delivery(StrEnum):
    """How far a message has come, as its sender may truthfully be told."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"


class NotTheAuthor(Refused):
    """Only the person who wrote a message can change it."""


class AlreadyRetracted(Conflict):
    """This message has been taken back and can no longer be changed."""


class NotInTheTeam(Invalid):
    """Only the patient, their guardians and their care team can take part."""


class NobodyAnswers(Invalid):
    """Choose at least one person of the care team, so that somebody reads this and answers."""


class NoCareTeam(Invalid):
    """There is no care team here yet, so nobody would read this. Please call the clinic."""


class ClientIdReused(Invalid):
    """This message was already sent with other words. Nothing was sent again."""

    code = "idempotency_key_reused"


CLIENT_ID_MAX_CHARACTERS = 128
SUBJECT_MAX_CHARACTERS = 120


def check_body(body: str, *, max_characters: int) -> str:
    """
    Return *body* as it will be kept: exactly as it was written.

    Raises:
        Invalid: nothing that can be seen, longer than *max_characters*, or a character that no screen can show.
    """
    return _check_text("body", body, max_characters)


def check_subject(subject: str, field: str = "subject") -> str:
    """
    Return *subject*, one line, without the white space around it. *field*: as what a refusal names it.

    Raises:
        Invalid: empty, too long, not showable, more than one line, or with a character that turns around what follows.
    """
    wanted = _check_text(field, subject.strip(), SUBJECT_MAX_CHARACTERS)
    if _NOT_IN_ONE_LINE.search(wanted):
        raise _about(field, f"A {field} is one line, without characters that control how it is shown.")
    return wanted


def check_client_id(client_id: str) -> str:
    """
    Return *client_id*: the sender's own name for one message, by which a second try is recognised.

    Raises:
        Invalid: empty, too long, or not printable.
    """
    if not client_id or len(client_id) > CLIENT_ID_MAX_CHARACTERS or not client_id.isprintable():
        raise _about(
            "client_id", f"A message needs an id of its own, 1 to {CLIENT_ID_MAX_CHARACTERS} printable characters."
        )
    return client_id


def _check_text(field: str, text: str, max_characters: int) -> str:
    if shows_nothing(text):
        raise _about(field, "There is nothing to send yet.")
    if len(text) > max_characters:
        raise _about(field, f"This is {len(text)} characters long; {max_characters} is the most that fits.")
    if _UNSHOWABLE.search(text):
        raise _about(field, "This contains a character that cannot be shown.")
    return text


def shows_nothing(text: str) -> bool:
    """Whether no screen shows anything of *text*."""
    return all(unicodedata.category(one) in _UNSEEN or one in _BLANK or _NO_CHARACTER.match(one) for one in text)


_UNSHOWABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters other than line breaks and tabs, and halves of surrogate pairs (which UTF-8 cannot hold)."""
_NOT_IN_ONE_LINE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, separators of lines, and what turns text around (Unicode Standard Annex 9, 2.1 to 2.5)."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me", "Co"})
"""Categories of Unicode that show nothing alone: controls, format (zero width, direction), space, marks on letters, and
what a font may mean for itself (private use)."""
_NO_CHARACTER: Final = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
"""Noncharacters (The Unicode Standard, 23.7). What is not assigned yet stays: it may be a new sign that others see."""
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and a symbol that are drawn as nothing: fillers of Hangul, the empty pattern of Braille."""


def _about(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[FieldError(field, message)])


def check_change(*, author: UUID, by: UUID, retracted: bool) -> None:
    """
    May *by* edit or retract a message of *author*?

    Raises:
        NotTheAuthor: somebody else wrote it.
        AlreadyRetracted: it was taken back before.
    """
    if by != author:
        raise NotTheAuthor
    if retracted:
        raise AlreadyRetracted


def taking_part(
    audience: Audience,
    wanted: Collection[UUID],
    *,
    caller: UUID | None,
    patient: UUID,
    circle: Collection[UUID],
    team: Collection[UUID],
) -> set[UUID]:
    """
    Who takes part in a new conversation for which *wanted* were named.

    With everybody: those named, and the patient; the whole care team when *caller*, of the family, named nobody. A side
    thread: the whole care team, whoever was named of it; so nobody has to remember who knows.

    Raises:
        NotInTheTeam: somebody named has no place there. NoCareTeam: nobody cares for the patient yet. NobodyAnswers:
        only family was named.
    """
    allowed = set(team) - {patient} if audience is Audience.TEAM else set(circle)
    if not set(wanted) <= allowed:
        raise NotInTheTeam(errors=[FieldError("members", str(NotInTheTeam.__doc__))])
    if audience is Audience.TEAM:
        return allowed
    answering = set(team) - {patient}
    if set(wanted) & answering:
        return {patient, *wanted}
    if not answering:
        raise NoCareTeam(errors=[FieldError("members", str(NoCareTeam.__doc__))])
    if set(wanted) - {caller, patient}:
        raise NobodyAnswers(errors=[FieldError("members", str(NobodyAnswers.__doc__))])
    return {patient, *wanted, *answering}


def merge_marker(current: int, wanted: int, *, last: int) -> int:
    """
    The read marker after somebody says "I have read up to *wanted*": the larger of the two, never back.

    Raises:
        Invalid: *wanted* lies beyond *last*, the end of the log, or before its beginning.
    """
    if not 0 <= wanted <= last:
        raise _about("up_to", f"This conversation goes from 0 to {last}.")
    return max(current, wanted)


def delivery(seq: int, *, delivered: int, read: int) -> Delivery:
    """
    The state of message *seq* for one recipient, derived and never stored.

    delivered, read: the highest entry this recipient's devices have acknowledged, and the read marker.
    """
    if seq <= read:
        return Delivery.READ
    return Delivery.DELIVERED if seq <= delivered else Delivery.SENT


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a send the same send: sender's own id, per sender, per conversation."""

    conversation: UUID
    sender: UUID
    client_id: str


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a send of a batch belongs: its number, and the position in the batch of the send that owns the number."""

    seq: int
    owner: int


def place(sends: Sequence[Key], heads: Mapping[UUID, int]) -> list[Placed]:
    """
    Number the *sends* of one batch, in the order of their arrival.

    A second send with the same key inside the batch gets the first one's number. Sends that the log already holds are
    not given here.

    heads: the last number used in each conversation.
    """
    next_seq = dict(heads)
    first: dict[Key, Placed] = {}
    placed: list[Placed] = []
    for position, key in enumerate(sends):
        if key not in first:
            next_seq[key.conversation] += 1
            first[key] = Placed(next_seq[key.conversation], position)
        placed.append(first[key])
    return placed
