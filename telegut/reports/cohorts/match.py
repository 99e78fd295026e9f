"""
The match gate: whether a sample and a group were measured the same way.

Region (or shotgun), pipeline family, database of names with its version, and what the percentages are of must be equal;
kit, extraction and country that differ or are not stated make a comparison provisional. What says that nobody knows is
not stated (`telegut.reports.stated`), and is the same as nothing. Nothing overrides it. Source:
domain research 4.2 and 4.4: judged by another laboratory's 95 % limits, 10 to 38 of 100 values of healthy people look
unusual, where 5 are expected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegut.reports.cohorts.group import About
from telegut.reports.stated import plain, stated
from telegut.reports.taxonomy.databases import database_of
from telegut.web.words import gettext as _

_REGION = re.compile(r"V ?([1-9])(?: ?(?:[-–—/]|to|and)? ?V? ?([1-9]))?(?![0-9])", re.IGNORECASE)
_SHOTGUN = re.compile(
    r"shotgun|whole[- ]?(?:meta)?genome|\bwgs\b|\bwms\b|^(?:none|not amplified|no amplification)\W*$", re.I
)
_OTHER_GENE = re.compile(r"\b(?:18S|23S|28S|ITS[12]?|rpoB|cpn60|gyrB|COI)\b", re.I)
"""Genes that have other regions than 16S, by the same names."""
_NOT_SHOTGUN = re.compile(r"\b(?:not|no|non)[- ](?:a |from )?(?:shotgun|whole[- ]?(?:meta)?genome|wgs|wms)\w*", re.I)
_CHEMISTRY = re.compile(
    r"\b(?:(?:mi|hi|nova|next|i)seq|illumina|kit|chemistry|reagents?|flow ?cell)\b[ ,:()]*(?:kit|chemistry|reagents?)?"
    r"[ ,:()]*v\.? ?[1-9]\b(?! ?[-–—/]| ?to| ?and| ?v)|\bv\.? ?[1-9][ -]*(?:kit|chemistry|reagents?|flow ?cell)\b",
    re.I,
)
"""Versions of what a sequencer is filled with: "MiSeq v3" is no region."""
_FAMILIES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"metaphlan\D{0,3}([2-9])", re.I), "MetaPhlAn {0}"),
    (re.compile(r"bracken", re.I), "Kraken and Bracken"),
    (re.compile(r"kraken\D{0,2}([12])?", re.I), "Kraken"),
    (re.compile(r"mothur", re.I), "mothur"),
    (re.compile(r"ubiome", re.I), "uBiome"),
    (re.compile(r"closed[- _]?ref", re.I), "QIIME 1 closed reference"),
    (re.compile(r"dada ?2", re.I), "DADA2"),
    (re.compile(r"deblur", re.I), "Deblur"),
    (re.compile(r"qiime ?2|\bq2\b", re.I), "QIIME 2"),
    (re.compile(r"qiime", re.I), "QIIME 1"),
)
"""MetaPhlAn's version is part of its family, because each counts other marker genes; mothur's and Kraken's is not."""
_ONLY_DATABASE = {"MetaPhlAn 2": "mpa_v20_m200"}
"""MetaPhlAn 2 had one marker set, which its files do not name (Truong et al., Nat Methods 2015;12:902)."""


WITH_UNRECOGNISED = "profile_with_unrecognised"
"""Percentages of a profile that has a share for what was not recognised; ``profile`` alone has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How something was measured, as far as it is stated; ``None`` is not stated. *shares*: what percentages are of."""

    region: str | None
    pipeline: str | None
    database: str | None
    shares: str | None = None
    kit: str | None = None
    extraction: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """refused: why it is no match; empty: it is one. reasons: why it is only provisional; empty: it is a full match."""

    refused: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def matched(self) -> bool:
        """Whether anything may be compared at all."""
        return not self.refused


def method_of(answer: Mapping[str, Any], metadata: Mapping[str, Any]) -> Method:
    """
    How the sample of a report was measured: what the file says, and where it is silent what people said.

    A file that says ``amplicon`` and people who name the region agree; otherwise the file is believed.
    """
    in_file = answer.get("method") or {}
    region = region_of(in_file.get("region"))
    said = region_of(metadata.get("region") or metadata.get("amplification"))
    kind = in_file.get("region")
    if region is None and (kind in (None, "amplicon") and not (kind == "amplicon" and said == "shotgun")):
        region = said
    family = pipeline_family(in_file.get("pipeline"))
    told = pipeline_family(metadata.get("pipeline"))
    if family is None or (family == "QIIME 2" and told in {"DADA2", "Deblur", "QIIME 1 closed reference"}):
        family = told
    return Method(
        region=region,
        pipeline=family,
        database=stated(in_file.get("database"))
        or stated(metadata.get("database"))
        or _ONLY_DATABASE.get(family or ""),
        shares=_of_the_profile(answer),
        kit=stated(metadata.get("kit")),
        extraction=stated(metadata.get("extraction")),
        country=stated(metadata.get("country")),
    )


def _of_the_profile(answer: Mapping[str, Any]) -> str | None:
    """
    What the percentages of *answer* are of. Two profiles of one stool are on two scales when one holds the share that
    was not recognised and the other does not (MetaPhlAn's row UNKNOWN or UNCLASSIFIED).
    """
    shares: str | None = answer.get("denominator")
    return WITH_UNRECOGNISED if shares == "profile" and answer.get("unclassified_percent") else shares


def method_of_group(about: About) -> Method:
    """How the people of a group were measured."""
    return Method(
        region=region_of(about.region),
        pipeline=pipeline_family(about.pipeline),
        database=about.database,
        shares=about.denominator,
        kit=stated(about.kit),
        extraction=stated(about.extraction),
        country=stated(about.country),
    )


def match(sample: Method, group: Method) -> Match:
    """Hold *sample* against *group*."""
    refused = [
        *_must(_("the region that was sequenced"), sample.region, group.region),
        *_must(_("the analysis"), sample.pipeline, group.pipeline),
        *_databases(sample.database, group.database),
        *_must(_("what the percentages are of"), _whole(sample.shares), _whole(group.shares)),
    ]
    reasons = [
        *_must(_("the kit"), sample.kit, group.kit),
        *_must(_("the way DNA was extracted"), sample.extraction, group.extraction),
        *_must(_("the country"), sample.country, group.country),
    ]
    return Match(tuple(refused), tuple(reasons))


def region_of(text: str | None) -> str | None:
    """``V4``, ``V3-V5`` or ``shotgun``; ``None`` when *text* tells none, several, or one of another gene than 16S."""
    if (said := stated(text)) is None:
        return None
    said = _NOT_SHOTGUN.sub(" ", _CHEMISTRY.sub(" ", said)).strip()
    shotgun, found = _SHOTGUN.search(said), set(_REGION.findall(said))
    if shotgun or not found:
        return "shotgun" if shotgun and not found else None
    if len(found) > 1 or _OTHER_GENE.search(said):
        return None
    [(first, last)] = found
    if last and last < first:
        return None
    return f"V{first}" if last in ("", first) else f"V{first}-V{last}"


def pipeline_family(text: str | None) -> str | None:
    """The family of programs that *text* names; an unknown one is its own, without its version."""
    if (said := stated(text)) is None:
        return None
    for pattern, family in _FAMILIES:
        if found := pattern.search(said):
            return family.format(*found.groups())
    return re.sub(r"[\s,;]*v?\d+(\.\d+)*\S*", "", said).strip().casefold() or said.casefold()


def _must(what: str, sample: str | None, group: str | None) -> list[str]:
    if sample is None:
        return [_("%(what)s is not stated for this sample") % {"what": what}]
    if group is None:
        return [_("%(what)s is not stated for the group") % {"what": what}]
    if plain(sample) == plain(group):
        return []
    return [
        _("%(what)s differs: %(sample)s here, %(group)s in the group")
        % {"what": what, "sample": sample, "group": group}
    ]


def _databases(sample: str | None, group: str | None) -> list[str]:
    what = _("the database of names with its version")
    here, there = database_of(sample), database_of(group)
    if here is None or here.version is None:
        return [_("%(what)s is not stated for this sample") % {"what": what}]
    if there is None or there.version is None:
        return [_("%(what)s is not stated for the group") % {"what": what}]
    return [] if here.same_as(there) else _must(what, here.text, there.text)


def _whole(shares: str | None) -> str | None:
    return {
        "all_reads": _("all reads"),
        "classified_reads": _("reads that were recognised"),
        "bacteria_reads": _("reads of bacteria"),
        "profile": _("what was recognised"),
        WITH_UNRECOGNISED: _("the profile, with what was not recognised"),
        None: None,
    }.get(shares, shares)
