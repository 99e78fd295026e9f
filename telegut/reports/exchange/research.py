"""
A report for researchers, in the shape of the STORMS checklist, under a number instead of a name.

STORMS: Mirzayi et al., Nat Med 2021;27:1885, doi 10.1038/s41591-021-01552-x; the items are named by their headings
there. What is not known is "not stated"; what a person wrote in their own words is never exported, because words can
hold anything, a name too. No questionnaire is part of it. Dates are years, ages are bands of ten years.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from telegut.reports.described import PERSON

NOT_STATED = "not stated"
WITHHELD = "stated in the record; free text is not exported"
NOT_KEPT = "not kept by this software"

OLDEST_BAND = 90
"""Years; older people are in one band, as in the safe harbour of 45 CFR 164.514(b)(2)(i)(C)."""

_SEXES = frozenset({"female", "male", "intersex"})
_TAXON = ("name", "rank", "taxid", "lineage", "percent", "reads")


def research(
    answer: Mapping[str, Any], metadata: Mapping[str, Any], collected: date | None, *, subject: str, words: str
) -> dict[str, Any]:
    """
    The export of one reading.

    subject: the pseudonym. words: the version of the words of consent.
    """
    return {
        "checklist": "STORMS (doi 10.1038/s41591-021-01552-x)",
        "subject": subject,
        "consent": {"purpose": "research", "words": words},
        "participants": _person(metadata),
        "laboratory": _laboratory(answer, metadata, collected),
        "bioinformatics": _bioinformatics(answer, metadata),
        "statistics": {
            "diversity": dict(answer["diversity"]),
            "shares": f"percent of {answer['denominator'].replace('_', ' ')}, unrounded, not rarefied",
            "missing_data": "null is what the file cannot tell; it is never zero",
        },
        "data_availability": NOT_STATED,
        "warnings": [one["code"] for one in answer["warnings"]],
        "taxa": [{name: row[name] for name in _TAXON} for row in answer["taxa"]],
        "content_hash": answer.get("content_hash"),
    }


def age_band(age: object) -> str:
    """``30-39``; ``90 and over``; `NOT_STATED`."""
    if not isinstance(age, int):
        return NOT_STATED
    start = age // 10 * 10
    return f"{OLDEST_BAND} and over" if start >= OLDEST_BAND else f"{start}-{start + 9}"


def _person(metadata: Mapping[str, Any]) -> dict[str, Any]:
    sex = str(metadata.get("sex") or "").strip().casefold()
    known: dict[str, Any] = {
        "age_band": age_band(metadata.get("age")),
        "sex": sex if sex in _SEXES else WITHHELD if sex else NOT_STATED,
        "bmi": round(metadata["bmi"]) if metadata.get("bmi") is not None else NOT_STATED,
        "stool_form": metadata.get("stool_form") or NOT_STATED,
    }
    words = {name: _withheld(metadata, name) for name in PERSON if name not in {"age", "sex", "bmi", "stool_form"}}
    return {**words, **known}


def _laboratory(answer: Mapping[str, Any], metadata: Mapping[str, Any], collected: date | None) -> dict[str, Any]:
    region = answer["method"].get("region")
    return {
        "specimen": "stool",
        "year_of_collection": collected.year if collected else NOT_STATED,
        "sequencing": region or NOT_STATED,
        **{name: _withheld(metadata, name) for name in ("kit", "storage", "extraction", "amplification", "platform")},
        "batch": NOT_KEPT,
        "controls": NOT_KEPT,
        "accreditation": _withheld(metadata, "accreditation"),
    }


def _bioinformatics(answer: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    method = answer["method"]
    return {
        "pipeline": method.get("pipeline") or _withheld(metadata, "pipeline"),
        "database": method.get("database") or _withheld(metadata, "database"),
        "format": answer["format"],
        "reader_version": answer["parser_version"],
        "denominator": answer["denominator"],
        "total_reads": answer["total_reads"],
        "unclassified_percent": answer["unclassified_percent"],
        "human_percent": answer["human_percent"],
    }


def _withheld(metadata: Mapping[str, Any], name: str) -> str:
    return WITHHELD if metadata.get(name) not in (None, "", []) else NOT_STATED
