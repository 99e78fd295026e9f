"""
Where conversations stand: the standing that was kept, led on by the entries that the log has since.

Nothing is written where messages are sent: the writer is the hottest place of telegut, and the log says it all. A job
of the worker keeps standings (`noting`), so that a reader has a few entries to read on, mostly none. Only where the
team has taken a word back is the log read from its beginning, until the job has been there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Row, bindparam, case, column, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from telegut.accounts import family
from telegut.db.engine import Transaction
from telegut.db.metadata import Id
from telegut.messaging.ledger.rules import RELEVANT, Debt, Fact, Hands, Standing, State, lead_on, must_begin_anew
from telegut.messaging.ledger.tables import standing as kept
from telegut.messaging.rules import EntryType
from telegut.messaging.scheduled.marks import names
from telegut.messaging.scheduled.tables import scheduled
from telegut.messaging.tables import conversation, entry

_WANTED = (
    func.unnest(bindparam("conversations", type_=ARRAY(Id)), bindparam("behind", type_=ARRAY(BigInteger)))
    .table_valued(column("conversation", Id), column("behind", BigInteger), name="wanted")
    .render_derived()
)
_ASKED = entry.alias("asked")
_OVERTAKEN = exists().where(
    _ASKED.c.conversation == entry.c.conversation,
    _ASKED.c.seq < entry.c.seq,
    _ASKED.c.type.in_((EntryType.SENT.value, EntryType.EDITED.value)),
    _ASKED.c.at > scheduled.c.made_at,
    family.includes(_ASKED.c.patient, _ASKED.c.sender),
)
_BACK = entry.alias("back")
_TAKEN_BACK = exists().where(_BACK.c.about == entry.c.id, _BACK.c.type == EntryType.RETRACTED.value)
_NEWER = (
    select(
        entry.c.conversation,
        entry.c.seq,
        entry.c.type,
        entry.c.at,
        entry.c.sender,
        entry.c.about,
        entry.c.urgent,
        scheduled.c.id.is_not(None).label("scheduled"),
        case((scheduled.c.id.is_not(None), _OVERTAKEN), else_=False).label("overtaken"),
        case((entry.c.type == EntryType.SENT.value, _TAKEN_BACK), else_=False).label("taken_back"),
    )
    .select_from(entry)
    .outerjoin(scheduled, names(entry))
    .join(_WANTED, (entry.c.conversation == _WANTED.c.conversation) & (entry.c.seq > _WANTED.c.behind))
    .where(entry.c.type.in_(sorted(one.value for one in RELEVANT)))
    .order_by(entry.c.conversation, entry.c.seq)
)
_KEPT = (
    select(conversation.c.id, conversation.c.patient, conversation.c.last_seq, kept)
    .outerjoin(kept, kept.c.conversation == conversation.c.id)
    .where(conversation.c.id == func.any(bindparam("conversations", type_=ARRAY(Id))))
)


@dataclass(frozen=True, slots=True)
class Read:
    """
    A conversation's standing as of now, and the debts on the way from the one that was kept.

    anew: these are all debts of its log, and some that were noted before may not be what they seemed.
    """

    conversation: UUID
    patient: UUID
    standing: Standing
    debts: list[Debt]
    anew: bool = False


async def of(tx: Transaction, conversations: Collection[UUID]) -> dict[UUID, Read]:
    """Where those of *conversations* stand that the caller of *tx* may see."""
    rows = (await tx.execute(_KEPT, {"conversations": sorted(conversations)})).all()
    if not rows:
        return {}
    before = {row.id: _standing(row) for row in rows}
    families = await family.of(tx, {row.patient for row in rows})
    last = {row.id: row.last_seq for row in rows}
    newer = await _newer(tx, before, last)
    anew = {row.id: Standing() for row in rows if must_begin_anew(newer[row.id], families[row.patient])}
    if anew:
        newer.update(await _newer(tx, anew, last))
    found: dict[UUID, Read] = {}
    for row in rows:
        standing, debts = lead_on(anew.get(row.id, before[row.id]), newer[row.id], families[row.patient])
        reached = Standing(**{**_fields(standing), "up_to": max(standing.up_to, row.last_seq)})
        found[row.id] = Read(row.id, row.patient, reached, debts, row.id in anew)
    return found


async def one(tx: Transaction, conversation_id: UUID) -> Standing:
    """Where one conversation stands, for somebody who was let in."""
    return (await of(tx, [conversation_id]))[conversation_id].standing


def _fields(one: Standing) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__slots__}


async def _newer(
    tx: Transaction, before: Mapping[UUID, Standing], last: Mapping[UUID, int]
) -> defaultdict[UUID, list[Fact]]:
    behind = [(one, standing.up_to) for one, standing in sorted(before.items()) if standing.up_to < last[one]]
    found: defaultdict[UUID, list[Fact]] = defaultdict(list)
    if behind:
        asked = {"conversations": [one for one, _ in behind], "behind": [at for _, at in behind]}
        for row in await tx.execute(_NEWER, asked):
            found[row.conversation].append(_fact(row))
    return found


def _fact(row: Row[Any]) -> Fact:
    return Fact(
        seq=row.seq,
        type=EntryType(row.type),
        at=row.at,
        sender=row.sender,
        about=row.about,
        urgent=row.urgent,
        scheduled=row.scheduled,
        overtaken=row.overtaken,
        taken_back=row.taken_back,
    )


def _standing(row: Row[Any]) -> Standing:
    if row.state is None:
        return Standing()
    return Standing(
        state=State(row.state),
        owner=row.owner,
        since=row.since,
        since_seq=row.since_seq,
        hands=hands_from(row.hands),
        urgent=row.urgent,
        version=row.version,
        up_to=row.up_to,
    )


def hands_from(document: Sequence[Sequence[str | None]]) -> Hands:
    """Hands as they are kept: pairs of an instant and an account."""
    return tuple((datetime.fromisoformat(str(at)), None if who is None else UUID(who)) for at, who in document)


def hands_document(hands: Hands) -> list[list[str | None]]:
    """The other way round."""
    return [[at.isoformat(), None if who is None else str(who)] for at, who in hands]
