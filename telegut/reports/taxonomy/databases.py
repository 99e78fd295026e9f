"""
Which database a text names, and of which version: ``Greengenes 13_8``, ``mpa_v30_CHOCOPhlAn_201901``, ``SILVA 138.1``.

Databases are compared by scheme and version, never by the text: ``gg_13_8`` and ``Greengenes 13.8`` are one. A text
without a version names no database that anything could be compared with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegut.reports.stated import stated

_METAPHLAN = re.compile(r"\bmpa_?(v[a-z]*[0-9]+)(?:_([A-Za-z0-9_]+))?", re.IGNORECASE)
_VERSIONED: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("greengenes2", re.compile(r"\b(?:greengenes[ _-]?2|gg2)(?![0-9_.]*_8)\D{0,12}(20[0-9]{2}[._-][0-9]{1,2})", re.I)),
    ("greengenes", re.compile(r"\b(?:greengenes|gg)\D{0,12}(1[0-9][._-][0-9]{1,2})", re.I)),
    ("silva", re.compile(r"\bsilva(?:.{0,24}?)(?<![0-9])([0-9]{3}(?:[._][0-9])?)(?![0-9fr])", re.I)),  # "NR99 v138"
    ("gtdb", re.compile(r"\bgtdb.{0,32}?(?<![a-z])rs([0-9]{3})(?![0-9])", re.I)),  # "R09-RS220"
    ("gtdb", re.compile(r"\bgtdb.{0,32}?(?<![a-z])(?:r|v|release)[ ._-]?([0-9]{2,3}(?:\.[0-9])?)(?![0-9-])", re.I)),
    ("gtdb", re.compile(r"\bgtdb[ ._-]{0,2}([0-9]{2,3}(?:\.[0-9])?)(?![0-9-])", re.I)),
    ("rdp", re.compile(r"\btrain(?:ing)?[ _-]?set\D{0,12}([0-9]{1,2}(?:\.[0-9]{1,2})?)(?![0-9])", re.I)),
    (
        "rdp",
        re.compile(
            r"\brdp(?!\W{0,3}(?:na[iï]ve |bayesian )*classifier)\D{0,24}([0-9]{1,2}(?:\.[0-9]{1,2})?)(?![0-9])", re.I
        ),
    ),
)
_DATED_SET = re.compile(r"(?:ncbi|refseq|standard|pluspf|kraken).{0,24}?(20[0-9]{2}[._-]?[0-1][0-9])", re.I)
"""Kraken's ready-made sets: of one date there are several (Standard, Standard-8, PlusPF), so the whole name counts."""

_MONTHS = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
_DATED = re.compile(r"v([a-z]{3})([0-9]{2})", re.I)
_MONTH = re.compile(r"(20[0-9]{2})[._-]?(0[1-9]|1[0-2])(?![0-9]{3})")


@dataclass(frozen=True, slots=True)
class Database:
    """
    A database of names. scheme: ``metaphlan``, ``greengenes``, ``greengenes2``, ``silva``, ``gtdb``, ``rdp``, ``ncbi``.

    *version* ``None``: the text names none. text: as it was written.
    """

    scheme: str
    version: str | None
    text: str

    @property
    def month(self) -> str | None:
        """The month whose names it uses, ``YYYY-MM``, where its version tells: for NCBI's and MetaPhlAn's."""
        version = self.version or ""
        if self.scheme == "metaphlan" and version.startswith("v20"):
            return "2014-01"  # the one marker set of MetaPhlAn 2: Truong et al., Nat Methods 2015;12:902
        if self.scheme == "metaphlan" and (named := _DATED.match(version)) and named[1].lower() in _MONTHS:
            return f"20{named[2]}-{_MONTHS[named[1].lower()]:02}"
        if self.scheme in {"metaphlan", "ncbi"} and (dated := _MONTH.search(version)):
            return f"{dated[1]}-{dated[2]}"
        return None

    def same_as(self, other: Database) -> bool:
        """Whether both are one database of one version, as far as is stated; unstated is never the same."""
        return self.version is not None and (self.scheme, self.version) == (other.scheme, other.version)


def database_of(text: str | None) -> Database | None:
    """What *text* names; ``None`` if it says nothing. An unknown name is its own scheme, versioned by a digit."""
    if (said := stated(text)) is None:
        return None
    if found := _METAPHLAN.search(said):
        rest = f"_{found[2].lower()}" if found[2] else ""
        version = found[1].lower()
        return Database("metaphlan", version if version == "v20" else f"{version}{rest}", said)
    for scheme, pattern in _VERSIONED:
        if found := pattern.search(said):
            return Database(scheme, re.sub(r"[._-]", ".", found[1]), said)
    if found := _DATED_SET.search(said):
        return Database("ncbi", re.sub(r"[^a-z0-9]+", ".", said.casefold()), said)
    for scheme in (*(scheme for scheme, _ in _VERSIONED), "ncbi"):
        if re.search(rf"\b{scheme}\b", said, re.I):
            return Database(scheme, None, said)
    plain = said.casefold()
    return Database(plain, plain if re.search(r"[0-9]", plain) else None, said)
