"""
A recording while the visit goes on: asking, answering, stopping, and that the media process keeps to what everybody
agreed to.

Any web process may die: the row is the truth. Every few seconds, and whenever the visit or the row changes, whoever has
people of that visit here looks at it, brings it up to who is in the room, tells the media process and the pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError

from telegut import logs
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.errors import FieldError, Invalid, NotFound, TelegutError
from telegut.jobs.queue import enqueue
from telegut.rooms.forwarding import Forwarding
from telegut.rooms.media.recording.sealing import KEY_BYTES
from telegut.rooms.recordings import rules, store
from telegut.rooms.recordings.rules import Ending, NotRecorded, Recording, State, Word
from telegut.rooms.recordings.tables import recordings
from telegut.rooms.rules import commands, refusals
from telegut.rooms.rules.visit import Phase, Place
from telegut.rooms.service import SYSTEM, Publisher
from telegut.rooms.signalling import Member, Switchboard
from telegut.rooms.store import Room

log = logs.get("rooms")

CHANGED: Final = "rooms.recording"
"""Bus fact ``{"visit": ID}``: its recording changed; losing it only delays."""
FILM_JOB: Final = "recording.film"
WHY_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """
    A recording as pages are told of it. voice_only: whose picture cannot be recorded. interrupted: it may run, but the
    media process cannot be reached, or has nobody to record yet.
    """

    recording: Recording
    why: str
    missing: frozenset[UUID]
    voice_only: frozenset[UUID] = frozenset()
    interrupted: bool = False


class LiveRecordings:
    """The recordings of the visits that this process has people in."""

    def __init__(
        self,
        board: Switchboard,
        bus: Publisher,
        forwarding: Forwarding,
        vault: Vault,
        now: Clock,
        keep: timedelta,
    ) -> None:
        self.board = board
        self.bus = bus
        self.forwarding = forwarding
        self.vault = vault
        self.now = now
        self.keep = keep
        self._going: dict[UUID, Seen] = {}
        self._voice_only: dict[UUID, frozenset[UUID]] = {}
        self._interrupted: set[UUID] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        read_before = board.when_read

        def when_read(visit: UUID, room: Room) -> None:
            read_before(visit, room)
            if visit in self._going:
                self._do(lambda: self.look(visit))

        board.when_read = when_read
        board.also["record"] = self.say
        forwarding.when_lost = lambda: self._do(self.beat)

    # --- what people say

    async def say(self, member: Member, message: dict[str, Any]) -> None:
        """
        Do what *member* asks: ``ask``, ``yes``, ``no``, ``stop`` or ``look``.

        Raises:
            NotInside, NotTheHost, NotRecorded, OneAlready, RecordingEnded, NotFound, Invalid.
        """
        visit, me = member.connection.visit, member.account
        self.board.check_inside(member)
        match message.get("do"):
            case "ask":
                await self._ask(visit, me, _why(message))
            case "yes" | "no":
                await self._act(visit, rules.Answer(me, message["do"] == "yes"), Word(message["do"]))
            case "stop":
                await self._act(visit, rules.Stop(me), Word.STOP)
            case "look":
                await self._show_one(member)
                return
            case _:
                raise Invalid("Of a recording one can say ask, yes, no, stop or look.")
        await self.look(visit)

    async def _ask(self, visit: UUID, me: UUID, why: str) -> None:
        async def work(tx: Transaction) -> None:
            room = await self.board.rooms.load(tx, visit, lock=True)
            patient = _check_may_ask(room, me)
            made = rules.begin(new_id(), me)
            key = secrets.token_bytes(KEY_BYTES)
            now, keep = self.now(), self.keep
            await store.begin(tx, self.vault, visit, patient, made, why=why, key=key, now=now, keep=keep)
            await self._keep_in_record(tx, "ask for", made.id, patient, me)
            tx.after_commit(self._tell(visit))

        await self.board.rooms.db.run(SYSTEM, work)

    async def _act(self, visit: UUID, command: rules.Answer | rules.Stop, word: Word) -> None:
        async def work(tx: Transaction) -> None:
            room = await self.board.rooms.load(tx, visit, lock=True)
            row = await store.going(tx, visit, lock=True)
            if row is None:
                raise NotFound("There is no recording right now.")
            before = await store.value(tx, row)
            after = rules.step(before, command, _present(room), self.now())
            await store.said(tx, before.id, row.patient, command.who, word, self.now())
            await self._keep_in_record(tx, VERBS[word], before.id, row.patient, command.who)
            await self._save(tx, visit, before, after)

        await self.board.rooms.db.run(SYSTEM, work)

    async def _save(self, tx: Transaction, visit: UUID, before: Recording, after: Recording) -> None:
        if before == after:
            return
        await store.save(tx, before, after)
        if after.state is State.ENDED and after.started_at is not None:
            await self._order_film(tx, after.id, ENDS_SOON)
        tx.after_commit(self._tell(visit))

    async def _order_film(self, tx: Transaction, id: UUID, after: timedelta) -> None:
        order = {"recording": str(id)}
        await enqueue(tx, FILM_JOB, order, run_at=self.now() + after, unique=f"{id} {after.total_seconds():.0f}")

    async def _keep_in_record(self, tx: Transaction, verb: str, id: UUID, patient: UUID, who: UUID) -> None:
        row = audit.row(tx, verb, "recording", id, patient=patient, caller=Caller(account=who))
        await tx.execute(insert(audit.entries).values(**row))

    def _tell(self, visit: UUID) -> Callable[[], None]:
        return lambda: self.bus.publish(CHANGED, {"visit": str(visit)})

    # --- as it is now

    async def look(self, visit: UUID) -> None:
        """Bring the recording of *visit* up to who is in the room; tell the media process, and the pages here."""
        seen, key = await self.board.rooms.db.run(SYSTEM, lambda tx: self._settle(tx, visit))
        if seen is None:
            return
        self._going[visit] = seen
        runs = seen.recording.state is State.RUNNING
        if not runs:
            self._show(visit, seen)
        problem = await self._tell_media(visit, seen, key)
        if runs:  # pages are told that it runs when it does
            self._going[visit] = seen = self._as_told(visit, seen)
            self._show(visit, seen)
        if problem:
            await self._fail(visit, Ending(problem))
        if seen.recording.state is State.ENDED:
            self._going.pop(visit, None)
            self._interrupted.discard(visit)

    async def _settle(self, tx: Transaction, visit: UUID) -> tuple[Seen | None, bytes]:
        room = await self.board.rooms.load(tx, visit, lock=True)
        row = await store.going(tx, visit, lock=True)
        if row is None:
            row = await store.last(tx, visit) if visit in self._going else None
            if row is None:
                return None, b""
        before = await store.value(tx, row)
        over = room.visit.phase is Phase.ENDED
        after = rules.step(before, rules.Over() if over else rules.Look(), _present(room), self.now())
        await self._save(tx, visit, before, after)
        inside = room.visit.inside()
        if after.state is State.RUNNING and not room.visit.forwarded and inside:
            await self.board.rooms.apply(tx, visit, commands.Forward(inside[0].account))
        under = await self.vault.key(tx, row.patient)
        why = self.vault.open(recordings.c.why, under, row.id, row.why)
        key = self.vault.open_bytes(recordings.c.key, under, row.id, row.key)
        missing = after.missing(_present(room)) if after.state is not State.ENDED else frozenset()
        return self._as_told(visit, Seen(after, why, missing)), key

    def _as_told(self, visit: UUID, seen: Seen) -> Seen:
        """*seen* with what the media process said last."""
        interrupted = visit in self._interrupted and seen.recording.state is State.RUNNING
        return replace(seen, voice_only=self._voice_only.get(visit, frozenset()), interrupted=interrupted)

    async def _fail(self, visit: UUID, ending: Ending) -> None:
        async def work(tx: Transaction) -> None:
            row = await store.going(tx, visit, lock=True)
            if row is not None:
                before = await store.value(tx, row)
                await self._save(tx, visit, before, rules.step(before, rules.Fail(ending), frozenset(), self.now()))

        log.warning("a recording ended by itself", problem=ending.value)
        await self.board.rooms.db.run(SYSTEM, work)
        await self.look(visit)

    async def _tell_media(self, visit: UUID, seen: Seen, key: bytes) -> str:
        """Have packets kept, or not; what went wrong, if anything."""
        one = seen.recording
        if one.started_at is None:
            return ""
        try:
            link = await self.forwarding.link_of(visit)
            if one.state is State.ENDED:
                await link.do(do="end_recording", recording=str(one.id))
                async with self.board.rooms.db.begin(SYSTEM) as tx:
                    await self._order_film(tx, one.id, CLOSED)
                return ""
            agreed = sorted(str(account) for account in one.agreed)
            asked = {"room": str(visit), "recording": str(one.id), "key": key.hex(), "agreed": agreed}
            said = await link.do(do="record", run=one.state is State.RUNNING, **asked)
        except (TelegutError, OSError):
            self._interrupted.add(visit)
            return ""  # it stands still by itself until it is told again
        if said["writing"] or one.state is not State.RUNNING:
            self._interrupted.discard(visit)
        else:
            self._interrupted.add(visit)
        self._voice_only[visit] = frozenset(UUID(seat) for seat in said["unseen"])
        return str(said["problem"])

    # --- what pages are told

    def _show(self, visit: UUID, seen: Seen) -> None:
        for member in self._members(visit):
            member.send(self._message(seen))

    def _members(self, visit: UUID) -> list[Member]:
        """Who is in the room, and here."""
        room = dict(self.board.tables()).get(visit)
        seats = room.visit.inside() if room is not None else ()
        found = [self.board.member(visit, seat.account) for seat in seats]
        return [member for member in found if member is not None]

    async def _show_one(self, member: Member) -> None:
        visit, known = member.connection.visit, member.unrecorded
        member.unrecorded = False  # from here on only what was told since is known
        if visit not in self._going and not known and await store.goes_on(self.board.rooms.db, visit):
            await self.look(visit)
        seen = self._going.get(visit)
        goes_on = seen is not None and seen.recording.state is not State.ENDED
        member.send(self._message(seen) if seen is not None and goes_on else {"type": "recording", "recording": None})

    def _message(self, seen: Seen) -> dict[str, Any]:
        one = seen.recording
        return {
            "type": "recording",
            "recording": {
                "id": str(one.id),
                "state": one.state.value,
                "why": seen.why,
                "by": str(one.by),
                "started_at": one.started_at.isoformat() if one.started_at else None,
                "missing": sorted(str(account) for account in seen.missing),
                "agreed": sorted(str(account) for account in one.agreed),
                "voice_only": sorted(str(account) for account in seen.voice_only),
                "interrupted": seen.interrupted,
                "ended_by": str(one.ended_by) if one.ended_by else None,
                "ending": one.ending.value if one.ending else None,
                "kept_days": self.keep.days,
            },
        }

    # --- staying true

    def hear_changed(self, fact: dict[str, Any]) -> None:
        """A recording changed somewhere."""
        visit = UUID(fact["visit"])
        if self._members(visit):
            self._do(lambda: self.look(visit))

    async def beat(self) -> None:
        """Every few seconds: the media process goes on only while it is told to."""
        async with self.board.rooms.db.begin(SYSTEM) as tx:
            going = set(await store.all_going(tx))
        for visit in going | set(self._going):
            await self._quietly(lambda visit=visit: self.look(visit))  # type: ignore[misc]

    def _do(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._quietly(work), name="recording")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _quietly(work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except (TelegutError, SQLAlchemyError, OSError) as exc:
            log.info("recording not looked at", error=type(exc).__name__)  # the next beat does it

    async def run(self, every_s: float) -> None:
        """Beat until cancelled."""
        try:
            while True:
                await asyncio.sleep(every_s)
                await self._quietly(self.beat)
        finally:
            for task in list(self._tasks):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*self._tasks, return_exceptions=True)


ENDS_SOON: Final = timedelta(seconds=15)
"""Until then the media process has closed its log, whether it was told or not (`recorder.LEASE_S`)."""
CLOSED: Final = timedelta(seconds=2)
"""How long a log that was closed takes to be on disk."""
VERBS: Final = {Word.YES: "agree to", Word.NO: "decline", Word.STOP: "stop"}


def _present(room: Room) -> frozenset[UUID]:
    return frozenset(seat.account for seat in room.visit.seats if seat.seated)


def _why(message: dict[str, Any]) -> str:
    why = message.get("why")
    if not isinstance(why, str) or not why.strip() or len(why) > WHY_MAX:
        words = f"Say in at most {WHY_MAX} characters what the recording is for."
        raise Invalid(words, errors=[FieldError("why", words)])
    return why.strip()


def _check_may_ask(room: Room, me: UUID) -> UUID:
    """The patient whose record it will be in."""
    seat = room.visit.seat(me)
    if not seat.host:
        raise refusals.NotTheHost
    if seat.state is not Place.INSIDE:
        raise refusals.NotInside
    if room.facts.patient is None:
        raise NotRecorded("A group is not recorded.")
    if room.encrypted:
        raise NotRecorded(
            "This visit is encrypted end to end, so our server cannot record it. Switch the encryption off first."
        )
    if len(_present(room)) < rules.COMPANY:
        raise NotRecorded("Nobody else is in the room yet.")
    return room.facts.patient
