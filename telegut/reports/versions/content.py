"""
What an interpretation says, and its hash: the same bytes read by the same rules have the same one, everywhere.

The hash is of what is said alone: no time, no id, no version of the reader. So a new reader that says the same has the
same hash, and no new version is made of a report. Remarks on how files were handed in (``same_file``, ``same_sample``)
are about the patient's other reports and do not count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from telegut.reports.versions.canonical import canonical

SAID = (
    "format",
    "samples",
    "sample",
    "denominator",
    "total_reads",
    "unclassified_percent",
    "classified_percent",
    "human_percent",
    "human_reads",
    "method",
    "diversity",
)
ROW = ("name", "rank", "taxid", "lineage", "percent", "reads")

ABOUT_THE_HANDING_IN = frozenset({"same_file", "same_sample", "reprocessed", "same_collection"})
"""Codes of warnings that are added when a report is kept."""


def content(findings: Mapping[str, Any]) -> dict[str, Any]:
    """What *findings* say: ``{"state", "answer"}`` or ``{"state", "problem"}``, without what they know of elsewhere."""
    answer = findings.get("answer")
    if findings["state"] != "ready" or answer is None:
        return {"state": findings["state"], "problem": dict(findings["problem"])}
    return {"state": "ready", **content_of(answer)}


def content_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer says."""
    return {
        **{name: answer.get(name) for name in SAID},
        "taxa": [row if tuple(row) == ROW else {name: row.get(name) for name in ROW} for row in answer["taxa"]],
        "warnings": [
            {"code": one["code"], "text": one["text"]}
            for one in answer["warnings"]
            if one["code"] not in ABOUT_THE_HANDING_IN
        ],
    }


def content_hash(findings: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical content of *findings*, 32 bytes."""
    return hashlib.sha256(canonical(content(findings))).digest()


def answer_hash(answer: Mapping[str, Any]) -> str:
    """The same of an answer alone, as 64 hexadecimal digits."""
    return content_hash({"state": "ready", "answer": answer}).hex()
