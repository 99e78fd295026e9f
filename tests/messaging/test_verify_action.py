"""
What a client held, led on by events, is what it would load anew: for everybody, after any operations (after Zulip's
``verify_action``).
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from telegut.app import build_foundation
from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.messaging.ledger.making import build_ledger, subjects
from telegut.messaging.ledger.on_call import OnCall
from telegut.messaging.ledger.urgency import Pace
from telegut.messaging.scheduled.service import Later
from telegut.messaging.uploads.making import UploadServices, build_uploads
from telegut.notices.service import build_notices
from telegut.settings import Settings
from tests import build
from tests.build import Account, Clinic
from tests.messaging.held import Held, fetched
from tests.messaging.places import service
from tests.messaging.test_handlers import Caller, Client
from tests.messaging.uploads import files
from tests.messaging.uploads.test_sending import Files, Here


@pytest.fixture
async def uploads(settings: Settings) -> AsyncIterator[UploadServices]:
    """The worker's half of uploads, without a process for each file."""
    base = build_foundation(settings)
    made = build_uploads(base.db, base.vault, utc_now, settings)
    reader = made.checking.reader
    here = Here(time_s=reader.time_s, memory_bytes=reader.memory_bytes, bounds=reader.bounds)
    yield replace(made, checking=replace(made.checking, reader=here))
    await base.db.dispose()


class World:
    """A clinic in which random things happen, and everybody's client."""

    def __init__(
        self, client: Client, db: Database, settings: Settings, uploads: UploadServices, clinic: Clinic
    ) -> None:
        self.client, self.db, self.uploads, self.clinic = client, db, uploads, clinic
        notices = build_notices(db, build.VAULT, utc_now, settings, {**subjects()})
        self.messaging = service(db, settings)
        made = build_ledger(db, build.VAULT, utc_now, notices, self.messaging.replies, settings)
        pace = Pace(timedelta(0), timedelta(0), 1)
        self.ledger_services = replace(made, escalations=replace(made.escalations, pace=pace))
        self.later = Later(self.messaging, timedelta(days=30))
        family = {clinic.patient.id, clinic.guardian.id}
        self.clinicians = [clinic.consultant, clinic.nutritionist, clinic.stranger_consultant]
        self.people = [clinic.patient, clinic.guardian, *self.clinicians]
        self.written: dict[str, datetime] = {}
        self.clients = {one.id: Held(Caller(client, one), family, self.written) for one in self.people}
        self.team = {clinic.consultant.id, clinic.nutritionist.id}
        self.waiting: list[tuple[UUID, Account]] = []
        self.said = 0
        self.random = random.Random(0)

    @property
    def staff(self) -> list[Account]:
        """Those of the staff who are in the care team now."""
        return [one for one in self.people if one.id in self.team]

    @property
    def present(self) -> list[Account]:
        """Those who may read and write now."""
        return [self.clinic.patient, self.clinic.guardian, *self.staff]

    def held(self, who: Account) -> dict[str, Any]:
        """What somebody's client holds."""
        return self.clients[who.id].places

    def somebody(self, of: list[Account]) -> tuple[Caller, str]:
        """Somebody, and a conversation that their client knows of."""
        who = self.random.choice(of)
        return Caller(self.client, who), self.random.choice(sorted(self.held(who)))

    async def begin(self) -> None:
        """Somebody is on call, and everybody opens telegut."""
        listed = [OnCall(self.clinic.stranger_consultant.id)]
        await self.ledger_services.on_call.replace(self.clinic.admin.caller, 1, listed)
        for one in self.people:
            await self.clients[one.id].begin()

    async def follow(self) -> None:
        """Everybody hears what has happened."""
        for one in self.people:
            await self.clients[one.id].follow()

    async def check(self) -> None:
        """Everybody holds what they would load anew."""
        for one in self.people:
            held = self.clients[one.id]
            fresh = await fetched(held.caller)
            assert sorted(fresh) == sorted(held.places)
            for id, place in fresh.items():
                assert place == held.places[id]
            for id, state in held.files.items():
                assert state == (await held.caller.get(f"/api/v1/uploads/{id}/state"))["state"]
            assert await held.fetched_later() == held.later

    # --- what happens

    async def send(self, **more: Any) -> None:
        """Somebody writes; perhaps about somebody, or with urgency."""
        who, place = self.somebody(self.present)
        self.said += 1
        wish: dict[str, Any] = {"client_id": f"{self.said}", "body": f"Words {self.said}", **more}
        if self.random.random() < 0.2:
            wish |= {"urgent": True, "urgent_confirmed": True}
        if self.random.random() < 0.2:
            wish["mentions"] = [self.random.choice(sorted(self.held(who.who)[place]["members"]))]
        await who.post(f"/api/v1/conversations/{place}/messages", wish)

    async def send_file(self) -> None:
        """Somebody hands in a picture, it is checked, and they send it."""
        who, place = self.somebody(self.present)
        made = await Files(self.client, who.who, place).hand_in(files.picture("PNG", (24, 16)))
        self.clients[who.who.id].handed_in[made["id"]] = place
        await self.uploads.checking.check(UUID(made["id"]))
        await self.clients[who.who.id].follow()
        assert "clean" == self.clients[who.who.id].files[made["id"]]
        self.said += 1
        wish = {"client_id": f"{self.said}", "body": "", "attachments": [made["id"]]}
        await who.post(f"/api/v1/conversations/{place}/messages", wish)

    async def edit(self) -> None:
        """Somebody finds better words."""
        await self._change("edit", {"body": f"Better words {self.said}"})

    async def retract(self) -> None:
        """Somebody takes something back."""
        await self._change("retract", None)

    async def _change(self, how: str, body: Any) -> None:
        who, place = self.somebody(self.present)
        log = self.held(who.who)[place]["log"]
        mine = [one for one in log if one["type"] == "message.sent" and one["sender"] == str(who.who.id)]
        left = [one for one in mine if one["body"]]
        if left:
            message = self.random.choice(left)["id"]
            await who.post(f"/api/v1/conversations/{place}/messages/{message}/{how}", body, 200)

    async def read(self) -> None:
        """Somebody has read up to somewhere, perhaps less far than before."""
        who, place = self.somebody(self.present)
        up_to = self.random.randint(0, self.held(who.who)[place]["last_seq"])
        await who.post(f"/api/v1/conversations/{place}/read", {"up_to": up_to}, 200)

    async def change_team(self) -> None:
        """The office says who is in the care team: somebody leaves or comes back; covers stay, as such or for good."""
        moving = self.random.choice(self.clinicians)
        there = {one["account"]: one for one in (await self._named())["members"]}
        wanted = there.keys() ^ {str(moving.id)} or {str(self.clinic.consultant.id)}
        members = [
            {
                "account": str(one.id),
                "role": one.role,
                "cover": there.get(str(one.id), {"ends_at": None})["ends_at"] is not None
                and self.random.random() < 0.5,
            }
            for one in self.clinicians
            if str(one.id) in wanted
        ]
        body = {"version": (await self._named())["version"], "members": members}
        await self._call("PUT", self.team_path, self.clinic.coordinator, body)
        await self._team_follows()

    async def go_away_or_come_back(self) -> None:
        """Somebody is away, and somebody else answers; or they are back."""
        who = self.random.choice(self.clinicians)
        if (await Caller(self.client, who).get("/api/v1/me/away"))["away"] is not None:
            await self._call("DELETE", "/api/v1/me/away", who)
        else:
            day = utc_now().date()
            cover = self.random.choice([one for one in self.clinicians if one != who])
            days = {"from": str(day - timedelta(days=1)), "until": str(day + timedelta(days=3))}
            # Who answers for somebody stays, and who is away answers for nobody: 422.
            await self._call("PUT", "/api/v1/me/away", who, {**days, "cover": str(cover.id)}, (200, 422))
        await self._team_follows()

    async def escalate(self) -> None:
        """The family writes something urgent that nobody reads in time: whoever is on call sees it too."""
        who, place = self.somebody([self.clinic.patient, self.clinic.guardian])
        self.said += 1
        wish = {"client_id": f"{self.said}", "body": f"Words {self.said}", "urgent": True, "urgent_confirmed": True}
        await who.post(f"/api/v1/conversations/{place}/messages", wish)
        await self.ledger_services.escalations.look()
        await self._team_follows()

    async def _team_follows(self) -> None:
        """What the worker does after every change of a care team."""
        await self.messaging.follow_care_team(self.clinic.patient.id)
        self.team = {UUID(one["account"]) for one in (await self._named())["members"]}

    @property
    def team_path(self) -> str:
        """Where the care team is read and changed."""
        return f"/api/v1/patients/{self.clinic.patient.id}/care-team"

    async def _named(self) -> Any:
        return await Caller(self.client, self.clinic.coordinator).get(self.team_path)

    async def _call(
        self, method: str, path: str, who: Account, body: Any = None, expected: tuple[int, ...] = (200, 204)
    ) -> None:
        async with self.client.request(method, path, headers=who.bearer, json=body) as answer:
            assert answer.status in expected, await answer.text()

    async def open_topic(self) -> None:
        """Somebody of the team opens a conversation, perhaps behind the family's back."""
        who, _ = self.somebody(self.staff)
        audience = self.random.choice(["everyone", "team"])
        body = {"patient": str(self.clinic.patient.id), "subject": f"About {self.said}", "audience": audience}
        await who.post("/api/v1/conversations", body)

    async def ledger(self) -> None:
        """Somebody of the team takes it, hands it over, or puts it aside."""
        who, place = self.somebody(self.staff)
        held = self.held(who.who)[place]
        how = self.random.choice(["claim", "assign", "wait", "settle"])
        body: dict[str, Any] = {"version": held["turn"]["version"]}
        if how == "assign":
            members = [str(one.id) for one in self.staff if str(one.id) in held["members"]]
            body |= {"to": self.random.choice([*members, None]), "reason": f"Why {self.said}"}
        if held["audience"] == "everyone":
            await who.post(f"/api/v1/conversations/{place}/{how}", body, 200)

    async def schedule(self) -> None:
        """Somebody writes for later."""
        who, place = self.somebody(self.present)
        self.said += 1
        self.written[f"{self.said}"] = utc_now()
        moment = f"{utc_now() + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
        wish = {"client_id": f"{self.said}", "body": f"Later {self.said}", "send_at": moment}
        made = await who.post(f"/api/v1/conversations/{place}/scheduled", wish)
        self.clients[who.who.id].later.add(made["id"])
        self.waiting.append((UUID(made["id"]), who.who))

    async def time_comes(self) -> None:
        """What was written for later is due; whoever has left the team meanwhile sends nothing."""
        if self.waiting:
            made, _ = self.waiting.pop(self.random.randrange(len(self.waiting)))
            await self.later.send(made, 1)


def _operations(world: World) -> list[Callable[[], Awaitable[None]]]:
    """What can happen, the frequent things more than once."""
    often = [world.send, world.send, world.send, world.edit, world.read, world.ledger, world.ledger]
    people = [world.change_team, world.go_away_or_come_back, world.go_away_or_come_back, world.escalate]
    return [*often, *people, world.retract, world.schedule, world.time_comes, world.open_topic, world.send_file]


async def _run(world: World, happening: Sequence[Callable[[], Awaitable[None]]], check_every: int) -> None:
    await world.begin()
    for number, one in enumerate(happening, start=1):
        await one()
        await world.follow()
        if number % check_every == 0:
            await world.check()
    await world.check()


@pytest.fixture
async def world(client: Client, db: Database, settings: Settings, uploads: UploadServices) -> World:
    """A clinic in which nothing has happened yet."""
    return World(client, db, settings, uploads, await build.clinic(db))


async def test_what_a_client_holds_after_events_is_what_it_would_load_anew(world: World) -> None:
    """Everything that can happen, in some order."""
    world.random = random.Random(1)
    await _run(world, [world.open_topic, *world.random.sample(some := _operations(world), len(some))], check_every=99)


@pytest.mark.long
@pytest.mark.parametrize("seed", [2, 3])
async def test_so_it_is_after_two_hundred_operations(world: World, seed: int) -> None:
    world.random = random.Random(seed)
    await _run(world, world.random.choices(_operations(world), k=200), check_every=20)
