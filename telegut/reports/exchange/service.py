"""A report out of the house: who may have it in which shape. Every export is written down in the audit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from telegut.accounts import care, people
from telegut.accounts.rules import Relation
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Vault
from telegut.errors import Conflict, NotFound, Refused
from telegut.reports import shelf
from telegut.reports.cohorts.comparison import Comparison
from telegut.reports.described import collected_on
from telegut.reports.exchange import cells, fhir
from telegut.reports.exchange.consent.rules import NoConsent
from telegut.reports.exchange.consent.service import held
from telegut.reports.exchange.fhir import Resource, Told
from telegut.reports.exchange.research import research
from telegut.reports.shelf import Stored

_PDF = b"%PDF-"
_PSEUDONYM = "telegut research pseudonym v1"
_PSEUDONYM_BYTES = 10
"""80 bits: no two patients of any clinic share one."""

_SAYS_NOTHING = ("nothing", "dots", "unknown")


class NotReadYet(Conflict):
    """There is no reading of this report that could be exported."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Exports of reports. base: the address of the FHIR endpoint."""

    db: Database
    vault: Vault
    now: Clock
    base: str

    async def bundle(self, caller: Caller, report: UUID, compared: Comparison | None) -> Resource:
        """
        The report as a FHIR bundle, *compared* with its group.

        Raises:
            NotFound: there is no such report, or its record is not open to the caller. NotReadYet: nothing was read.
        """
        told = await self._told(caller, report, compared, look_for_pdf=True)
        async with self.db.begin(caller) as tx:
            named = await people.named(tx, [told.report.patient])
        name = named[told.report.patient].name if told.report.patient in named else ""
        return fhir.bundle(replace(told, name=name), self.now())

    async def resource(self, caller: Caller, kind: str, id: str, report: UUID, compared: Comparison | None) -> Resource:
        """
        One of its resources.

        Raises:
            NotFound, NotReadYet: as `bundle`; also when there is no such resource.
        """
        told = await self._told(caller, report, compared, look_for_pdf=kind == "DiagnosticReport")
        for one in fhir.resources(told):
            if (one["resourceType"], one["id"]) == (kind, id):
                return one
        raise NotFound

    async def table(self, caller: Caller, report: UUID) -> bytes:
        """
        Every row as a CSV file.

        Raises:
            NotFound, NotReadYet: as `bundle`.
        """
        async with self.db.begin(caller) as tx:
            stored, relation = await self._ready(tx, report)
            await audit.record(tx, "export", "report table", report, patient=stored.patient)
        if relation is not Relation.CARE_TEAM:
            stored = stored.as_family_reads_it()
        assert stored.answer is not None
        return cells.table(stored.answer, _about(stored))

    async def research(self, caller: Caller, report: UUID) -> Resource:
        """
        The report for researchers, under a pseudonym; only for the care team, and only with the patient's consent.

        Raises:
            NoConsent: the patient has not agreed, or has taken it back. Refused: the caller is not of the care team.
            NotFound, NotReadYet: as `bundle`.
        """
        async with self.db.begin(caller) as tx:
            stored, relation = await self._ready(tx, report)
            if relation is not Relation.CARE_TEAM:
                raise Refused("Reports are handed to researchers by the care team.")
            decision = await held(tx, stored.patient)
            if decision is None or not decision.given:
                raise NoConsent
            key = await self.vault.key(tx, stored.patient)
            await audit.record(tx, "export", "report for research", report, patient=stored.patient)
        assert stored.answer is not None
        subject = key.derive(_PSEUDONYM)[:_PSEUDONYM_BYTES].hex()
        collected = collected_on(stored.metadata)
        return research(stored.answer, stored.metadata, collected, subject=subject, words=decision.words)

    async def _told(self, caller: Caller, report: UUID, compared: Comparison | None, *, look_for_pdf: bool) -> Told:
        async with self.db.begin(caller) as tx:
            stored, relation = await self._ready(tx, report)
            if relation is not Relation.CARE_TEAM:
                stored = stored.as_family_reads_it()
            key = await self.vault.key(tx, stored.patient)
            files = await shelf.originals(tx, self.vault, key, report) if look_for_pdf else []
            await audit.record(tx, "export", "report as FHIR", report, patient=stored.patient)
        pdf = next((number for number, file in enumerate(files, 1) if file.content.startswith(_PDF)), None)
        group = compared.group if compared is not None and compared.matched else None
        return Told(
            report=stored,
            version=stored.versions[0],
            base=self.base,
            group=None if group is None else f"{group.about.name}, version {group.version}, {group.n} people",
            places=_places(compared) if group is not None else None,
            provisional=compared.reasons if compared is not None and group is not None else (),
            pdf=pdf,
        )

    async def _ready(self, tx: Transaction, report: UUID) -> tuple[Stored, Relation]:
        patient = await shelf.patient_of(tx, report)
        relation = await care.require(tx, patient)
        key = await self.vault.key(tx, patient)
        stored = await shelf.one(tx, self.vault, key, report)
        if stored.answer is None or not stored.versions:
            raise NotReadYet(current={"id": str(report), "state": stored.state})
        return stored, relation


def _places(compared: Comparison | None) -> dict[str, str]:
    """What may be said of each genus beside its group; that nothing may be said is not told as a range."""
    said = compared.as_answer()["places"] if compared is not None else []
    return {one["name"]: one["words"] for one in said if one["words"] and one["how"] not in _SAYS_NOTHING}


def _about(stored: Stored) -> dict[str, str]:
    """What travels with the rows: how it was read, and from which file."""
    assert stored.answer is not None
    method, newest = stored.answer["method"], stored.versions[0]
    return {
        "format": stored.answer["format"],
        "sample": stored.answer["sample"] or "not named in the file",
        "collected": str(stored.metadata.get("collected_at") or "not stated"),
        **{name: method.get(name) or "not stated" for name in ("pipeline", "region", "database")},
        "version": str(newest.number),
        "reader_version": newest.parser_version,
        "content_sha256": newest.content_hash.hex(),
        "file_sha256": " ".join(one.sha256.hex() for one in stored.files),
    }
