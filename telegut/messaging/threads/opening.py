"""Opening a conversation about a subject: with everybody, or as a side thread of the care team about a patient."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert

from telegut.accounts import care
from telegut.accounts.rules import Relation
from telegut.db import audit
from telegut.db.engine import Transaction, on_violation
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.errors import NotFound
from telegut.messaging import log, membership, rules
from telegut.messaging.membership import Present
from telegut.messaging.rules import Audience, Kind, NotInTheTeam
from telegut.messaging.tables import conversation
from telegut.messaging.threads.following import in_topic


async def open_thread(
    tx: Transaction,
    vault: Vault,
    patient: UUID,
    subject: str,
    members: Collection[UUID],
    audience: Audience,
    now: datetime,
) -> log.Head:
    """
    Open one about *subject*, with the caller of *tx*, the patient or the care team, and *members*.

    Raises:
        NotFound: the patient is not in the caller's care; a side thread is opened by the care team alone.
        NotInTheTeam: a member has no place there. NoCareTeam, NobodyAnswers: nobody of the team would be in it.
    """
    relation = await care.require(tx, patient, write=True)
    if audience is Audience.TEAM and relation is not Relation.CARE_TEAM:
        raise NotFound
    wanted = {*members, *([tx.caller.account] if tx.caller.account else [])}
    team, circle = {one.account for one in await care.team(tx, patient)}, await care.circle(tx, patient)
    me = tx.caller.account
    everybody = rules.taking_part(audience, wanted, caller=me, patient=patient, circle=circle, team=team)
    there: Present = dict.fromkeys(everybody)
    if audience is Audience.EVERYONE:
        there = await in_topic(tx, patient, there)
    head = log.Head(new_id(), patient, 0)
    await _make(tx, vault, head, Kind.TEAM if audience is Audience.TEAM else Kind.TOPIC, subject, now)
    with on_violation(messaging_member_of_the_team=NotInTheTeam):
        await membership.become(tx, vault, head, {}, there, now)
    await audit.record(tx, "write", "conversation", head.id, patient=patient)
    return head


async def _make(tx: Transaction, vault: Vault, head: log.Head, kind: Kind, subject: str, now: datetime) -> None:
    key = await vault.key(tx, head.patient)
    values = {
        "id": head.id,
        "patient": head.patient,
        "kind": kind.value,
        "subject": vault.seal(conversation.c.subject, key, head.id, subject),
        "created_at": now,
        "created_by": tx.caller.account,
    }
    await tx.execute(insert(conversation).values(values))
