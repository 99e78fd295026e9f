"""
A report as FHIR R4 resources. Pure: what is known in, dictionaries out.

Map: this product's domain research, section 7. HL7 FHIR R4 (hl7.org/fhir/R4) for the shapes; the tests read them with
another library's models. There is no LOINC code for the relative abundance of a genus, so the codes of what is measured
are our own, under a fixed UUID; taxa are NCBI taxonomy ids where the file has them, and the written lineage always.
No interpretation code (high, low, abnormal) is ever given.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from telegut.reports import statements
from telegut.reports.exchange import whose
from telegut.reports.rules import UNASSIGNED
from telegut.reports.shelf import Stored
from telegut.reports.versions.store import Version
from telegut.web.api import instant_text

MEDIA_TYPE = "application/fhir+json"
Resource = dict[str, Any]

OUR_CODES = "urn:uuid:6f2d7a52-9d0c-4d0e-8a55-0d1f6b1c7e31"
"""The code system of what we measure; a UUID of our own needs no domain."""
NCBI = "http://www.ncbi.nlm.nih.gov/taxonomy"
"""As in HL7's clinical genomics guide, CodeSystem ncbi-taxonomy-fragment."""
SHA_256 = "urn:oid:2.16.840.1.101.3.4.2.1"
"""NIST's object identifier of SHA-256: the identifier's value is a digest in hexadecimal."""
_UCUM = "http://unitsofmeasure.org"
_SECTIONS = "http://terminology.hl7.org/CodeSystem/v2-0074"
_SPECIMENS = "http://terminology.hl7.org/CodeSystem/v2-0487"
_CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
_PARTS = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"

_LARGEST_INTEGER = 2**31 - 1
"""FHIR R4's integers have 32 bits; a deep run of a sequencer has more reads."""
RANKS = ("genus", "species")
"""Rows that become Observations; higher ranks are a drawing, never a finding (domain research, section 1.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    What a bundle is made of. base: the address of the FHIR endpoint, without a slash at the end.

    places: what may be said of a genus beside its comparison group, by name; group: that group and its version;
    provisional: why the match is only provisional. Then there is no reference range, which a receiving system draws
    without its reservations; what may be said is a note that begins with them.
    """

    report: Stored
    version: Version
    base: str
    group: str | None = None
    places: Mapping[str, str] | None = None
    provisional: tuple[str, ...] = ()
    pdf: int | None = None
    """Which of the files is a PDF document, from 1."""
    name: str = ""
    """What the patient is called, for a bundle; empty: nobody is named."""

    @property
    def answer(self) -> dict[str, Any]:
        """The reading."""
        assert self.report.answer is not None
        return self.report.answer

    @property
    def id(self) -> str:
        """The id that all resources of this report share."""
        return str(self.report.id)


def bundle(told: Told, at: datetime) -> Resource:
    """Everything of one report, as a collection; with whose it is, where a name was *told*."""
    found = [*resources(told)]
    if told.name:
        found.append(whose.patient(told.report.patient, told.name, told.report.metadata))
    entries = [{"fullUrl": f"{told.base}/{one['resourceType']}/{one['id']}", "resource": one} for one in found]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": instant_text(at), "entry": entries}


def resources(told: Told) -> Iterator[Resource]:
    """Every resource of one report; the DiagnosticReport first."""
    taxa = list(_taxa(told))
    yield _report(told)
    yield _specimen(told)
    yield _panel(told, [one["id"] for one in taxa])
    yield from taxa
    yield from _devices(told)
    yield from _originals(told)
    yield _whole_table(told)
    yield _provenance(told)


def _report(told: Told) -> Resource:
    report, version, metadata = told.report, told.version, told.report.metadata
    made: Resource = {
        **_head(told, "DiagnosticReport"),
        "identifier": [{"system": SHA_256, "value": version.content_hash.hex()}],
        "status": _status(version),
        "category": [_coded(_SECTIONS, "LAB", "Laboratory"), _coded(_SECTIONS, "MB", "Microbiology")],
        "code": _ours("gut-microbiome-profile", "Gut microbiome profile of one stool sample"),
        "subject": _subject(report),
        "effectiveDateTime": metadata.get("collected_at"),
        "issued": instant_text(version.interpreted_at),
        "performer": [{"display": metadata.get("laboratory") or "laboratory not stated"}],
        "specimen": [_to(told, "Specimen")],
        "result": [_to(told, "Observation")],
        "conclusion": statements.EVIDENCE,
    }
    if version.signed_by is not None:
        made["resultsInterpreter"] = [_practitioner(version.signed_by, version.signer)]
    made["presentedForm"] = [_as_the_patient_reads_it(told)]
    if told.pdf is not None:
        made["presentedForm"].append(_attachment(told, told.pdf, "application/pdf"))
    return _stated(made)


def _as_the_patient_reads_it(told: Told) -> Resource:
    """Our own PDF by its address: inside, it would make each export larger by half a megabyte of base64."""
    title = "The report as its patient reads it"
    return {"contentType": "application/pdf", "url": f"{_api(told)}/reports/{told.id}/pdf", "title": title}


def _specimen(told: Told) -> Resource:
    metadata = told.report.metadata
    return _stated(
        {
            **_head(told, "Specimen"),
            "identifier": [{"value": told.answer["sample"]}] if told.answer["sample"] else None,
            "type": _coded(_SPECIMENS, "STL", "Stool = Fecal"),
            "subject": _subject(told.report),
            "receivedTime": metadata.get("received_at"),
            "collection": _stated({"collectedDateTime": metadata.get("collected_at")}) or None,
            "container": [{"additiveCodeableConcept": {"text": metadata["kit"]}}] if metadata.get("kit") else None,
            "note": [{"text": f"Storage: {metadata['storage']}"}] if metadata.get("storage") else None,
        }
    )


def _panel(told: Told, members: list[str]) -> Resource:
    answer, diversity = told.answer, told.answer["diversity"]
    shannon = None if diversity["shannon"] is None else {"value": diversity["shannon"], "unit": "nat"}
    components = [
        ("shannon-genera", "Shannon index of genera, natural logarithm", "valueQuantity", shannon),
        ("observed-genera", "Genera seen", "valueInteger", diversity["observed_genera"] or None),
        ("reads-on-genera", "Reads counted on genera", "valueInteger", diversity["depth"]),
        ("total-reads", "All reads", "valueInteger", answer["total_reads"]),
        ("unclassified", "Share not recognised", "valueQuantity", _percent(answer["unclassified_percent"])),
        ("denominator", "What percentages are of", "valueString", answer["denominator"]),
    ]
    return _stated(
        {
            **_measured(told, told.id),
            "code": _ours("gut-microbiome-profile", "Gut microbiome profile"),
            "hasMember": [{"reference": f"Observation/{one}"} for one in members],
            "component": [_component(*one) for one in components if one[3] is not None],
            "note": [{"text": one["text"]} for one in answer["warnings"]],
        }
    )


def _taxa(told: Told) -> Iterator[Resource]:
    rows = [one for one in told.answer["taxa"] if one["rank"] in RANKS and not one["name"].startswith(UNASSIGNED)]
    for number, row in enumerate(rows, 1):
        taxon = {"coding": _coding(NCBI, str(row["taxid"]), row["name"]), "text": row["name"]}
        components = [
            ("taxon", "Taxon", "valueCodeableConcept", taxon if row["taxid"] else {"text": row["name"]}),
            ("rank", "Rank", "valueString", row["rank"]),
            ("lineage", "Lineage as the file writes it", "valueString", row["lineage"].strip() or None),
            ("denominator", "What the percentage is of", "valueString", told.answer["denominator"]),
            ("reads", "Reads", "valueInteger", row["reads"]),
        ]
        yield _stated(
            {
                **_measured(told, f"{told.id}.{number}"),
                "code": _ours("relative-abundance", f"Relative abundance of {row['name']}"),
                "valueQuantity": _percent(row["percent"]),
                "referenceRange": _range(told, row),
                "note": _provisional(told, row),
                "component": [_component(*one) for one in components if one[3] is not None],
            }
        )


def _measured(told: Told, id: str) -> Resource:
    method = told.answer["method"]
    stated = [str(method[name]) for name in ("pipeline", "region", "database") if method.get(name)]
    return {
        **_head(told, "Observation", id),
        "status": _status(told.version),
        "category": [_coded(_CATEGORIES, "laboratory", "Laboratory")],
        "subject": _subject(told.report),
        "effectiveDateTime": told.report.metadata.get("collected_at"),
        "issued": instant_text(told.version.interpreted_at),
        "method": {"text": ", ".join(stated) or "method not stated"},
        "specimen": _to(told, "Specimen"),
        "device": {"reference": f"Device/{told.id}"},
    }


def _range(told: Told, row: Mapping[str, Any]) -> list[Resource] | None:
    words = _beside_group(told, row)
    return [{"text": words}] if words and not told.provisional else None


def _provisional(told: Told, row: Mapping[str, Any]) -> list[Resource] | None:
    words = _beside_group(told, row)
    if not words or not told.provisional:
        return None
    return [{"text": f"Provisional, not a reference range, because {'; '.join(told.provisional)}. {words}"}]


def _beside_group(told: Told, row: Mapping[str, Any]) -> str | None:
    words = (told.places or {}).get(row["name"]) if row["rank"] == "genus" else None
    if not words or not told.group:
        return None
    signed = " This place beside a group is not part of what was signed." if told.version.signed_at is not None else ""
    return f"{words} ({told.group}){signed}"


def _devices(told: Told) -> Iterator[Resource]:
    method, metadata = told.answer["method"], told.report.metadata
    name = method.get("pipeline") or metadata.get("pipeline") or "analysis not stated"
    database = method.get("database") or metadata.get("database")
    note = [{"text": f"Reference database: {database or 'not stated'}"}]
    yield _software(told, told.id, str(name), note=note)
    yield _software(told, f"{told.id}.reader", "telegut report reader", version=told.version.parser_version)


def _software(told: Told, id: str, name: str, *, version: str = "", note: list[Resource] | None = None) -> Resource:
    return _stated(
        {
            **_head(told, "Device", id),
            "deviceName": [{"name": name, "type": "user-friendly-name"}],
            "version": [{"value": version}] if version else None,
            "note": note,
        }
    )


def _originals(told: Told) -> Iterator[Resource]:
    for number, file in enumerate(told.report.files, 1):
        yield _document(told, _file_id(told, number), "The laboratory's file as it came", _attachment(told, number)) | {
            "identifier": [{"system": SHA_256, "value": file.sha256.hex()}]
        }


def _file_id(told: Told, number: int) -> str:
    return told.id if number == 1 else f"{told.id}.{number}"


def _whole_table(told: Told) -> Resource:
    url = f"{_api(told)}/reports/{told.id}/table.csv"
    attachment = {"contentType": "text/csv", "url": url, "title": "Every row, with denominators and warnings"}
    return _document(told, f"{told.id}.table", "The whole table", attachment)


def _document(told: Told, id: str, description: str, attachment: Resource) -> Resource:
    return {
        **_head(told, "DocumentReference", id),
        "status": "current",
        "subject": _subject(told.report),
        "date": instant_text(told.report.uploaded_at),
        "description": description,
        "content": [{"attachment": attachment}],
    }


def _attachment(told: Told, number: int, kind: str = "application/octet-stream") -> Resource:
    file = told.report.files[number - 1]
    url = f"{_api(told)}/reports/{told.id}/original?file={number}"
    return {"contentType": kind, "url": url, "size": file.size_bytes, "title": file.name}


def _provenance(told: Told) -> Resource:
    version = told.version
    agents = [{"type": _coded(_PARTS, "assembler", "Assembler"), "who": {"reference": f"Device/{told.id}.reader"}}]
    if version.signed_by is not None:
        who = _practitioner(version.signed_by, version.signer)
        agents.append({"type": _coded(_PARTS, "verifier", "Verifier"), "who": who})
    sources = [
        {
            "role": "source",
            "what": {
                "reference": f"DocumentReference/{_file_id(told, number)}",
                "identifier": {"system": SHA_256, "value": file.sha256.hex()},
            },
        }
        for number, file in enumerate(told.report.files, 1)
    ]
    return {
        **_head(told, "Provenance"),
        "target": [_to(told, "DiagnosticReport"), _to(told, "Observation")],
        "recorded": instant_text(version.interpreted_at),
        "agent": agents,
        "entity": sources,
    }


def _head(told: Told, kind: str, id: str = "") -> Resource:
    meta = {"versionId": _version_id(told), "lastUpdated": instant_text(told.version.interpreted_at)}
    return {"resourceType": kind, "id": id or told.id, "meta": meta}


def _version_id(told: Told) -> str:
    """
    The version of the interpretation and, where groups of people are spoken of, a sign of what is said of them: a group
    may come or be withdrawn after the signature, which is for what the file says.
    """
    if not told.group or not told.places:
        return str(told.version.number)
    said = json.dumps([told.group, told.provisional, told.places], sort_keys=True)
    return f"{told.version.number}.{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def _status(version: Version) -> str:
    return "final" if version.signed_at is not None else "preliminary"


def _subject(report: Stored) -> Resource:
    return {"reference": f"Patient/{report.patient}"}


def _practitioner(account: UUID, name: str) -> Resource:
    return {"reference": f"Practitioner/{account}", **({"display": name} if name else {})}


def _to(told: Told, kind: str) -> Resource:
    return {"reference": f"{kind}/{told.id}"}


def _api(told: Told) -> str:
    return told.base.removesuffix("/fhir/R4") + "/api/v1"


def _coding(system: str, code: str, display: str) -> list[Resource]:
    return [{"system": system, "code": code, "display": display}]


def _coded(system: str, code: str, display: str) -> Resource:
    return {"coding": _coding(system, code, display)}


def _ours(code: str, text: str) -> Resource:
    return {"coding": [{"system": OUR_CODES, "code": code}], "text": text}


def _component(code: str, text: str, kind: str, value: Any) -> Resource:
    if kind == "valueInteger" and value > _LARGEST_INTEGER:
        kind, value = "valueQuantity", {"value": value, "unit": "reads"}
    return {"code": _ours(code, text), kind: value}


def _percent(value: float | None) -> Resource | None:
    return None if value is None else {"value": value, "unit": "%", "system": _UCUM, "code": "%"}


def _stated(resource: Resource) -> Resource:
    """Without what is not known: FHIR has no null and no empty list."""
    return {name: value for name, value in resource.items() if value not in (None, [], {})}
