"""
How deep a sample was read, in sentences that agree wherever they stand. Pure; for the care team.

Two numbers are called depth: the reads of the whole run, and those that were counted on named genera. Some files state
the first and hold percentages (MetaPhlAn 4 says how many reads it processed), some hold counts and not how many reads
there were in all (Bracken, uBiome). Each sentence says which of the two it is, and what is known of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from telegut.reports.formats.typed import FORMAT as TYPED
from telegut.web.words import gettext as _


def in_all(answer: Mapping[str, Any]) -> str:
    """The reads of the whole run, for the head of a report."""
    reads, counted = answer["total_reads"], answer["diversity"]["depth"]
    if answer["format"] == TYPED:
        return _("not known: typed by hand")
    if reads is not None and counted is None:
        return _("%(n)s reads in all, as the file states; its shares are percentages", n=f"{reads:,}")
    if reads is not None:
        return _("%(n)s reads in all", n=f"{reads:,}")
    if counted:
        return _("%(n)s reads on genera; how many there were in all is not stated", n=f"{counted:,}")
    return _("not stated in the file")


def on_genera(answer: Mapping[str, Any]) -> str:
    """The reads that were counted on named genera, beside the diversity that is made of them."""
    reads, counted = answer["total_reads"], answer["diversity"]["depth"]
    if answer["format"] == TYPED:
        return _("not known: typed by hand")
    if counted is not None:
        return _("%(n)s reads", n=f"{counted:,}")
    if reads is None:
        return _("not known: the file holds percentages")
    return _("not known: the file holds percentages, and states %(n)s reads in all", n=f"{reads:,}")
