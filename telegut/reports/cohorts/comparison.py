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
from dataclasses import dataclass, replace
from typing import Any

from telegut.reports.cohorts import words
from telegut.reports.cohorts.circumstances import beside, circumstances
from telegut.reports.cohorts.group import Group
from telegut.reports.cohorts.instead import Lack, instead
from telegut.reports.cohorts.match import Method, match, method_of, method_of_group
from telegut.reports.cohorts.places import (
    FEWEST_FOR_FORTIETHS,
    FEWEST_FOR_QUARTILES,
    Place,
    Quantile,
    place_of,
    place_of_shannon,
)
from telegut.reports.formats.typed import FORMAT as TYPED
from telegut.reports.listed_whole import is_whole
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
    groups; ``None`` for a profile of percentages, whose reads say nothing about what it could have missed. lack: what
    keeps it from patients; ``None``: nothing does, or it is compared with nobody for reasons that they read.
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
    lack: Lack | None = None

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
    found = _for_the_team(answer, metadata, groups)
    return for_the_patient(found) if for_patient else found


def for_the_patient(found: Comparison) -> Comparison:
    """
    What of the team's *found* a patient sees: a match in everything, or a sentence that says why there is none. A place
    for an index of the whole gut reads as a verdict on it; that is for the team alone (domain research, 8.1 and 8.2).
    """
    if found.lack is None:
        return replace(found, considered=(), diversity=None)
    return Comparison(group=None, matched=False, provisional=False, why=instead(found.lack), lack=found.lack)


def _for_the_team(answer: Mapping[str, Any], metadata: Mapping[str, Any], groups: Sequence[Group]) -> Comparison:
    method = method_of(answer, metadata)
    reads = answer.get("total_reads")
    person = circumstances(metadata)
    looked = [(group, _held(method, metadata, reads, group, person.reasons)) for group in groups]
    wanted = str(metadata.get("group") or "")
    found = sorted((one for one in looked if one[1].matched), key=lambda one: _preference(one[0], one[1], wanted))
    considered = tuple(
        Considered(group.id, group.about.name, held.against) for group, held in looked if not held.matched
    )
    if against := (*_typed(answer), *person.against):
        return _none(words.spoken_against(against), None, considered, against=against)
    if not found:
        alike = [(group.about.name, held.people) for group, held in looked if not held.method]
        if alike:
            return _none(words.of_other_people(alike[0]), "other_people", considered)
        why, unstated = _why_none(method, answer)
        return _none(why, "method_not_stated" if unstated else "none_alike", considered)
    group, held = found[0]
    reasons = (*held.reasons, *_size(group))
    places = tuple(_places(answer, group))
    return Comparison(
        group=group,
        matched=True,
        provisional=bool(reasons),
        full=not held.reasons,
        why=words.matched(group.about.name, group.n, reasons)
        if group.n >= FEWEST_FOR_QUARTILES or places
        else words.too_few(group.about.name, group.n, held.reasons),
        reasons=reasons,
        places=places,
        diversity=_diversity(answer, group),
        reads=None if answer.get("denominator") == "profile" else reads,
        considered=considered,
        lack="withdrawn" if group.withdrawn else "nearly" if held.reasons else None,
    )


def _typed(answer: Mapping[str, Any]) -> list[str]:
    """Whatever people say of the method: numbers that somebody typed are held beside nobody's."""
    return (
        [_("it was typed by hand, so nothing certain is known of the method")] if answer.get("format") == TYPED else []
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """A sample held against a group. method, people: what of either keeps them apart. reasons: why only provisional."""

    method: tuple[str, ...]
    people: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def against(self) -> tuple[str, ...]:
        """Everything that keeps them apart."""
        return (*self.method, *self.people)

    @property
    def matched(self) -> bool:
        """Whether anything may be compared at all."""
        return not self.against


def _held(method: Method, metadata: Mapping[str, Any], reads: int | None, group: Group, also: Sequence[str]) -> _Held:
    gate = match(method, method_of_group(group.about))
    person = beside(metadata, reads, group.about)
    reasons = [*gate.reasons, *also, *person.reasons]
    if group.withdrawn:
        reasons.append(_("the clinic has withdrawn this group since"))
    return _Held(gate.refused, person.against, tuple(reasons))


def _size(group: Group) -> list[str]:
    """The reason that is about precision, not about the method, and that the intervals show: patients see it too."""
    return [_("the group has fewer than 120 people")] if group.n < FEWEST_FOR_FORTIETHS else []


def _preference(group: Group, held: _Held, wanted: str) -> tuple[bool, bool, bool, int]:
    return bool(held.reasons), group.id != wanted, group.built_in, -group.n


def _none(
    why: str, lack: Lack | None, considered: tuple[Considered, ...], *, against: tuple[str, ...] = ()
) -> Comparison:
    return Comparison(
        group=None, matched=False, provisional=False, why=why, against=against, considered=considered, lack=lack
    )


def _why_none(method: Method, answer: Mapping[str, Any]) -> tuple[str, bool]:
    """For the team: why no group was measured the same way; and whether something of the method is not stated."""
    in_file = (answer.get("method") or {}).get("region")
    stated = [one for one in (method.region or in_file, method.pipeline, method.database) if one]
    unstated = [
        name
        for name, value in (("region", method.region), ("analysis", method.pipeline), ("database", method.database))
        if not value
    ]
    return words.unmatched(stated, unstated), bool(unstated)


def _places(answer: Mapping[str, Any], group: Group) -> list[Place]:
    """
    The sample's named genera, the largest first, then those that it lacks and most of the group have; of a list that
    leaves some of the sample out nothing is known to be lacking.
    """
    if group.n < FEWEST_FOR_QUARTILES and not group.dots_allowed:
        return []
    genera = [row for row in answer.get("taxa", ()) if row["rank"] == "genus"]
    named = [(spelled(row["name"]), row["percent"]) for row in genera if not row["name"].startswith(UNASSIGNED)]
    here = {name for name, _percent in named}
    common = [name for name, one in group.genera.items() if name not in here and one.have >= _COMMON * group.n]
    lacking = common if is_whole(answer) else []
    return [place_of(name, percent, group) for name, percent in [*named, *((name, 0.0) for name in sorted(lacking))]]


def _diversity(answer: Mapping[str, Any], group: Group) -> Place | None:
    shannon = (answer.get("diversity") or {}).get("shannon")
    return None if shannon is None or not is_whole(answer) else place_of_shannon(shannon, group)
