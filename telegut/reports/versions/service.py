"""
Interpretations of reports: looked at, signed, and made anew when the reader has learnt something.

When `PARSER_VERSION` rises, the worker reads the kept bytes of every report again. Where the content is the same
(`telegut.reports.versions.content`), nothing happens; where it differs, there is a new version, beside the old ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from telegut.accounts import care
from telegut.accounts.rules import Relation
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Erased, PatientKey, Tampered, Vault
from telegut.errors import Conflict, NotFound
from telegut.jobs.queue import Job, enqueue_all
from telegut.realtime import outbox
from telegut.reports import events, shelf, told
from telegut.reports.formats.reading import PARSER_VERSION
from telegut.reports.isolation import Reader, ReaderBroke
from telegut.reports.shelf import Stored
from telegut.reports.versions import store
from telegut.reports.versions.content import ABOUT_THE_HANDING_IN, content_hash
from telegut.reports.versions.store import OnlyTheTeamSigns, Version

REREAD = "reports.reread"
_SYSTEM = "reads a report again"


class NewerVersion(Conflict):
    """There is a newer version of this report by now. Please look at it before anything is signed."""


class NothingToSign(Conflict):
    """There is no reading that could be signed."""


class AlreadySigned(Conflict):
    """Somebody has signed this version already."""


@dataclass(frozen=True, slots=True)
class AsRead:
    """A report as one of its versions reads it."""

    report: Stored
    version: Version


@dataclass(frozen=True, slots=True)
class _Kept:
    """A report with its bytes and what people said of them."""

    key: PatientKey
    report: Stored
    contents: list[bytes]
    told: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """Versions of reports. tries: of a job. batch: reports that are ordered to be read again at once."""

    db: Database
    vault: Vault
    now: Clock
    reader: Reader
    tries: int = 5
    batch: int = 200

    async def list_of(self, caller: Caller, report: UUID) -> tuple[Version, ...]:
        """
        Every version, the newest first.

        Raises:
            NotFound: there is no such report, or its record is not open to the caller.
        """
        async with self.db.begin(caller) as tx:
            patient = await shelf.patient_of(tx, report)
            await care.require(tx, patient)
            found = await store.versions_of(tx, report)
            await audit.record(tx, "read", "report versions", report, patient=patient)
        return found

    async def one(self, caller: Caller, report: UUID, number: int) -> AsRead:
        """
        The report as version *number* reads it.

        Raises:
            NotFound: there is no such report or version, or its record is not open to the caller.
        """
        async with self.db.begin(caller) as tx:
            patient = await shelf.patient_of(tx, report)
            await care.require(tx, patient)
            key = await self.vault.key(tx, patient)
            stored = await shelf.one(tx, self.vault, key, report)
            version = next((each for each in stored.versions if each.number == number), None)
            said = await store.findings_of(tx, self.vault, key, report, number)
            if version is None or said is None:
                raise NotFound
            await audit.record(tx, "read", "report version", report, patient=patient)
        old = replace(stored, findings=said, state=said["state"], parser_version=version.parser_version)
        return AsRead(old, version)

    async def sign(self, caller: Caller, report: UUID, number: int) -> Version:
        """
        Sign version *number*, the newest, as a clinician of the care team; twice by the same person is once.

        Raises:
            NotFound: there is no such report or version, or its record is not open to the caller.
            Refused, OnlyTheTeamSigns: the caller is not of the care team.
            NewerVersion, AlreadySigned, NothingToSign: as they say; ``current`` holds where things stand.
        """
        async with self.db.begin(caller) as tx:
            patient = await shelf.patient_of(tx, report)
            relation = await care.require(tx, patient, write=True)
            if relation is not Relation.CARE_TEAM or caller.account is None:
                raise OnlyTheTeamSigns
            key = await self.vault.key(tx, patient)
            stored = await shelf.one(tx, self.vault, key, report)
            self._check(stored, number)
            if await store.sign(tx, report, number, by=caller.account, at=self.now()):
                await audit.record(tx, "sign", "report version", report, patient=patient)
                event = events.signed(report, stored.version, number, patient=patient)
                await outbox.append(tx, event, to=await care.circle(tx, patient))
            newest = (await store.versions_of(tx, report))[0]
            if newest.signed_by != caller.account:
                raise AlreadySigned(current={"number": number, "signed_by": str(newest.signed_by)})
        return newest

    def _check(self, stored: Stored, number: int) -> None:
        if not any(each.number == number for each in stored.versions):
            raise NotFound
        newest = stored.versions[0].number
        if number != newest:
            raise NewerVersion(current={"number": newest})
        if stored.state != "ready":
            raise NothingToSign(current={"number": newest, "state": stored.state})

    async def order_due(self) -> int:
        """Have the worker read again what this version of the reader has not read; how many were ordered."""
        async with self.db.begin(Caller.system(_SYSTEM)) as tx:
            found = await store.to_read_again(tx, PARSER_VERSION, self.batch)
            jobs = [(REREAD, {"report": str(one)}, f"{REREAD} {one} {PARSER_VERSION}") for one in found]
            if jobs:
                await enqueue_all(tx, jobs)
        return len(found)

    async def reread(self, job: Job) -> None:
        """Read the kept bytes of the report that *job* names once more. Twice is once."""
        report = UUID(job.payload["report"])
        try:
            kept = await self._kept(report)
            if kept is not None:
                said = await self.reader.outcome(kept.contents, kept.report.wanted, kept.told)
                await self._keep(kept.key, kept.report, said)
        except Erased:
            await self._nothing_new(report)
        except ReaderBroke:
            if job.attempts < self.tries:
                raise
            await self._nothing_new(report)  # what was read before stays

    async def _kept(self, report: UUID) -> _Kept | None:
        """What is there to be read again; ``None``: nothing is, or this version of the reader has read it."""
        async with self.db.begin(Caller.system(_SYSTEM)) as tx:
            patient = await shelf.patient_of(tx, report)
            key = await self.vault.key(tx, patient)
            stored = await shelf.one(tx, self.vault, key, report)
            if stored.state not in store.FINAL or stored.findings is None:
                return None
            await self._keep_first(tx, key, stored)
            if stored.parser_version == PARSER_VERSION:
                return None
            files = await shelf.originals(tx, self.vault, key, report)
            words = await told.for_the_reader(tx, self.vault, key, report)
        if any(hashlib.sha256(file.content).digest() != file.sha256 for file in files):
            raise Tampered
        return _Kept(key, stored, [file.content for file in files], words)

    async def _nothing_new(self, report: UUID) -> None:
        async with self.db.begin(Caller.system(_SYSTEM)) as tx:
            await store.same_again(tx, report, PARSER_VERSION)

    async def _keep_first(self, tx: Transaction, key: PatientKey, stored: Stored) -> None:
        """A report from before versions were kept: what it says now is its first."""
        if not stored.versions and stored.findings is not None and stored.read_at is not None:
            await store.add(tx, self.vault, key, stored.id, stored.findings, at=stored.read_at)

    async def _keep(self, key: PatientKey, stored: Stored, said: dict[str, Any]) -> None:
        assert stored.findings is not None
        said = _as_handed_in(said, stored.findings)
        async with self.db.begin(Caller.system(_SYSTEM)) as tx:
            if content_hash(said) == content_hash(stored.findings):
                await store.same_again(tx, stored.id, PARSER_VERSION)
                return
            reached = await store.replace(tx, self.vault, key, stored.id, stored.version, said)
            if reached is None:
                return
            if said["state"] in store.FINAL:
                await store.add(tx, self.vault, key, stored.id, said, at=self.now())
            await audit.record(tx, "write", "report findings", stored.id, patient=stored.patient)
            event = events.reached(said["state"], stored.id, reached, patient=stored.patient)
            await outbox.append(tx, event, to=await care.circle(tx, stored.patient))


def _as_handed_in(said: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """*said* with what was remarked of the handing in, which another reading does not change."""
    if said["state"] == "ready" and before["state"] == "ready":
        kept = [one for one in before["answer"]["warnings"] if one["code"] in ABOUT_THE_HANDING_IN]
        said["answer"]["warnings"] += kept
    return said
