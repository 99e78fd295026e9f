"""
What people can do with reports: hand one in, choose its sample, look at it, take the original back.

Bytes are kept first, with their hash, in the transaction that also orders their reading; the reading happens in the
worker (`Reports.interpret`) and may happen twice with one effect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from telegut.accounts import care
from telegut.accounts.rules import Relation
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Tampered, Vault
from telegut.errors import FieldError, Invalid, TooLarge
from telegut.jobs.queue import Job, enqueue
from telegut.notices import Kind, news
from telegut.realtime import outbox
from telegut.reports import events, shelf, told
from telegut.reports.described import impossible_days, not_yet
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.refusals import UnknownSample
from telegut.reports.isolation import Reader, ReaderBroke
from telegut.reports.orders.answering import inherited
from telegut.reports.shelf import Original, Stored, Summary, Uploader
from telegut.reports.states import NothingToChoose, OfSeveral, State
from telegut.settings import Settings

INTERPRET = "reports.interpret"


@dataclass(frozen=True, slots=True)
class Handed:
    """A file as somebody handed it in. *name* is theirs and is only ever shown."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """What a person gets to know at once."""

    id: UUID
    state: State
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Reports of patients."""

    db: Database
    vault: Vault
    now: Clock
    reader: Reader
    tries: int
    """After so many interrupted readings the report is refused instead of waiting for ever."""

    async def receive(
        self,
        caller: Caller,
        patient: UUID,
        files: Sequence[Handed],
        metadata: Mapping[str, Any],
        sample: str | None = None,
    ) -> Received:
        """
        Keep *files* as they are and have them read.

        Raises:
            Invalid: there is no file, or too many, or a day that has not come yet or cannot be.
            TooLarge: one of them is larger than a report can be.
            NotFound, Refused: the record is not open to the caller, or only for reading.
        """
        self._check(files)
        if ahead := not_yet(metadata, self.now()):
            text = "This day has not come yet. Please check it."
            raise Invalid(errors=[FieldError(name, text) for name in ahead])
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient, write=True)
            key = await self.vault.key(tx, patient)
            report = new_id()
            metadata = await inherited(tx, self.vault, key, report, metadata)
            if wrong := impossible_days(metadata):
                raise Invalid(errors=[FieldError(name, text) for name, text in wrong.items()])
            await shelf.put_report(tx, self.vault, key, report, metadata, sample, at=self.now())
            for position, file in enumerate(files):
                await shelf.put_file(tx, self.vault, key, report, position, file.name, file.content)
            await audit.record(tx, "write", "report", report, patient=patient)
            await self._order(tx, report, 1)
            await self._tell(tx, "received", report, 1, patient)
        return Received(report, "received", 1)

    async def choose(self, caller: Caller, report: UUID, sample: str) -> Received:
        """
        Have the report read again for *sample*.

        Raises:
            NothingToChoose: it does not wait for a choice, or somebody was faster.
            UnknownSample: the file holds none of that name.
            NotFound, Refused: the record is not open to the caller, or only for reading.
        """
        async with self.db.begin(caller) as tx:
            patient = await shelf.patient_of(tx, report)
            await care.require(tx, patient, write=True)
            key = await self.vault.key(tx, patient)
            stored = await shelf.one(tx, self.vault, key, report)
            if stored.state != "choose_sample":
                raise NothingToChoose(current={"id": str(report), "state": stored.state, "version": stored.version})
            if sample not in stored.samples:
                raise UnknownSample(errors=[FieldError("sample", "is not one of the samples in this file")])
            version = await shelf.order_again(tx, self.vault, key, report, stored.version, sample)
            if version is None:
                raise NothingToChoose
            await audit.record(tx, "write", "report sample", report, patient=patient)
            await self._order(tx, report, version)
            await self._tell(tx, "received", report, version, patient)
        return Received(report, "received", version)

    async def read(self, caller: Caller, report: UUID) -> Stored:
        """
        One report with everything that is known of it.

        Raises:
            NotFound: there is none, or its record is not open to the caller.
        """
        async with self.db.begin(caller) as tx:
            patient = await shelf.patient_of(tx, report)
            await care.require(tx, patient)
            key = await self.vault.key(tx, patient)
            stored = await shelf.one(tx, self.vault, key, report)
            family = await _family(tx, patient)
            who = await told.of_report(tx, self.vault, key, report)
            await audit.record(tx, "read", "report", report, patient=patient)
        return replace(stored, from_family=stored.uploaded_by in family, told=who)

    async def originals(self, caller: Caller, report: UUID) -> list[Original]:
        """
        The untouched files, in the order in which they were handed in.

        Raises:
            NotFound: there is no such report, or its record is not open to the caller.
            OfSeveral: others than the care team ask for a table of several samples that the team handed in.
            Tampered: what is stored is not what was handed in.
        """
        async with self.db.begin(caller) as tx:
            patient = await shelf.patient_of(tx, report)
            relation = await care.require(tx, patient)
            key = await self.vault.key(tx, patient)
            stored = await shelf.one(tx, self.vault, key, report)
            stored = replace(stored, from_family=stored.uploaded_by in await _family(tx, patient))
            if stored.for_the_team_alone and relation is not Relation.CARE_TEAM and not caller.is_system:
                raise OfSeveral
            files = await shelf.originals(tx, self.vault, key, report)
            await audit.record(tx, "read", "original report file", report, patient=patient)
        for file in files:
            if hashlib.sha256(file.content).digest() != file.sha256:
                raise Tampered
        return files

    async def list_of(
        self, caller: Caller, patient: UUID, *, before: UUID | None = None, limit: int = 50
    ) -> list[Summary]:
        """
        The patient's reports, the newest first, from the one before *before* on.

        The care team sees every file that could not be read; everybody else only those that they handed in themselves.

        Raises:
            NotFound: the record is not open to the caller.
        """
        async with self.db.begin(caller) as tx:
            relation = await care.require(tx, patient)
            everything = caller.is_system or relation is Relation.CARE_TEAM
            key = await self.vault.key(tx, patient)
            refused_of: Uploader = "everybody" if everything else caller.account
            found = await shelf.summaries(tx, self.vault, key, before=before, limit=limit, refused_of=refused_of)
            family = await _family(tx, patient)
            await audit.record(tx, "read", "reports", None, patient=patient)
        return [replace(one, from_family=one.uploaded_by in family) for one in found]

    async def interpret(self, job: Job) -> None:
        """Read what a job names, and keep what came of it. Twice is once: only a `received` version changes."""
        report, version = UUID(job.payload["report"]), int(job.payload["version"])
        async with self.db.begin(Caller.system("reads a report")) as tx:
            patient = await shelf.patient_of(tx, report)
            key = await self.vault.key(tx, patient)
            stored = await shelf.one(tx, self.vault, key, report)
            if stored.state != "received" or stored.version != version:
                return
            files = await shelf.originals(tx, self.vault, key, report)
            words = await told.for_the_reader(tx, self.vault, key, report)
        said = await self._outcome(files, stored.wanted, words, last_try=job.attempts >= self.tries)
        async with self.db.begin(Caller.system("reads a report")) as tx:
            kept = await shelf.keep_findings(tx, self.vault, key, report, version, said, at=self.now())
            if kept is not None:
                await audit.record(tx, "write", "report findings", report, patient=patient)
                await self._tell(tx, said["state"], report, kept, patient)
                if said["state"] == "ready":
                    await news.tell(tx, Kind.REPORT, patient, report, kept)

    async def again(self, tx: Transaction, report: UUID, version: int, patient: UUID) -> Received:
        """Have *report* read once more, at the *version* that waits for it: somebody said something about its file."""
        await self._order(tx, report, version)
        await self._tell(tx, "received", report, version, patient)
        return Received(report, "received", version)

    async def _outcome(
        self, files: Sequence[Original], sample: str | None, words: dict[str, Any] | None, *, last_try: bool
    ) -> dict[str, Any]:
        if any(hashlib.sha256(file.content).digest() != file.sha256 for file in files):
            raise Tampered
        try:
            return await self.reader.outcome([file.content for file in files], sample, words)
        except ReaderBroke as exc:
            if not last_try:
                raise
            detail = "Reading this file was interrupted again and again. The file is kept; please tell us about it."
            return {"state": "refused", "problem": {"code": exc.code, "detail": detail}, "parser_version": None}

    def _check(self, files: Sequence[Handed]) -> None:
        if not files:
            raise Invalid(errors=[FieldError("file", "is needed: the lab's file")])
        if len(files) > self.reader.limits.files:
            raise Invalid(errors=[FieldError("file", f"may be given {self.reader.limits.files} times at most")])
        if any(len(file.content) > self.reader.limits.file_bytes for file in files):
            raise TooLarge(f"A file may have {self.reader.limits.file_bytes // 1024**2} MB at most.")

    async def _order(self, tx: Transaction, report: UUID, version: int) -> None:
        await enqueue(tx, INTERPRET, {"report": str(report), "version": version}, unique=f"{report} {version}")

    async def _tell(self, tx: Transaction, state: State, report: UUID, version: int, patient: UUID) -> None:
        await outbox.append(
            tx, events.reached(state, report, version, patient=patient), to=await care.circle(tx, patient)
        )


async def _family(tx: Transaction, patient: UUID) -> set[UUID]:
    """The patient and their guardians."""
    return {patient, *await care.guardians(tx, patient)}


def build_reports(db: Database, vault: Vault, now: Clock, settings: Settings) -> Reports:
    """The service as *settings* want it."""
    limits = Limits(
        file_bytes=settings.upload_limit_bytes,
        unpacked_bytes=settings.report_unpacked_bytes,
        rows=settings.report_rows,
        files=settings.report_files,
    )
    reader = Reader(time_s=settings.report_reader_s, memory_bytes=settings.report_reader_memory_bytes, limits=limits)
    return Reports(db=db, vault=vault, now=now, reader=reader, tries=settings.job_tries)
