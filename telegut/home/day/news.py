"""What is known before a visit begins: whether people are ready for it, and what came in since the last one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from telegut.accounts import people
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.home.day.views import Mark
from telegut.messaging.inbox import Conversation
from telegut.outcomes.arrivals import answered
from telegut.reports.arrivals import arrived
from telegut.rooms import readiness as rooms_readiness
from telegut.rooms.rehearsal.rules import Grade, Trouble, Verdict
from telegut.rooms.rehearsal.service import verdicts
from telegut.scheduling import appointments
from telegut.scheduling.appointments import Appointment, Filter
from telegut.scheduling.intake import sheets
from telegut.scheduling.rules import Outcome, Status
from telegut.scheduling.screens.rows import Row
from telegut.web.words import gettext as _
from telegut.web.words import ngettext

CHECKS_FROM: Final = timedelta(hours=24)
"""From here on it is worth saying that nothing was checked yet."""
LOOKS_BACK: Final = timedelta(days=365)
VISITS_BEFORE: Final = 500


async def readiness(
    tx: Transaction, visits: Sequence[Appointment], here: Collection[UUID], now: datetime
) -> dict[UUID, list[Mark]]:
    """
    What there is to say about each visit that is still to come; what nobody was asked for is not missed.

    here: visits (of rooms) in which the patient's side is already at the door: whether they come is no question.
    """
    coming = [one for one in visits if one.status is Status.BOOKED and one.start > now]
    forms = await sheets.states(tx, [one.id for one in coming])
    checked = await rooms_readiness.ready(tx, [one.visit for one in coming])
    rehearsed = await verdicts(tx, [one.visit for one in coming])
    signers = await people.named(tx, {one.override.by for one in visits if one.override is not None})
    found: defaultdict[UUID, list[Mark]] = defaultdict(list)
    for one in coming:
        found[one.id] += (
            []
            if one.visit in here
            else _presence(one, checked.get(one.visit, set()), rehearsed.get(one.visit, {}).get(one.patient), now)
        )
        found[one.id] += _form(forms.get(one.id, "none"))
    for one in visits:
        if one.override is not None and one.override.by in signers:
            by = signers[one.override.by].name
            found[one.id].append(Mark(_("Booked against the rules by %(name)s", name=by), "", "pen-line"))
    return found


def _presence(one: Appointment, checked: Collection[UUID], tried: Verdict | None, now: datetime) -> list[Mark]:
    """Whether the patient said that they come, and what their check for this visit means: ready, risky or unknown."""
    said = [Mark(_("Will be there"), "leaf", "check")] if one.confirmed_at is not None else []
    if tried is not None:
        return [*said, _tried(tried)]
    if one.patient in checked:
        return [*said, Mark(_("Camera and sound checked"), "leaf", "check")]
    soon = one.start - now <= CHECKS_FROM
    return [*said, Mark(_("Camera and sound not checked yet"), "", "video")] if soon else said


def _tried(means: Verdict) -> Mark:
    if means.grade is Grade.READY:
        return Mark(_("Ready: camera, sound and connection"), "leaf", "check")
    return Mark(_("Risky: %(why)s", why=_why(means.troubles[0])), "now", "info")


def _why(trouble: Trouble) -> str:
    words = {
        Trouble.NO_WAY: _("no connection came about"),
        Trouble.MICROPHONE: _("no microphone"),
        Trouble.LOSS: _("the connection loses a lot"),
        Trouble.DELAY: _("the connection is slow"),
        Trouble.TCP: _("their network lets only a detour through"),
        Trouble.RELAY: _("their network blocks our relay"),
        Trouble.CAMERA: _("no camera"),
    }
    return words[trouble]


def _form(state: str) -> list[Mark]:
    if state == "none":
        return []
    if state == "submitted":
        return [Mark(_("Form filled in"), "leaf", "check")]
    return [Mark(_("Form begun") if state == "draft" else _("Form not filled in yet"), "", "file-text")]


async def since_last_time(
    tx: Transaction, caller: Caller, rows: Sequence[Row], threads: Sequence[Conversation], now: datetime
) -> dict[UUID, list[str]]:
    """What came in for the patient of each coming visit since they last saw the caller; for a first visit, ever."""
    coming = [one.visit for one in rows if one.visit.status is Status.BOOKED and one.visit.end > now]
    patients = {one.patient for one in coming}
    if not patients:
        return {}
    last = await _last_seen(tx, caller, patients, now)
    reports, answers = await arrived(tx, last), await answered(tx, last)
    unread = {one.patient: one.unread for one in threads if one.unread}
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for one in coming:
        said = (
            (reports[one.patient], ngettext("a new report", "%(n)s new reports", reports[one.patient])),
            (answers[one.patient], ngettext("one questionnaire", "%(n)s questionnaires", answers[one.patient])),
            (
                unread.get(one.patient, 0),
                ngettext("one unread message", "%(n)s unread messages", unread.get(one.patient, 0)),
            ),
        )
        found[one.id] = [words for count, words in said if count]
    return found


async def _last_seen(tx: Transaction, caller: Caller, patients: set[UUID], now: datetime) -> dict[UUID, datetime]:
    wanted = Filter(since=now - LOOKS_BACK, until=now, practitioner=caller.account, status=Status.COMPLETED)
    before = await appointments.find(tx, wanted, VISITS_BEFORE)
    seen = {one.patient: one.start for one in before if one.outcome is Outcome.ATTENDED}
    return {one: seen.get(one, now - LOOKS_BACK) for one in patients}
