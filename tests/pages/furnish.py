"""Fills a clinic as its people would: hours, visits, messages, a plan with answers, a report."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from aiohttp import ClientSession, FormData

from telegut.careplan.gates import GATES
from telegut.composition import Foundation, Services
from telegut.db.caller import Caller
from telegut.db.ids import new_id
from telegut.demonstration.lab_files import metaphlan_profile
from telegut.jobs.queue import Job
from telegut.reports.exchange.consent.rules import WORDS_VERSION
from telegut.reports.service import INTERPRET, Handed, Received
from telegut.reports.typed.rules import Line
from telegut.scheduling import calendars, catalogue
from telegut.scheduling.choice import languages
from telegut.scheduling.intake.rules import Content, Kind, Question
from telegut.scheduling.rules import WEEKDAYS, Availability, VisitType, WeeklyRule
from telegut.scheduling.series.service import Chosen
from telegut.scheduling.waitlist.rules import Urgency, WallWindow, Wish
from telegut.scheduling.zones import instant
from tests.build import Account, Clinic, person
from tests.reports import own_tables
from tests.reports.change import samples
from tests.rooms.recordings.keeping import keep

SYSTEM = Caller.system("tests furnish a clinic")

HOURS = (WeeklyRule(("MO", "WE"), time(14), time(17, 30), until_day=date(2030, 12, 18)),)
"""Afternoons, besides every morning."""

MESSAGES = [
    ("patient", "Hello Jonas, the oats are going well. The yoghurt I forgot twice."),
    ("nutritionist", "That is a good start, Lena. Would it help to keep the yoghurt beside your coffee?"),
    ("patient", "Yes! I will try that tomorrow."),
    ("nutritionist", "Lovely. Tell me on Thursday how it went, and we look at the next small step together."),
]

STEPS: list[dict[str, Any]] = [
    {
        "title": "Oats at breakfast",
        "kind": "fibre",
        "details": "With the milk you like.",
        "why": "preference",
        "evidence": "PREB-DIET",
        "schedule": [{"week": 1, "amount": "20 g"}, {"week": 2, "amount": "40 g"}, {"week": 4, "amount": "60 g"}],
    },
    {"title": "A spoon of live yoghurt after lunch", "kind": "fermented_food", "why": "preference"},
    {"title": "Lights out at eleven", "kind": "sleep", "why": "goal"},
]


PROTOCOL: dict[str, Any] = {
    "name": "Home kit, shotgun",
    "states": {
        "kit": "Swab in DNA/RNA preservative",
        "laboratory": "Example laboratory",
        "accreditation": "ISO 15189",
        "extraction": "bead beating, 10 minutes",
        "amplification": "none: shotgun",
        "region": "shotgun",
        "pipeline": "MetaPhlAn 4.1",
        "database": "mpa_vJun23_CHOCOPhlAnSGB_202403",
    },
    "instructions": "Take the sample in the morning.\nClose the tube and shake it.\nPost it on the same day.",
}

INTAKE_WORDS = "Waking up at four and a restless stomach"
"""What the patient wrote before the first visit."""
QUESTIONS = Content(
    "Before we talk",
    "Answer what you can. What you leave open we ask when we talk.",
    3,
    (
        Question(id="reason", group="Why you come", kind=Kind.LONG_TEXT, text="What brings you?", required=True),
        Question(
            id="sleep", group="Why you come", kind=Kind.NUMBER, text="Hours of sleep", unit="hours", low=0, high=24
        ),
        Question(id="allergies", group="Your health", kind=Kind.TEXT, text="Allergies?", fact="allergies"),
        Question(id="coeliac", group="Your health", kind=Kind.YES_NO, text="Do you have coeliac disease?"),
        Question(
            id="tried", group="What you tried", kind=Kind.CHOICES, text="What did you try?", options=("Diet", "Sport")
        ),
        Question(id="agreed", group="What you tried", kind=Kind.CONSENT, text="My team may read this."),
    ),
)


async def furnish(client: ClientSession, clinic: Clinic, base: Foundation, services: Services) -> dict[str, str]:
    """Live through some weeks; returns the ids of what came of it, by the names that page paths use."""
    visits = await _visits(clinic, base, services)
    met = UUID(visits["visit"])
    await services.rooms.rooms.look(met)
    return {
        "patient": str(clinic.patient.id),
        **visits,
        **await keep(base, met, clinic.consultant, clinic.patient),
        **await _messages(client, clinic),
        **await _plan(client, clinic, base.now().date()),
        **await _two_samples(clinic, services),
        **await _unread(clinic, services),
        **await _test(client, clinic),
        **await _report(client, clinic, services),
        **await _scores(client, clinic, base.now().date()),
    }


async def _visits(clinic: Clinic, base: Foundation, services: Services) -> dict[str, str]:
    """One visit that may be joined now, one in three days with both."""
    alone = VisitType(
        new_id(), "Follow-up", timedelta(minutes=30), timedelta(0), timedelta(minutes=10), ("consultant",)
    )
    joint = VisitType(
        new_id(), "Joint visit", timedelta(minutes=50), timedelta(0), timedelta(0), ("consultant", "nutritionist")
    )
    group = VisitType(
        new_id(), "Group session", timedelta(minutes=60), timedelta(0), timedelta(0), ("nutritionist",), seats=8
    )
    async with base.db.begin(SYSTEM) as tx:
        for place, one in enumerate((alone, joint, group)):
            await catalogue.add_visit_type(tx, one, place=place)
        for who in (clinic.consultant, clinic.nutritionist):
            offered = [one.id for one in (alone, joint, group) if who.role in one.needs]
            await catalogue.add_provider(tx, who.id, who.role, who.zone, offered)
            hours = Availability(who.zone, (WeeklyRule(WEEKDAYS, time(9), time(13)), *HOURS))
            await calendars.replace(tx, who.id, hours, version=None, by=None)
    now = base.now().replace(second=0, microsecond=0)
    first = await _book(services, alone, [clinic.consultant], clinic.patient, now + timedelta(minutes=5))
    next_one = await _book(
        services,
        joint,
        [clinic.consultant, clinic.nutritionist],
        clinic.patient,
        now.replace(hour=10, minute=0) + timedelta(days=3),
    )
    await _group(base, services, clinic, group, now)
    again = await _series(base, services, clinic, alone, now.replace(hour=10, minute=0) + timedelta(days=40))
    form = await _forms(services, (alone, joint), clinic.patient, first[0])
    evenings = WallWindow(("MO", "TU", "WE", "TH", "FR"), time(17), time(19, 30))
    wish = Wish(joint.id, "", windows=(evenings,), notice=timedelta(days=1))
    await services.waitlist.join(clinic.patient.caller, wish, patient=None, urgency=Urgency.ORDINARY)
    return {
        "appointment": str(first[0]),
        "visit": str(first[1]),
        "later": str(next_one[0]),
        "later_visit": str(next_one[1]),
        "service": str(alone.id),
        "series": again,
        "form": form,
    }


async def _series(base: Foundation, services: Services, clinic: Clinic, kind: VisitType, start: datetime) -> str:
    """Two visits of somebody else, a week apart."""
    starts, whose = (start, start + timedelta(weeks=1)), await person(base.db, "patient", "Ada Lind")
    booked = await services.series.book(SYSTEM, Chosen(kind.id, (clinic.consultant.id,), starts, whose.id))
    return str(booked.id)


async def _group(base: Foundation, services: Services, clinic: Clinic, kind: VisitType, now: datetime) -> None:
    """Two group sessions of the nutritionist, with somebody in the first; and an interpreter with hours."""
    hosts, opened = [clinic.nutritionist.id], []
    for title, days in (("questions", 6), ("exchange", 13)):
        starts = await services.groups.starts(SYSTEM, kind.id, hosts, now + timedelta(days=days), None)
        opened.append(await services.groups.open(SYSTEM, kind.id, hosts, instant(starts[0].start), title=title))
    other, translating = await person(base.db, "patient", "Otto Berg"), clinic.interpreter
    await services.groups.take_seat(other.caller, opened[0].id, None)
    async with base.db.begin(SYSTEM) as tx:
        await catalogue.add_provider(tx, translating.id, "interpreter", translating.zone)
        hours = Availability(translating.zone, (WeeklyRule(WEEKDAYS, time(8), time(18)),))
        await calendars.replace(tx, translating.id, hours, version=None, by=None)
        await languages.replace(tx, translating.id, ["ar", "de"])


async def _forms(services: Services, kinds: tuple[VisitType, ...], patient: Account, answered: UUID) -> str:
    """The same questions before every kind of visit; those before the first visit are answered."""
    made = [await services.intake.publish(SYSTEM, one.id, QUESTIONS, 0) for one in kinds]
    await services.intake.save(patient.caller, answered, {"reason": INTAKE_WORDS, "allergies": "Hazelnuts"}, ())
    await services.intake.submit(patient.caller, answered)
    return str(made[0].id)


async def _book(
    services: Services, kind: VisitType, whom: list[Account], patient: Account, start: datetime
) -> tuple[UUID, UUID]:
    booked = await services.scheduling.book(
        SYSTEM, kind.id, [one.id for one in whom], start, patient=patient.id, reason="How it goes", unasked=True
    )
    return booked.id, booked.visit


async def _messages(client: ClientSession, clinic: Clinic) -> dict[str, str]:
    people = {"patient": clinic.patient, "nutritionist": clinic.nutritionist}
    found = await _ask(client, "GET", "/api/v1/conversations", clinic.patient)
    conversation = found["items"][0]["id"]
    for who, body in MESSAGES:
        message = {"client_id": str(uuid4()), "body": body}
        await _ask(client, "POST", f"/api/v1/conversations/{conversation}/messages", people[who], message)
    return {"conversation": conversation}


async def _plan(client: ClientSession, clinic: Clinic, today: date) -> dict[str, str]:
    plan = f"/api/v1/patients/{clinic.patient.id}/care-plan"
    for gate in GATES:
        await _ask(client, "PUT", f"{plan}/gates/{gate.id}", clinic.nutritionist, {"answer": "no"})
    goal = {"title": "Wake up rested on four mornings a week"}
    await _ask(client, "POST", f"{plan}/goals", clinic.consultant, goal)
    starts = (today - timedelta(days=8)).isoformat()
    for number, step in enumerate(STEPS):
        made = await _ask(client, "POST", f"{plan}/steps", clinic.nutritionist, {**step, "starts_on": starts})
        if number == len(STEPS) - 1:
            continue  # the last one still waits for the patient's answer
        accepted = {"answer": "accepted", "version": made["version"]}
        await _ask(client, "POST", f"{plan}/steps/{made['id']}/acceptance", clinic.patient, accepted)
        for back in range(1, 5):
            day = (today - timedelta(days=back)).isoformat()
            result = {"result": "partly" if (back + number) % 3 == 0 else "done"}
            await _ask(client, "PUT", f"{plan}/steps/{made['id']}/days/{day}", clinic.patient, result)
    await _ask(client, "POST", f"{plan}/sign", clinic.consultant, {})
    read = await _ask(client, "GET", plan, clinic.patient)
    return {"plan": str(read["id"])}


async def _unread(clinic: Clinic, services: Services) -> dict[str, str]:
    """What needs a person: a table that no format knows, and a document that the consultant has typed."""
    lines = [Line("Bacteroides", "genus", 31.5), Line("Bacteroides uniformis", "species", 20.0)]
    who, patient = clinic.consultant.caller, clinic.patient.id
    table = await services.reports.receive(who, patient, [Handed("report.csv", own_tables.ASKED)], {})
    await _read(services, table)
    document = await services.reports.receive(who, patient, [Handed("report.pdf", b"%PDF-1.7\n")], {})
    await _read(services, document)
    await _read(services, await services.typing.type(who, document.id, document.version + 1, lines))
    return {"own_table": str(table.id), "document": str(document.id)}


async def _read(services: Services, kept: Received) -> None:
    """Have the report read to the end, whether or not the worker has begun."""
    await services.reports.interpret(Job(new_id(), INTERPRET, {"report": str(kept.id), "version": kept.version}, 1))


async def _test(client: ClientSession, clinic: Clinic) -> dict[str, str]:
    """A protocol of two versions, and a test that waits for the form before its sample."""
    made = await _ask(client, "POST", "/api/v1/protocols", clinic.consultant, PROTOCOL)
    changed = {**PROTOCOL, "states": {**PROTOCOL["states"], "storage": "at room temperature, 60 days"}, "version": 1}
    await _ask(client, "POST", f"/api/v1/protocols/{made['id']}/versions", clinic.consultant, changed)
    wanted = {"protocol": made["id"], "reason": "Has the gut got used to more fibre?", "profession": "nutritionist"}
    path = f"/api/v1/patients/{clinic.patient.id}/test-orders"
    order = await _ask(client, "POST", path, clinic.nutritionist, wanted)
    return {"protocol": made["id"], "test_order": order["id"], "result": await _quality(client, clinic, made["id"])}


async def _quality(client: ClientSession, clinic: Clinic, protocol: str) -> str:
    """What the laboratory found in quality material, twice; the first one's id."""
    path, kept = f"/api/v1/protocols/{protocol}/quality-results", ""
    for number, day in enumerate(("2026-03-02", "2026-09-07")):
        form = FormData()
        form.add_field("file", metaphlan_profile(number, "Q", 12_100_000), filename="material.txt")
        form.add_field("measurement", json.dumps({"material": "NIST RM 8048", "lot": "A", "measured_on": day}))
        async with client.post(path, data=form, headers=clinic.consultant.bearer) as answer:
            if answer.status != 201:
                raise AssertionError(f"POST {path} answered {answer.status}: {await answer.text()}")
            kept = kept or (await answer.json())["items"][0]["id"]
    return kept


async def _two_samples(clinic: Clinic, services: Services) -> dict[str, str]:
    """Two samples half a year apart, measured the same way, the earlier one signed; and a yes to research."""
    who, patient = clinic.consultant.caller, clinic.patient.id
    said = {"kit": "Swab in DNA/RNA preservative", "medicines": "none", "stool_form": 4}
    kept = []
    for day, genera in (("2025-02-10", samples.GUT), ("2025-08-12", samples.HALF_A_YEAR_ON)):
        files = [Handed(f"{day}.tsv", samples.metaphlan_2(genera))]
        kept.append(await services.reports.receive(who, patient, files, {**said, "collected_at": day}))
        await _read(services, kept[-1])
    await services.report_versions.sign(who, kept[0].id, 1)
    await services.research_consents.decide(clinic.patient.caller, patient, given=True, words=WORDS_VERSION)
    return {"earlier": str(kept[0].id), "later_report": str(kept[1].id), "number": "1"}


async def _report(client: ClientSession, clinic: Clinic, services: Services) -> dict[str, str]:
    form = FormData()
    profile = metaphlan_profile(0, "S1", 12_100_000)
    form.add_field("file", profile, filename="profile.txt", content_type="text/plain")
    form.add_field("metadata", json.dumps({"collected_at": "2025-11-03", "laboratory": "Example laboratory"}))
    path = f"/api/v1/patients/{clinic.patient.id}/reports"
    async with client.post(path, data=form, headers=clinic.consultant.bearer) as answer:
        if answer.status != 202:
            raise AssertionError(f"POST {path} answered {answer.status}: {await answer.text()}")
        kept = await answer.json()
    await _read(services, Received(UUID(kept["id"]), kept["state"], kept["version"]))
    return {"report": kept["id"]}


async def _scores(client: ClientSession, clinic: Clinic, today: date) -> dict[str, str]:
    """A diary of some days, yesterday left open, and one questionnaire."""
    record = f"/api/v1/patients/{clinic.patient.id}"
    for back in (2, 3, 4, 5, 6):
        felt = {"mood": 2 + back % 3, "gut": 3, "sleep": 1 + back % 4}
        day = (today - timedelta(days=back)).isoformat()
        await _ask(client, "POST", f"{record}/diary", clinic.patient, {"day": day, **felt})
    items = ("nervous", "control", "worrying", "relaxing", "restless", "irritable", "afraid")
    answers = {"instrument": "gad-7", "answers": dict.fromkeys(items, 1)}
    await _ask(client, "POST", f"{record}/responses", clinic.patient, answers)
    return {}


async def _ask(
    client: ClientSession, method: str, path: str, who: Account, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    async with client.request(method, path, json=body, headers=who.bearer) as answer:
        if answer.status >= 300:
            raise AssertionError(f"{method} {path} answered {answer.status}: {await answer.text()}")
        found: dict[str, Any] = await answer.json() if answer.status != 204 else {}
        return found
