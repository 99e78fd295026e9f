"""Forms before a visit, over HTTP on PostgreSQL: who answers, who reads, what is kept, and by which version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from telegut.clock import utc_now
from telegut.db import audit
from telegut.db.engine import Database
from telegut.scheduling.intake.tables import answer
from telegut.scheduling.tables import appointment as appointments
from tests import build
from tests.build import Account
from tests.rooms.test_link_time import visitor
from tests.scheduling.conftest import Api, Client, Practice, at, booked

QUESTIONS: list[dict[str, Any]] = [
    {"id": "reason", "group": "You", "kind": "long_text", "text": "What brings you?", "required": True},
    {"id": "allergies", "group": "Health", "kind": "text", "text": "Allergies?", "fact": "allergies"},
    {
        "id": "sleep",
        "group": "Health",
        "kind": "number",
        "text": "Hours of sleep",
        "unit": "hours",
        "low": 0,
        "high": 24,
    },
]


@dataclass(frozen=True, slots=True)
class Clinic:
    """A practice that asks something before a consultation, and one that is booked."""

    client: Client
    practice: Practice
    visit: dict[str, Any]

    def of(self, who: Account) -> Api:
        """Requests of somebody."""
        return Api(self.client, who)

    @property
    def lena(self) -> Api:
        """The patient."""
        return self.of(self.practice.patient)

    def path(self, visit: dict[str, Any] | None = None) -> str:
        """Where a visit's form lies."""
        return f"/api/v1/appointments/{(visit or self.visit)['id']}/intake"

    async def publish(self, questions: list[dict[str, Any]], version: int, service: Any = None) -> tuple[int, Any]:
        """Another version of the form."""
        service = str(service or self.practice.short)
        body = {"service": service, "version": version, "title": "Before we talk", "questions": questions}
        given = await self.of(self.practice.coordinator).post("/api/v1/intake/forms", body)
        return given.status, await given.json()

    async def say(self, visit: dict[str, Any] | None = None, keep: tuple[str, ...] = (), **answers: Any) -> Any:
        """Lena answers."""
        given = await self.lena.put(f"{self.path(visit)}/answers", {"answers": answers, "keep": list(keep)})
        return given.status, await given.json()


@pytest.fixture
async def clinic(client: Client, practice: Practice) -> Clinic:
    """The clinic."""
    lena = Api(client, practice.patient)
    visit = await booked(await lena.book(practice.short, [practice.consultant], at(3)))
    made = Clinic(client, practice, visit)
    assert 201 == (await made.publish(QUESTIONS, 0))[0]
    return made


def values(sheet: dict[str, Any]) -> dict[str, Any]:
    """The answers of a sheet by question."""
    return {name: given["value"] for name, given in sheet["answers"].items()}


async def test_answers_are_kept_one_by_one_and_handed_in_once(clinic: Clinic) -> None:
    before = await (await clinic.lena.get(clinic.path())).json()
    assert (200, {"reason": "Sleep"}) == ((first := await clinic.say(reason="Sleep"))[0], values(first[1]))
    _, second = await clinic.say(sleep=6, allergies="Hazelnuts")
    handed = await clinic.lena.post(f"{clinic.path()}/submit", {})
    again = await clinic.lena.post(f"{clinic.path()}/submit", {})
    corrected = (await clinic.say(sleep=7.5, allergies=None))[1]

    assert ("open", "draft", "submitted") == (before["state"], second["state"], corrected["state"])
    assert (200, 200) == (handed.status, again.status)
    assert (await handed.json())["submitted_at"] == (await again.json())["submitted_at"]
    assert {"reason": "Sleep", "sleep": 7.5} == values(corrected)


async def test_a_form_with_a_question_that_waits_stays_open(clinic: Clinic) -> None:
    await clinic.say(sleep=6)
    refused = await clinic.lena.post(f"{clinic.path()}/submit", {})
    bad = await clinic.say(sleep=99)

    assert (422, "not_complete", "answers.reason") == (
        refused.status,
        (found := await refused.json())["code"],
        found["errors"][0]["field"],
    )
    assert (422, "answers.sleep") == (bad[0], bad[1]["errors"][0]["field"])
    assert {"sleep": 6.0} == values(await (await clinic.lena.get(clinic.path())).json())


async def test_what_lies_in_the_database_is_sealed_and_only_grows(clinic: Clinic, db: Database) -> None:
    await clinic.say(reason="Sleep")
    await clinic.say(reason="Sleep and food")
    await clinic.say(reason="Sleep and food")
    async with db.begin(build.BUILDER) as tx:
        rows = (await tx.execute(select(answer))).all()
        acts = (
            (await tx.execute(select(audit.entries.c.action).where(audit.entries.c.what == "intake"))).scalars().all()
        )

    assert 2 == len(rows)
    assert not any(b"Sleep" in row.value for row in rows)
    assert (2, True) == (acts.count("write"), "read" in acts)


async def test_only_the_care_team_reads_and_only_the_patient_s_side_writes(clinic: Clinic, db: Database) -> None:
    practice = clinic.practice
    await clinic.say(reason="Sleep")
    ruth = await build.guardian(db, practice.patient)
    nobody = {who: clinic.of(who) for who in (practice.other, practice.nutritionist, practice.coordinator)}
    read = {who.id: (await api.get(clinic.path())).status for who, api in nobody.items()}
    wrote = await clinic.of(practice.consultant).put(f"{clinic.path()}/answers", {"answers": {"reason": "x"}})
    hers = await clinic.of(ruth).put(f"{clinic.path()}/answers", {"answers": {"sleep": 5}})
    seen = await clinic.of(practice.consultant).get(clinic.path())
    page = await clinic.of(practice.consultant).get(f"/visits/{clinic.visit['visit']}/intake")

    assert {404} == set(read.values())
    assert (403, 200) == (wrote.status, hers.status)
    assert {"reason": "Sleep", "sleep": 5.0} == values(await seen.json())
    assert "What Lena Hartmann wrote" in (text := await page.text())
    assert "5 hours" in text


async def test_what_is_known_is_not_asked_again(clinic: Clinic) -> None:
    await clinic.say(reason="Sleep", allergies="Hazelnuts")
    other = await booked(await clinic.lena.book(clinic.practice.padded, [clinic.practice.consultant], at(4)))
    await clinic.publish([{**QUESTIONS[1], "id": "allergic_to"}], 0, clinic.practice.padded)
    drafted = await (await clinic.lena.get(clinic.path(other))).json()
    await clinic.lena.post(f"{clinic.path()}/submit", {})
    known = await (await clinic.lena.get(clinic.path(other))).json()
    _, kept = await clinic.say(other, keep=("allergic_to",))
    _, changed = await clinic.say(other, allergic_to="Hazelnuts and sesame")

    assert {} == drafted["known"]  # it was not handed in yet
    assert "Hazelnuts" == known["known"]["allergic_to"]["value"]
    assert ("Hazelnuts", True) == tuple(kept["answers"]["allergic_to"][name] for name in ("value", "kept"))
    assert {} == kept["known"]
    assert ("Hazelnuts and sesame", False) == tuple(changed["answers"]["allergic_to"][n] for n in ("value", "kept"))


async def test_an_earlier_answer_of_another_kind_is_asked_anew(clinic: Clinic) -> None:
    await clinic.say(reason="Sleep", allergies="Hazelnuts")
    await clinic.lena.post(f"{clinic.path()}/submit", {})
    other = await booked(await clinic.lena.book(clinic.practice.padded, [clinic.practice.consultant], at(4)))
    question = {"id": "any", "group": "Health", "kind": "yes_no", "text": "Any allergies?", "fact": "allergies"}
    await clinic.publish([question], 0, clinic.practice.padded)
    _, kept = await clinic.say(other, keep=("any",))

    assert ({}, {}) == (kept["known"], kept["answers"])


async def test_an_answer_belongs_to_its_version(clinic: Clinic) -> None:
    await clinic.say(reason="Sleep")
    shorter = await clinic.publish([{**QUESTIONS[0], "text": "Why do you come?"}], 1)
    stale = await clinic.publish(QUESTIONS, 1)
    begun = await (await clinic.lena.get(clinic.path())).json()
    later = await booked(await clinic.lena.book(clinic.practice.short, [clinic.practice.consultant], at(5)))
    fresh = await (await clinic.lena.get(clinic.path(later))).json()

    assert (201, 2) == (shorter[0], shorter[1]["version"])
    assert (409, "form_changed") == (stale[0], stale[1]["code"])
    assert (1, 3, "What brings you?") == (
        begun["form"]["version"],
        len(begun["form"]["questions"]),
        begun["form"]["questions"][0]["text"],
    )
    assert (2, "Why do you come?") == (fresh["form"]["version"], fresh["form"]["questions"][0]["text"])


async def test_a_form_without_questions_asks_nothing(clinic: Clinic) -> None:
    await clinic.publish([], 1)
    found = await (await clinic.lena.get(clinic.path())).json()

    assert ("none", None, False) == (found["state"], found["form"], found["editable"])
    assert 404 == (await clinic.say(reason="Sleep"))[0]


async def test_the_form_closes_when_the_visit_begins(clinic: Clinic, db: Database) -> None:
    await clinic.say(reason="Sleep")
    async with db.begin(build.BUILDER) as tx:
        begun = utc_now() - timedelta(minutes=1)
        row = update(appointments).where(appointments.c.id == clinic.visit["id"])
        await tx.execute(row.values(start_at=begun, end_at=begun + timedelta(minutes=30)))
    late = await clinic.say(reason="Too late")
    kept = await (await clinic.lena.get(clinic.path())).json()

    assert (409, "intake_closed") == (late[0], late[1]["code"])
    assert ({"reason": "Sleep"}, False) == (values(kept), kept["editable"])


async def test_by_the_link_one_answers_and_reads_nothing(clinic: Clinic) -> None:
    practice = clinic.practice
    await clinic.say(reason="Sleep", allergies="Hazelnuts")
    await clinic.lena.post(f"{clinic.path()}/submit", {})
    other = await booked(await clinic.lena.book(practice.short, [practice.consultant], at(4)))
    me = await visitor(clinic.client, practice.patient, other["visit"])
    path = clinic.path(other)
    shown = await me.ask("GET", path)
    page = await me.ask("GET", f"/intake/{other['id']}")
    wrote = await me.ask("PUT", f"{path}/answers", json={"answers": {"reason": "Bread"}, "keep": ["allergies"]})
    handed = await me.ask("POST", f"{path}/submit")
    foreign = [
        await me.ask("GET", clinic.path()),
        await me.ask("PUT", f"{clinic.path()}/answers", json={"answers": {"reason": "x"}}),
        await me.ask("POST", f"{clinic.path()}/submit"),
        await me.ask("GET", f"/intake/{clinic.visit['id']}"),
    ]
    signed_in = await (await clinic.lena.get(path)).json()
    hers = await visitor(clinic.client, practice.consultant, other["visit"])

    assert (200, 200, 200, 200) == (shown[0], page[0], wrote[0], handed[0])
    assert (None, True) == tuple(shown[1]["known"]["allergies"][name] for name in ("value", "hidden"))
    assert not any(said in str((shown, page, wrote, handed)) for said in ("Hazelnuts", "Sleep"))
    assert {"reason": "Bread", "allergies": "Hazelnuts"} == values(signed_in)
    assert {404} == {status for status, _ in foreign}
    assert 404 == (await hers.ask("GET", path))[0]


async def test_what_does_not_fit_is_one_error_in_plain_words(clinic: Clinic) -> None:
    long = await clinic.say(reason="x" * 100_000)
    unknown = await clinic.say(keep=("nothing",))

    assert (422, ["answers.reason"]) == (long[0], [one["field"] for one in long[1]["errors"]])
    assert "characters at most" in long[1]["errors"][0]["message"]
    assert (422, ["keep"]) == (unknown[0], [one["field"] for one in unknown[1]["errors"]])


async def test_a_form_is_defined_by_those_whose_work_it_is(clinic: Clinic) -> None:
    body = {"service": str(clinic.practice.advice), "version": 0, "title": "Food", "questions": QUESTIONS}
    refused = [await clinic.of(who).post("/api/v1/intake/forms", body) for who in (clinic.practice.patient,)]
    twisted = await clinic.of(clinic.practice.consultant).post(
        "/api/v1/intake/forms", {**body, "questions": [{**QUESTIONS[0], "kind": "choice"}]}
    )
    unknown = await clinic.of(clinic.practice.consultant).post(
        "/api/v1/intake/forms", {**body, "service": str(clinic.visit["id"])}
    )
    listed = await clinic.of(clinic.practice.consultant).get("/api/v1/intake/forms")

    assert {403} == {one.status for one in refused}
    assert 409 == (await clinic.publish(QUESTIONS, 2**31))[0]
    assert (422, "questions.0.options") == (twisted.status, (await twisted.json())["errors"][0]["field"])
    assert 422 == unknown.status
    assert 1 == len((await listed.json())["items"])
