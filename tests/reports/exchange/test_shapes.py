"""Reports on their way out, without a server: FHIR as another library reads it, tables, research without words."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from telegut.reports import statements
from telegut.reports.exchange import fhir
from telegut.reports.exchange.cells import HEADINGS, table
from telegut.reports.exchange.fhir import Told
from telegut.reports.exchange.research import NOT_STATED, age_band, research
from telegut.reports.shelf import Stored
from tests.reports import lab
from tests.reports.exchange.stored import AT, METADATA, stored

BASE = "https://clinic.example/fhir/R4"


def made(report: Stored, **more: Any) -> dict[str, Any]:
    told = Told(report=report, version=report.versions[0], base=BASE, **more)
    return json.loads(json.dumps(fhir.bundle(told, AT)))  # type: ignore[no-any-return]


def of(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == kind]


@pytest.mark.parametrize("metadata", [METADATA, {}])
@pytest.mark.parametrize(
    "data", [lab.metaphlan_4(), lab.metaphlan_2(), lab.kraken(lab.gut())], ids=["percent", "blank ranks", "reads"]
)
def test_another_library_reads_the_bundle_as_fhir(data: bytes, metadata: dict[str, Any]) -> None:
    bundle = made(
        stored(data, signed=True, metadata=metadata), group="Group, version 1", places={"Bacteroides": "x"}, pdf=1
    )

    read = Bundle.model_validate(bundle)
    assert [] == of(bundle, "Patient")

    assert len(bundle["entry"]) == len(read.entry or ())
    ids = {f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in bundle["entry"]}
    assert len(ids) == len(bundle["entry"])
    missing = {one for one in _references(bundle) if one.split("/")[0] not in {"Patient", "Practitioner"}} - ids
    assert set() == missing


@pytest.mark.parametrize(("sex", "gender"), [
    ("Female", "female"), ("m", "male"), ("divers", "other"), ("I would rather not say", None), (None, None),
])  # fmt: skip
def test_the_bundle_for_another_clinic_says_whose_it_is(sex: str | None, gender: str | None) -> None:
    report = stored(lab.metaphlan_4(), metadata={**METADATA, "sex": sex})
    bundle = made(report, name="Łukasz Žižek")
    Bundle.model_validate(bundle)

    [patient] = of(bundle, "Patient")
    assert ("Łukasz Žižek", gender) == (patient["name"][0]["text"], patient.get("gender"))
    assert f"urn:uuid:{report.patient}" == patient["identifier"][0]["value"]
    entries = {one["fullUrl"] for one in bundle["entry"]}
    references = {one for one in _references(bundle) if not one.startswith("Practitioner/")}
    assert {f"{BASE}/{one}" for one in references} <= entries


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        found = {value["reference"]} if isinstance(value.get("reference"), str) else set()
        return found.union(*(_references(one) for one in value.values()))
    return set().union(*(_references(one) for one in value)) if isinstance(value, list) else set()


def test_a_report_in_fhir_says_what_the_report_says() -> None:
    report = stored(lab.kraken(lab.gut()))
    bundle = made(report, group="Adults, version 2", places={"Bacteroides": "more than about 3 of 10"})
    [told] = of(bundle, "DiagnosticReport")

    assert ("preliminary", statements.EVIDENCE) == (told["status"], told["conclusion"])
    assert ["LAB", "MB"] == [one["coding"][0]["code"] for one in told["category"]]
    assert [f"https://clinic.example/api/v1/reports/{report.id}/pdf"] == [one["url"] for one in told["presentedForm"]]
    assert report.versions[0].content_hash.hex() == told["identifier"][0]["value"]
    panel, *taxa = of(bundle, "Observation")
    rows = [one for one in report.answer["taxa"] if one["rank"] in fhir.RANKS] if report.answer else []
    named = [one for one in rows if not one["name"].startswith("unassigned")]
    assert [one["percent"] for one in named] == [one["valueQuantity"]["value"] for one in taxa]
    assert [f"Observation/{one['id']}" for one in taxa] == [one["reference"] for one in panel["hasMember"]]
    genus = next(one for one in taxa if one["code"]["text"].endswith(" Bacteroides"))
    assert "more than about 3 of 10 (Adults, version 2)" == genus["referenceRange"][0]["text"]
    parts = {one["code"]["coding"][0]["code"]: one for one in genus["component"]}
    assert {"system": fhir.NCBI, "code": "816", "display": "Bacteroides"} == parts["taxon"]["valueCodeableConcept"][
        "coding"
    ][0]
    [provenance] = of(bundle, "Provenance")
    assert report.files[0].sha256.hex() == provenance["entity"][0]["what"]["identifier"]["value"]
    reader = next(one for one in of(bundle, "Device") if one["id"].endswith(".reader"))
    assert report.versions[0].parser_version == reader["version"][0]["value"]


def test_a_provisional_match_is_no_reference_range_and_says_why() -> None:
    reasons = ("the kit is not stated for the group", "the group has fewer than 120 people")
    bundle = made(
        stored(lab.kraken(lab.gut())), group="Adults, version 2", places={"Bacteroides": "Higher."}, provisional=reasons
    )

    Bundle.model_validate(bundle)
    assert "referenceRange" not in json.dumps(bundle)
    [genus] = [one for one in of(bundle, "Observation") if one["code"]["text"].endswith(" Bacteroides")]
    [note] = genus["note"]
    assert note["text"].startswith("Provisional, not a reference range, because the kit is not stated for the group; ")
    assert note["text"].endswith("fewer than 120 people. Higher. (Adults, version 2)")


def test_a_version_id_is_of_one_content_and_a_signature_of_what_the_file_says() -> None:
    def ids(**more: Any) -> set[str]:
        return {one["resource"]["meta"]["versionId"] for one in made(report, **more)["entry"]}

    report = stored(lab.kraken(lab.gut()), signed=True)
    beside = {"group": "Adults, version 2", "places": {"Bacteroides": "Higher."}}
    [alone], [full], [provisional] = ids(), ids(**beside), ids(**beside, provisional=("the kit differs",))

    assert ("2", 3) == (alone, len({alone, full, provisional}))
    assert full.startswith("2.")
    [genus] = [one for one in of(made(report, **beside), "Observation") if one["code"]["text"].endswith(" Bacteroides")]
    assert genus["referenceRange"][0]["text"].endswith("not part of what was signed.")


def test_more_reads_than_an_integer_of_fhir_holds_are_a_quantity() -> None:
    report = stored(lab.kraken(lab.gut()))
    assert report.answer is not None
    report.answer["total_reads"] = 3_000_000_000
    bundle = made(report)

    Bundle.model_validate(bundle)
    parts = {one["code"]["coding"][0]["code"]: one for one in of(bundle, "Observation")[0]["component"]}
    assert {"value": 3_000_000_000, "unit": "reads"} == parts["total-reads"]["valueQuantity"]


def test_nothing_in_fhir_interprets_a_number() -> None:
    text = json.dumps(made(stored(lab.kraken(lab.gut()))))

    assert not [
        word for word in ("interpretation", "abnormal", '"high"', '"low"', "dysbiosis", "score") if word in text
    ]


def test_a_table_keeps_every_row_with_what_it_is_of() -> None:
    report = stored(lab.kraken(lab.gut()))
    assert report.answer is not None
    lines = list(csv.DictReader(io.StringIO(table(report.answer, {"format": "x"}).decode())))

    assert HEADINGS == tuple(lines[0])
    groups = [one for one in lines if one["kind"] == "group"]
    assert [repr(row["percent"]) for row in report.answer["taxa"]] == [one["percent"] for one in groups]
    assert {report.answer["denominator"]} == {one["denominator"] for one in groups}
    assert statements.EVIDENCE == lines[0]["text"]
    profile = stored(lab.metaphlan_4()).answer
    assert profile is not None
    said = csv.DictReader(io.StringIO(table(profile, {}).decode()))
    assert {"unclassified_percent", "classified_percent", "human_percent"} == {
        one["name"] for one in said if one["text"] == "not stated"
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    row = {
        "name": f"{start}cmd|'/c calc'!A1",
        "rank": "genus",
        "taxid": None,
        "lineage": f"{start}1",
        "percent": 1.0,
        "reads": None,
    }
    said = {
        "warnings": [{"code": "x", "text": f"{start}2"}],
        "denominator": "profile",
        "total_reads": None,
        "taxa": [row],
    }

    cells = [
        cell
        for line in csv.reader(io.StringIO(table(said, {"sample": f"{start}3"}).decode(), newline=""))
        for cell in line
    ]

    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert f"'{start}1" in cells


def test_research_has_no_words_that_anybody_wrote_and_no_day() -> None:
    report = stored(lab.metaphlan_4())
    assert report.answer is not None
    found = research(report.answer, report.metadata, AT.date(), subject="abc", words="1")
    text = json.dumps(found)

    for private in (
        "Lena",
        "Vogt",
        "Ruiz",
        "sertraline",
        "2026-03",
        str(report.id),
        str(report.patient),
        "metaphlan reads",
    ):
        assert private not in text
    assert ("30-39", "female", 23) == tuple(found["participants"][name] for name in ("age_band", "sex", "bmi"))
    assert found["participants"]["medicines"] != NOT_STATED == found["participants"]["diet"]
    assert 2026 == found["laboratory"]["year_of_collection"]
    assert len(report.answer["taxa"]) == len(found["taxa"])


@pytest.mark.parametrize(
    ("age", "band"), [(0, "0-9"), (39, "30-39"), (89, "80-89"), (104, "90 and over"), (None, NOT_STATED)]
)
def test_ages_are_bands(age: int | None, band: str) -> None:
    assert band == age_band(age)
