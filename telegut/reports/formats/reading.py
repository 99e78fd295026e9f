"""One door for every file: unpack, recognise by content, parse; end in one sample's profile or a named refusal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from telegut.reports.formats import kraken, metaphlan, strangers
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.profile import Profile
from telegut.reports.formats.refusals import EmptyFile, FilesDoNotBelong, PseudocountsNotCounts, ReportTooLarge
from telegut.reports.formats.unpack import lines_of, text_of, unpack

PARSER_VERSION = "1"
"""Raised whenever the same bytes would be read differently; kept with every report."""

_MANY_CELLS = 20
_TINY_PERCENT = 0.01


def read(files: Sequence[bytes], sample: str | None = None, limits: Limits | None = None) -> Profile:
    """
    The profile of *sample* (or of the only one) in *files*.

    Raises:
        UnreadableReport: one of its kinds, always: there is no byte sequence that ends otherwise.
    """
    limits = limits or Limits()
    if not files:
        raise EmptyFile("There is no file.")
    if len(files) > limits.files:
        raise ReportTooLarge(f"More than {limits.files} files were given together.")
    if len(files) > 1:
        for data in files:
            read([data], None, limits)
        raise FilesDoNotBelong
    data = unpack(files[0], limits)
    strangers.check_packed(data)
    text = text_of(data)
    strangers.check_json(text)
    profile = _parse(lines_of(text, limits), sample, limits)
    check_pseudocounts(profile)
    return profile


def _parse(lines: list[str], sample: str | None, limits: Limits) -> Profile:
    if metaphlan.recognise(lines) is not None:
        return metaphlan.read(lines, sample, limits)
    if kraken.recognise(lines) is not None:
        return kraken.read(lines, sample, limits)
    raise strangers.refusal(lines)


def check_pseudocounts(profile: Profile) -> None:
    """
    Refuse percentages in which most of the smallest clades carry one and the same tiny amount.

    Such a floor is added before logarithms are taken; a profile that was measured has many different small values.
    Reads are not judged: one read is often the smallest value of many clades.

    Raises:
        PseudocountsNotCounts: more than half of at least 20 leaves share the smallest value, under 0.01 %.
    """
    if profile.in_reads:
        return
    parents = {clade.parent for clade in profile.clades}
    leaves = [clade.amount for place, clade in enumerate(profile.clades) if place not in parents]
    if len(leaves) < _MANY_CELLS:
        return
    smallest = min(leaves)
    if smallest < _TINY_PERCENT and Counter(leaves)[smallest] * 2 > len(leaves):
        raise PseudocountsNotCounts
