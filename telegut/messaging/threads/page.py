"""What a thread's script starts from, and the way from a patient to their place."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from telegut.accounts import people
from telegut.errors import NotFound
from telegut.messaging import log
from telegut.messaging.inbox import Conversation
from telegut.messaging.keys import MESSAGING
from telegut.messaging.ledger.keys import REPLY_LEDGER
from telegut.messaging.ledger.whose_turn import Outlook
from telegut.messaging.scheduled.handlers import LATER
from telegut.web.api import Call
from telegut.web.pages import Pages

pages = Pages("messaging")

FIRST_SHOWN = 120
"""Entries that a thread opens with; earlier ones are a button away."""


@pages.get("/patients/{id}/messages", roles={"patient", "guardian", "consultant", "nutritionist"})
async def get_place(call: Call[None]) -> web.StreamResponse:
    """On to the one place of a patient and their care team."""
    opened = await call.app[MESSAGING].care_conversation(call.caller, call.uuid("id"))
    if opened is None:
        raise NotFound
    raise web.HTTPFound(f"/messages/{opened.id}")


async def opened_thread(call: Call[None], opened: Conversation) -> dict[str, Any]:
    """Everything that the thread *opened* shows at first; what comes after, the log and the feed say."""
    messaging, caller = call.app[MESSAGING], call.caller
    entries = await messaging.latest(caller, opened.id, before=opened.last_seq + 1, limit=FIRST_SHOWN)
    outlook = await call.app[REPLY_LEDGER].ledger.outlook(caller, opened.id)
    due = outlook.turn.due
    in_team = caller.is_clinician and caller.account != opened.patient
    async with messaging.db.begin(caller) as tx:
        patient = (await people.named(tx, [opened.patient]))[opened.patient]
    return {
        "conversation": str(opened.id),
        "kind": opened.kind,
        "patient": str(opened.patient),
        "patient_name": opened.patient_name,
        "patient_zone": patient.zone,
        "audience": opened.audience.value,
        "me": str(caller.account),
        "in_team": in_team,
        "read_up_to": opened.read_up_to,
        "last_seq": opened.last_seq,
        "max_characters": messaging.max_characters,
        "members": [
            {
                "account": str(one.account),
                "name": one.name,
                "roles": opened.stands_as(one),
                "read_up_to": one.read_up_to,
                "delivered_up_to": one.delivered_up_to,
            }
            for one in opened.members
        ],
        "entries": entries,
        "outlook": None if in_team else outlook_of(outlook),
        "waits": await call.app[LATER].waiting(caller),
        "answer_due": None if due is None else log.instant(due),
    }


def outlook_of(outlook: Outlook) -> dict[str, Any]:
    """The promise as JSON."""
    return {
        "cared_for": outlook.cared_for,
        "staffed": outlook.staffed,
        "answer_by": None if outlook.answer_by is None else log.instant(outlook.answer_by),
        "late": outlook.late,
        "helplines": [{"label": one.label, "number": one.number, "dialled": one.dialled} for one in outlook.helplines],
        "answers": None if outlook.answers is None else outlook.answers.name,
        "away": None
        if outlook.absent is None
        else {"name": outlook.absent.person.name, "until": outlook.absent.until_day.isoformat()},
    }
