"""
A sample beside a group of people: which group, whether it may be, and what may then be drawn and said. Pure.

A patient sees positions only where a group matches in everything. A match that is provisional because of the method or
the person is for the team, who see the reason beside it (that a group is small is told to both). Domain research 4.4
makes a match with another kit, extraction or country provisional "with a visible reason" and allows "no override for
the patient view"; a reason about DNA extraction is one that a clinician can weigh and a patient cannot, so it does not
reach them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telegut.reports import statements
from telegut.reports.cohorts import words
from telegut.reports.cohorts.circumstances import beside, circumstances
from telegut.reports.cohorts.group import Group
from telegut.reports.cohorts.match import Match, Method, match, method_of, method_of_group
from telegut.reports.cohorts.places import (
    FEWEST_FOR_FORTIETHS,
    FEWEST_FOR_QUARTILES,
    Place,
    Quantile,
    place_of,
    place_of_shannon,
)
from telegut.reports.formats.typed import FORMAT as TYPED
from telegut.reports.rules import UNASSIGNED
from telegut.reports.taxonomy.names import spelled
from telegut.web.words import gettext as _

_COMMON = 0.5
"""A genus of the group that this sample lacks is listed when at least this share of the people have it."""


@dataclass(frozen=True, slots=True)
class Considered:
    """A group that was looked at, and why it is no match; for the team."""

    id: str
    name: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """
    Everything there is to draw and to say.

    group: the one that is shown; ``None``: none is. why: one sentence for this reader. reasons: why it is provisional.
    full: it matches in everything; that the group is small is no matter of matching. reads: those that were counted on
    groups; ``None`` for a profile of percentages, whose reads say nothing about what it could have missed.
    """

    group: Group | None
    matched: bool
    provisional: bool
    why: str
    full: bool = False
    reasons: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    diversity: Place | None = None
    reads: int | None = None
    considered: tuple[Considered, ...] = ()

    def as_answer(self) -> dict[str, Any]:
        """The JSON of the public contract: ``group``, ``matched``, ``why``, and what came since."""
        group = self.group
        return {
            "group": None if group is None else group.about.name,
            "matched": self.matched,
            "why": self.why,
            "provisional": self.provisional,
            "reasons": list(self.reasons),
            "against": list(self.against),
            "group_id": None if group is None else group.id,
            "group_version": None if group is None else group.version,
            "about": None if group is None else group.about.as_answer(),
            "places": [place_answer(one, self.reads) for one in self.places],
            "diversity": None if self.diversity is None else place_answer(self.diversity, None),
            "considered": [{"group": one.name, "id": one.id, "why": list(one.why)} for one in self.considered],
        }


def place_answer(place: Place, reads: int | None) -> dict[str, Any]:
    """One genus as JSON."""
    return {
        "name": place.name,
        "percent": place.percent if place.detected else None,
        "detected": place.detected,
        "prevalence": place.prevalence if place.have is None or place.have == 0 or place.have >= 5 else None,
        "n": place.n,
        "how": place.how,
        "words": words.of_place(place, reads),
        "low": place.low,
        "high": place.high,
        "band": _band(place.band),
        "points": list(place.points),
    }


def _band(band: Sequence[Quantile]) -> dict[str, Any] | None:
    if not band:
        return None
    values: dict[str, Any] = {one.name: one.value for one in band}
    return {**values, "intervals": {one.name: [one.low, one.high] for one in band}}


def compare(
    answer: Mapping[str, Any], metadata: Mapping[str, Any], groups: Sequence[Group], *, for_patient: bool
) -> Comparison:
    """
    The reading *answer* of a report beside the best of *groups* that matches it.

    Of several the one without reservations wins, then the protocol's own (``group`` of *metadata*), then the clinic's
    own, then the larger.
    """
    method = method_of(answer, metadata)
    reads = answer.get("total_reads")
    person = circumstances(metadata)
    looked = [(group, _held(method, metadata, reads, group, person.reasons)) for group in groups]
    wanted = str(metadata.get("group") or "")
    found = sorted((one for one in looked if one[1].matched), key=lambda one: _preference(one[0], one[1], wanted))
    considered = tuple(Considered(group.id, group.about.name, held.refused) for group, held in looked if held.refused)
    against = (*_typed(answer), *person.against)
    if against:
        why = words.spoken_against(against)
        return _none(why, for_patient=False, against=against, considered=() if for_patient else considered)
    if not found:
        return _none(_why_none(method, answer), for_patient=for_patient, considered=considered)
    group, held = found[0]
    if for_patient and held.reasons:
        return _none(_(statements.WITHOUT_COMPARISON), for_patient=True)
    reasons = (*held.reasons, *_size(group))
    return Comparison(
        group=group,
        matched=True,
        provisional=bool(reasons),
        full=not held.reasons,
        why=words.matched(group.about.name, group.n, reasons),
        reasons=reasons,
        places=tuple(_places(answer, group)),
        diversity=_diversity(answer, group),
        reads=None if answer.get("denominator") == "profile" else reads,
        considered=() if for_patient else considered,
    )


def _typed(answer: Mapping[str, Any]) -> list[str]:
    """Whatever people say of the method: numbers that somebody typed are held beside nobody's."""
    return (
        [_("it was typed by hand, so nothing certain is known of the method")] if answer.get("format") == TYPED else []
    )


def _held(method: Method, metadata: Mapping[str, Any], reads: int | None, group: Group, also: Sequence[str]) -> Match:
    gate = match(method, method_of_group(group.about))
    person = beside(metadata, reads, group.about)
    reasons = [*gate.reasons, *also, *person.reasons]
    if group.withdrawn:
        reasons.append(_("the clinic has withdrawn this group since"))
    return Match((*gate.refused, *person.against), tuple(reasons))


def _size(group: Group) -> list[str]:
    """The reason that is about precision, not about the method, and that the intervals show: patients see it too."""
    return [_("the group has fewer than 120 people")] if group.n < FEWEST_FOR_FORTIETHS else []


def _preference(group: Group, held: Match, wanted: str) -> tuple[bool, bool, bool, int]:
    return bool(held.reasons), group.id != wanted, group.built_in, -group.n


def _none(
    why: str, *, for_patient: bool, against: tuple[str, ...] = (), considered: tuple[Considered, ...] = ()
) -> Comparison:
    return Comparison(
        group=None,
        matched=False,
        provisional=False,
        why=_(statements.WITHOUT_COMPARISON) if for_patient else why,
        against=against,
        considered=() if for_patient else considered,
    )


def _why_none(method: Method, answer: Mapping[str, Any]) -> str:
    in_file = (answer.get("method") or {}).get("region")
    stated = [one for one in (method.region or in_file, method.pipeline, method.database) if one]
    unstated = [
        name
        for name, value in (("region", method.region), ("analysis", method.pipeline), ("database", method.database))
        if not value
    ]
    return words.unmatched(stated, unstated)


def _places(answer: Mapping[str, Any], group: Group) -> list[Place]:
    """The sample's named genera, the largest first, then those that it lacks and most of the group have."""
    if group.n < FEWEST_FOR_QUARTILES and not group.dots_allowed:
        return []
    genera = [row for row in answer.get("taxa", ()) if row["rank"] == "genus"]
    named = [(spelled(row["name"]), row["percent"]) for row in genera if not row["name"].startswith(UNASSIGNED)]
    here = {name for name, _percent in named}
    lacking = [name for name, one in group.genera.items() if name not in here and one.have >= _COMMON * group.n]
    return [place_of(name, percent, group) for name, percent in [*named, *((name, 0.0) for name in sorted(lacking))]]


def _diversity(answer: Mapping[str, Any], group: Group) -> Place | None:
    shannon = (answer.get("diversity") or {}).get("shannon")
    return None if shannon is None else place_of_shannon(shannon, group)
