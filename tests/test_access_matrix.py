"""Every operation of the API, called by everybody: who gets in, who does not, and that nothing slips out beside it."""

from __future__ import annotations

import io
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiohttp import ClientSession, FormData, WSServerHandshakeError
from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import Range

from telegut import logs
from telegut.accounts.tables import session
from telegut.app import build_app
from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.messaging.uploads.making import build_uploads
from telegut.notices.tables import notice
from telegut.reports.formats.mapping import ColumnMapping
from telegut.reports.mapping import shelf as descriptions
from telegut.reports.mapping.shelf import Description
from telegut.scheduling import catalogue
from telegut.scheduling.groups.tables import group_session
from telegut.scheduling.rules import VisitType
from telegut.scheduling.series.tables import series
from telegut.scheduling.tables import appointment as visits
from telegut.scheduling.tables import participant
from telegut.scheduling.zone_check.tables import finding
from telegut.settings import Settings
from tests import build
from tests.access import ANYBODY, CIRCLE, NOBODY, PEOPLE, PUSH_DEVICE, ROWS, Row, table
from tests.conftest import TEMPLATE, _named
from tests.messaging.uploads.files import picture
from tests.pages.furnish import INTAKE_WORDS, MESSAGES, STEPS
from tests.pages.world import World, fresh_database, world_on
from tests.reports.cohorts.people import FACTS as GROUP_FACTS
from tests.reports.cohorts.people import table as control_group
from tests.scheduling.kept import waiting_and_kept

REFUSED = {401, 403, 404}
CLINICAL = [
    "How it goes",
    INTAKE_WORDS,
    "Wake up rested",
    "Bacteroides",
    "Lachnospiraceae",
    *(str(step["title"]) for step in STEPS),
    *(body for _, body in MESSAGES),
]
"""What was said and measured about the patient. Nobody outside the circle may be sent any of it."""

FOUND = {"patients": "patient", "practitioners": "consultant", "appointments": "appointment", "visits": "visit"}
FOUND |= {"series": "series", "group-sessions": "group_session", "busy-calendars": "busy"}
FOUND |= {"conversations": "conversation", "reports": "report", "services": "service", "topics": "topic"}
FOUND |= {"waitlist": "waiting", "holds": "hold", "zone-findings": "finding"}
FOUND |= dict.fromkeys(("DiagnosticReport", "Specimen", "Observation", "Device", "Provenance"), "report")
FOUND |= {"DocumentReference": "report"}
FOUND |= {"recordings": "recording", "evidence": "evidence_proposal"}
FOUND |= {"calendar-feeds": "feed", "uploads": "upload", "cohorts": "cohort"}
FOUND |= {"notices": "lost_notice", "laboratory-tables": "laboratory_table"}
FOUND |= {"protocols": "protocol", "test-orders": "test_order"}
FOUND |= {"scheduled-messages": "scheduled", "saved-replies": "saved_reply", "legal-holds": "legal_hold"}
"""What ``{id}`` means behind each word of a path."""

PUBLISHED = ("/learn", "/evidence")
"""What studies found is about nobody here, and names bacteria."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A furnished clinic, the people around its patient, and the ids of everything of theirs."""

    world: World
    db: Database
    http: ClientSession
    settings: Settings
    people: dict[str, build.Account]
    values: dict[str, Any]

    async def call(self, row: Row, who: str) -> tuple[int, str]:
        """Status and content of the answer that *who* gets to the operation of *row*."""
        account = await build.person(self.db, self._role(who)) if row.own else self.people.get(who)
        method, path = row.operation.split(" ", 1)
        values = {**self.values, "client_id": str(uuid4())}
        values |= {"email": account.email, "password": account.password} if account else {"email": "a@b.example"}
        url = self._path(path) + (f"?{_filled(row.query, values)}" if row.query else "")
        headers = account.bearer if account and who != NOBODY else {}
        sent: dict[str, Any] = {"json": _filled(row.body, values)} if row.body is not None else {}
        if row.multipart:
            sent = {"data": _upload()}
        async with self.http.request(method, url, headers=headers, **sent) as answer:
            return answer.status, await answer.text(errors="replace")

    def _role(self, who: str) -> str:
        return "patient" if who == NOBODY else self.people[who].role

    def _path(self, path: str) -> str:
        named = "own_table" if path.endswith("/columns") else FOUND.get(path.split("/")[3], "")
        return self.world.url + path.format_map({**self.values, "id": self.values.get(named, "")})


def _filled(template: Any, values: dict[str, Any]) -> Any:
    """*template* with the values in; a text that is nothing but a name becomes the value itself, number or not."""
    if isinstance(template, dict):
        return {name.format_map(values): _filled(one, values) for name, one in template.items()}
    if isinstance(template, list):
        return [_filled(one, values) for one in template]
    if not isinstance(template, str):
        return template
    whole = template[1:-1]
    if template == f"{{{whole}}}" and whole in values:
        return values[whole]
    return template.format_map(values)


def _upload() -> FormData:
    form = FormData()
    form.add_field("file", io.BytesIO(b"not a report"), filename="x.txt", content_type="text/plain")
    form.add_field("metadata", "{}")
    return form


@pytest.fixture(scope="module")
async def ground(postgres: str, root_key_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    """One clinic for the whole matrix."""
    name = f"telegut_matrix_{os.getpid()}"
    await fresh_database(postgres, name, TEMPLATE)
    url, data = _named(postgres, name), tmp_path_factory.mktemp("matrix")
    db = Database(url)
    try:
        async with world_on(url, root_key_file, data) as world, ClientSession() as http:
            settings = Settings(mode="test", data=data, database_url=url, root_key_file=root_key_file)
            yield await _ground(world, db, http, settings)
    finally:
        await db.dispose()
        connection = await asyncpg.connect(postgres)
        await connection.execute(f"drop database {name} with (force)")
        await connection.close()


async def _ground(world: World, db: Database, http: ClientSession, settings: Settings) -> Ground:
    clinic = world.clinic
    other = await build.person(db, "patient", "Otto Berg")
    people = {
        **{name: getattr(clinic, name) for name in PEOPLE if hasattr(clinic, name)},
        "stranger_guardian": await build.guardian(db, other),
        "stranger_nutritionist": await build.person(db, "nutritionist", "Ines Duarte"),
    }
    headers = clinic.patient.bearer
    patient = f"{world.url}/api/v1/patients/{clinic.patient.id}"

    async def ask(url: str) -> dict[str, Any]:
        async with http.get(url, headers=headers) as answer:
            found: dict[str, Any] = await answer.json()
            return found

    plan, team = await ask(f"{patient}/care-plan"), await ask(f"{patient}/care-team")
    events = await ask(f"{world.url}/api/v1/conversations/{world.places['conversation']}/events?after=0")
    services = await ask(f"{world.url}/api/v1/services")
    service = next(one["id"] for one in services["items"] if one["needs"] == ["consultant"])

    async def tell(who: build.Account, verb: str, path: str, body: Any) -> dict[str, Any]:
        async with http.request(verb, f"{world.url}/api/v1/{path}", json=body, headers=who.bearer) as answer:
            said: dict[str, Any] = await answer.json()
            return said

    elsewhere = "https://calendar.example/private.ics"
    visit = f"appointments/{world.places['appointment']}/follow-up"
    follow_up = await tell(clinic.consultant, "put", visit, {"service": service, "weeks": 6})
    instrument = (await ask(f"{world.url}/api/v1/instruments"))["items"][0]
    measures = await ask(f"{world.url}/api/v1/measures")
    soon = (utc_now() + timedelta(days=5)).replace(hour=9, minute=0, second=0, microsecond=0)
    draft = await tell(clinic.admin, "post", "evidence/proposals", await _proposal(ask, world.url))
    values = {
        **world.places,
        "row": draft["row"]["id"],
        "slug": "four-groups",
        "evidence_proposal": draft["id"],
        "consultant": str(clinic.consultant.id),
        "account": str(clinic.patient.id),
        "nutritionist": str(clinic.nutritionist.id),
        "session": str(clinic.patient.session),
        "team_version": team["version"],
        "goal": plan["goals"][0]["id"],
        "step": plan["steps"][0]["id"],
        "gate": plan["gates"][0]["id"],
        "day": utc_now().date().isoformat(),
        "message": next(
            one["id"]
            for one in events["items"]
            if one["type"] == "message.sent" and one["sender"] == str(clinic.patient.id)
        ),
        "service": service,
        "topic": (await tell(clinic.coordinator, "post", "topics", {"name": "Rest", "services": [service]}))["id"],
        "follow_up": follow_up["items"][0]["id"],
        "feed": (await tell(clinic.patient, "post", "calendar-feeds", {"name": "Phone"}))["id"],
        "busy": (await tell(clinic.consultant, "post", "busy-calendars", {"name": "Private", "url": elsewhere}))["id"],
        "instrument": instrument["id"],
        "item": instrument["items"][0]["id"],
        "measure": measures["items"][0]["id"],
        "finding": await _finding(db, world.places["appointment"]),
        "soon": soon.isoformat().replace("+00:00", "Z"),
        "later": (soon + timedelta(days=1)).isoformat().replace("+00:00", "Z"),
    }
    values["cohort"] = await _comparison_group(http, world.url, clinic)
    values["upload"] = await _file(db, settings, clinic.patient, world.places["conversation"], tell)
    values |= await waiting_and_kept(db, settings, clinic.patient, other, clinic.consultant, soon)
    talk = f"conversations/{world.places['conversation']}/scheduled"
    tomorrow = {"client_id": "tomorrow", "body": "Until tomorrow", "send_at": values["later"]}
    court = {"patient": str(other.id), "reason": "A court has asked"}
    values |= {
        "scheduled": (await tell(clinic.consultant, "post", talk, tomorrow))["id"],
        "saved_reply": (await tell(clinic.consultant, "post", "saved-replies", {"title": "Yes", "body": "Yes."}))["id"],
        "legal_hold": (await tell(clinic.admin, "post", "legal-holds", court))["id"],
        "push_device": (await tell(clinic.patient, "post", "me/push-devices", _push_device()))["id"],
        "lost_notice": await _lost_notice(db, clinic.patient),
        "laboratory_table": await _laboratory_table(db),
    }
    return Ground(world, db, http, settings, people, {**values, **await _gatherings(db, clinic)})


async def _proposal(ask: Any, url: str) -> dict[str, Any]:
    """The words of a row as they are, to be confirmed."""
    row = (await ask(f"{url}/api/v1/evidence"))["items"][0]
    kept = {name: row[name] for name in row if name not in ("id", "version", "reviewer", "shown_beside")}
    return {**kept, "row": row["id"], "based_on": row["version"], "why": "To be confirmed"}


async def _comparison_group(http: ClientSession, url: str, clinic: build.Clinic) -> str:
    """A clinic's own, in use: the consultant loaded it, the administrator approved it."""
    form = FormData()
    form.add_field("file", io.BytesIO(control_group(20)), filename="people.tsv", content_type="text/plain")
    form.add_field("facts", json.dumps(GROUP_FACTS))
    async with http.post(f"{url}/api/v1/cohorts", data=form, headers=clinic.consultant.bearer) as answer:
        made: str = (await answer.json())["id"]
    async with http.post(f"{url}/api/v1/cohorts/{made}/approve", headers=clinic.admin.bearer):
        return made


async def _file(db: Database, settings: Settings, patient: build.Account, conversation: str, tell: Any) -> str:
    """A picture in a message of the patient."""
    made = build_uploads(db, build.VAULT, utc_now, settings)
    found = await made.uploads.receive(patient.caller, UUID(conversation), "breakfast.jpg", picture())
    await made.checking.check(found.id)
    wish = {"client_id": "picture", "body": "", "attachments": [str(found.id)]}
    await tell(patient, "post", f"conversations/{conversation}/messages", wish)
    return str(found.id)


def _push_device() -> dict[str, Any]:
    return {**PUSH_DEVICE, "endpoint": "https://push.example/of-the-patient"}


async def _lost_notice(db: Database, to: build.Account) -> str:
    """A notice that no mail server took."""
    lost = {"id": new_id(), "recipient": to.id, "patient": to.id, "kind": "message", "about": new_id()}
    async with db.begin(build.BUILDER) as tx:
        when = {"created_at": utc_now(), "settled_at": utc_now(), "seen_at": utc_now()}
        await tx.execute(insert(notice).values(**lost, **when, state="refused", problem="550"))
    return str(lost["id"])


async def _laboratory_table(db: Database) -> str:
    """What the columns of a laboratory's table mean."""
    mapping = ColumnMapping(layout="one_column", taxon="Genus", value="Percent")
    said: dict[str, Any] = {"laboratory": "Lab", "mapping": mapping, "headings": ("Genus", "Percent")}
    made = Description(id=new_id(), number=1, offered=True, made_by=None, made_at=utc_now(), **said)
    async with db.begin(build.BUILDER) as tx:
        await descriptions.add(tx, build.VAULT, made)
    return str(made.id)


async def _finding(db: Database, appointment: str) -> str:
    """The visit's hour is one that somebody should look at."""
    found = {"id": new_id(), "appointment": UUID(appointment), "version": "2026.1", "found_at": utc_now()}
    async with db.begin(build.BUILDER) as tx:
        sequence = await tx.scalar(select(visits.c.sequence).where(visits.c.id == found["appointment"]))
        await tx.execute(insert(finding).values(**found, sequence=sequence, would_be=utc_now()))
    return str(found["id"])


async def _gatherings(db: Database, clinic: build.Clinic) -> dict[str, str]:
    """A series of the patient without visits; a kind of visit with seats, and a session of it with the consultant."""
    kind = VisitType(new_id(), "Group", timedelta(hours=1), timedelta(0), timedelta(0), ("consultant",), seats=4)
    made, session = new_id(), new_id()
    start = utc_now() + timedelta(days=400)  # beyond every visit that this ground has, at whatever hour it is made
    during = Range(start, start + kind.duration)
    times = {"zone": "Europe/London", "start_at": start, "end_at": start + kind.duration}
    times |= {"agreed_start": start.replace(tzinfo=None), "opened_at": utc_now(), "changed_at": utc_now()}
    async with db.begin(build.BUILDER) as tx:
        await catalogue.add_visit_type(tx, kind, place=99)
        await catalogue.add_provider(tx, clinic.consultant.id, "consultant", "Europe/London", [kind.id])
        row = {"id": made, "patient": clinic.patient.id, "service": kind.id, "zone": "Europe/London"}
        await tx.execute(insert(series).values(**row, first_wall=start.replace(tzinfo=None), made_at=utc_now()))
        held = {"id": session, "visit": new_id(), "service": kind.id, "title": "questions", "seats": 4, **times}
        await tx.execute(insert(group_session).values(held))
        place = {"id": new_id(), "group_session": session, "person": clinic.consultant.id, "part": "consultant"}
        await tx.execute(insert(participant).values(**place, during=during, visit=during))
    return {"series": str(made), "group": str(kind.id), "group_session": str(session)}


async def test_every_operation_has_its_row(ground: Ground) -> None:
    async with ground.http.get(f"{ground.world.url}/api/v1/openapi.json") as answer:
        described = await answer.json()
    published = {
        f"{verb.upper()} {path}" for path, verbs in described["paths"].items() for verb in verbs if verb != "parameters"
    }

    assert sorted(published) == sorted(row.operation for row in ROWS)


def test_the_page_for_people_shows_the_same_table() -> None:
    page = Path(__file__).parent.parent / "docs" / "access.md"

    assert table() in page.read_text()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.operation)
async def test_only_those_named_get_in(ground: Ground, row: Row) -> None:
    """Those who must not get in try first, while everything is still there; those who may are then let in."""
    answers = {who: await ground.call(row, who) for who in sorted(ANYBODY, key=lambda one: one in row.allowed)}
    if row.operation == "DELETE /api/v1/me/sessions/{session}":
        await _sign_in_again(ground)

    inside = {who for who, (status, _) in answers.items() if status not in REFUSED}
    leaks = {
        (who, said)
        for who, (_, content) in answers.items()
        for said in CLINICAL
        if who not in CIRCLE and said in content and not any(part in row.operation for part in PUBLISHED)
    }

    assert sorted(row.allowed) == sorted(inside), {who: status for who, (status, _) in answers.items()}
    assert set() == leaks
    assert 500 > max(status for status, _ in answers.values())
    if row.operation.startswith("GET"):
        assert {answers[who][0] for who in row.allowed} <= {200}


async def _sign_in_again(ground: Ground) -> None:
    """The patient ended the sign-in that the rest of the matrix uses."""
    async with ground.db.begin(build.BUILDER) as tx:
        await tx.execute(update(session).values(ended_at=None))


# --- sockets


SOCKETS = ("/events", "/rooms", "/notes/{plan}")


async def knock(ground: Ground, path: str, headers: dict[str, str]) -> int:
    """The status of a handshake; 101 when it is let through."""
    try:
        async with ground.http.ws_connect(ground.world.address(path), headers=headers):
            return 101
    except WSServerHandshakeError as refusal:
        return refusal.status


@pytest.mark.parametrize("path", SOCKETS)
async def test_a_socket_asks_who_is_there_and_from_which_page(ground: Ground, path: str) -> None:
    cookie = {"Cookie": f"telegut={ground.world.cookies['patient']['value']}"}
    own = {"Origin": ground.world.url}
    foreign = [{"Origin": one} for one in ("https://elsewhere.example", "null", "http://127.0.0.1", "")]
    # What lets somebody into a room is the ticket in their first message: a link's visitor has no sign-in.
    unknown = 101 if path == "/rooms" else 401

    assert {unknown} == {await knock(ground, path, one) for one in ({"Cookie": "telegut=x", **own}, own)}
    assert {403} == {await knock(ground, path, {**cookie, **one}) for one in (*foreign, {})}
    assert 101 == await knock(ground, path, {**cookie, **own})
    assert 101 == await knock(ground, path, ground.people["patient"].bearer)


async def test_the_notes_of_a_plan_are_nobody_else_s(ground: Ground) -> None:
    found = {who: await knock(ground, "/notes/{plan}", ground.people[who].bearer) for who in PEOPLE}

    assert sorted(CIRCLE) == sorted(who for who, status in found.items() if status == 101)
    assert {404} == {status for who, status in found.items() if who not in CIRCLE}


# --- pages


def _pages(ground: Ground) -> list[str]:
    """The addresses of every page, with this patient's things in their paths."""
    values = {**ground.values, "secret": "not-a-secret", "name": "app.css"}
    app = build_app(ground.settings)
    routes = {route.resource.canonical for route in app.router.routes() if route.method == "GET" and route.resource}
    apart = ("/api/", "/static/", *SOCKETS, "/metrics", "/livez", "/readyz")
    found = []
    for path in sorted(routes):
        if not path.startswith(apart):
            word = path.split("/")[1]
            found.append(path.format_map({**values, "id": values.get(FOUND.get(word, ""), "")}))
    return found


NOBODYS = frozenset({"service", "form", "protocol", "result"})
"""Places in no record, open to everybody who works with them: a kind of visit, its form, a protocol and its results."""


async def test_no_page_shows_a_stranger_anything_of_the_patient(ground: Ground) -> None:
    outside = sorted(set(PEOPLE) - CIRCLE)
    leaks, opened = set(), set()
    # The number of a version is in no one's record: it is the report's id before it that says whose it is.
    theirs = {str(one) for name, one in ground.world.places.items() if name not in NOBODYS} - set("123456789")
    for path in _pages(ground):
        for who in (*outside, NOBODY):
            headers = {"Accept": "text/html", **(ground.people[who].bearer if who != NOBODY else {})}
            async with ground.http.get(ground.world.url + path, headers=headers, allow_redirects=False) as answer:
                content = await answer.text()
            leaks |= {(path, who, said) for said in CLINICAL if said in content and not path.startswith(PUBLISHED)}
            if theirs & set(path.split("/")) and answer.status == 200:
                opened.add((path, who))
    patient = ground.values["patient"]

    assert set() == leaks
    assert {(f"/patients/{patient}/accesses", "auditor")} == {one for one in opened if one[1] != "coordinator"}


# --- logs


CANARY = "kanarienvogel-7f3a"


def _with_canaries(body: Any) -> Any:
    """*body* with the canary in every text that a person writes."""
    if isinstance(body, dict):
        return {name: _with_canaries(one) for name, one in body.items()}
    if isinstance(body, list):
        return [_with_canaries(one) for one in body]
    return f"{CANARY} {body}" if isinstance(body, str) and not body.startswith("{") else body


def _everywhere(body: Any) -> Any:
    """*body* with the canary in every text at all."""
    if isinstance(body, dict):
        return {name: _everywhere(one) for name, one in body.items()} | {CANARY: CANARY}
    if isinstance(body, list):
        return [_everywhere(one) for one in body]
    return CANARY if isinstance(body, str) else body


async def test_nothing_that_people_write_is_in_the_logs(ground: Ground, capfd: pytest.CaptureFixture[str]) -> None:
    heard = io.StringIO()
    logs.configure("test", stream=heard)
    statuses = set()
    try:
        for row in ROWS:
            for body in (_with_canaries(row.body), _everywhere(row.body)):
                for who in ("patient", "consultant", NOBODY):
                    statuses.add((await ground.call(replace(row, body=body), who))[0])
        statuses |= await _say_it_everywhere_else(ground)
        await _break_the_database(ground)
        for row in ROWS:
            for who in ("patient", NOBODY):
                statuses.add((await ground.call(replace(row, body=_with_canaries(row.body)), who))[0])
    finally:
        logs.configure("test")
    lines = heard.getvalue()
    printed = capfd.readouterr()

    assert CANARY not in lines + printed.out + printed.err
    assert {200, 201, 400, 401, 404, 422, 500} <= statuses
    assert lines.count('"event": "request"') > 2 * len(ROWS)
    assert all(json.loads(line) for line in lines.splitlines())


async def _say_it_everywhere_else(ground: Ground) -> set[int]:
    """The canary in addresses, headers, cookies, forms and broken JSON."""
    url, lena = ground.world.url, ground.people["patient"].bearer
    sent: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", f"/{CANARY}?q={CANARY}", {}),
        ("GET", f"/api/v1/patients/{CANARY}", {"headers": lena}),
        ("GET", f"/api/v1/patients?cursor={CANARY}", {"headers": lena}),
        ("GET", f"/j/{CANARY}", {}),
        ("GET", "/api/v1/me", {"headers": {"Authorization": f"Bearer {CANARY}", "User-Agent": CANARY}}),
        ("GET", "/api/v1/me", {"headers": {**lena, "X-Request-Id": CANARY, "X-Forwarded-For": CANARY}}),
        ("GET", "/today", {"headers": {"Cookie": f"telegut={CANARY}; telegut-visit={CANARY}", "Accept": "text/html"}}),
        ("POST", "/api/v1/tokens", {"data": f'{{"email": "{CANARY}', "headers": {"Content-Type": "application/json"}}),
        ("POST", "/api/v1/tokens", {"data": CANARY, "headers": {"Content-Type": f"text/{CANARY}"}}),
        ("POST", "/sign-in", {"data": {"email": CANARY, "password": CANARY, "csrf": CANARY, "next": f"/{CANARY}"}}),
        ("DELETE", "/api/v1/me/sessions/" + CANARY, {"headers": {**lena, "Idempotency-Key": CANARY}}),
    ]
    statuses = set()
    for method, path, rest in sent:
        async with ground.http.request(method, url + path, allow_redirects=False, **rest) as answer:
            statuses.add(answer.status)
    return statuses


async def _break_the_database(ground: Ground) -> None:
    """Tables whose statements carry text go away, so that failures of ours carry it too."""
    async with ground.db.engine.begin() as connection:
        for table in ("db_audit", "web_idempotency"):
            await connection.execute(text(f"alter table {table} rename to {table}_gone"))
