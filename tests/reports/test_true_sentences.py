"""Sentences of both views in every state of a report: what is said is so, and what is not so is not said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from telegut.reports.answer import answer
from telegut.reports.clinician.paper import paper_of
from telegut.reports.cohorts.comparison import compare
from telegut.reports.cohorts.group import Group
from telegut.reports.formats import typed
from telegut.reports.formats.reading import read
from telegut.reports.panel import Panel, panel_of
from telegut.reports.patient.levels import Level
from telegut.reports.patient.sheet import Sheet
from telegut.reports.patient.writing import sheet_of
from telegut.reports.rules import interpret
from telegut.reports.shelf import Stored
from tests.reports import lab
from tests.reports.cohorts.people import SAID, group
from tests.reports.cohorts.people import answer as measured
from tests.reports.exchange.stored import AT, PATIENT, stored

NO_GROUP = "there is no comparison group measured the same way"
POSITIONS = ("Higher than", "people in this comparison group")
SAMPLE = measured({"Bacteroides": 9.0, "Roseburia": 0.4, "Nova": 0.2})
TINY = group(12)
OTHER_KIT = {**SAID, "kit": "another tube"}


def withdrawn(one: Group) -> Group:
    return replace(one, withdrawn=True)


@pytest.mark.parametrize(("sample", "said", "groups", "patient", "team"), [
    (SAMPLE, SAID, [], NO_GROUP, "No comparison group here was measured the same way"),
    ({**SAMPLE, "method": {**SAMPLE["method"], "pipeline": "mothur"}}, SAID, [group(240)], NO_GROUP, "No comparison"),
    ({**SAMPLE, "method": {}}, SAID, [group(240)], "not everything is known about how the lab", "Nobody states its"),
    (SAMPLE, {**SAID, "age": 9}, [group(240)], "people of another age", "but the group is of adults"),
    (SAMPLE, OTHER_KIT, [group(240)], "a comparison group that comes near", "the kit differs"),
    (SAMPLE, {}, [group(240)], "a comparison group that comes near", "the kit is not stated"),
    (SAMPLE, SAID, [withdrawn(group(240))], "no longer in use", "has withdrawn this group"),
    (SAMPLE, OTHER_KIT, [withdrawn(group(240))], "no longer in use", "has withdrawn this group"),
    (SAMPLE, {**SAID, "stool_form": 7}, [group(240)], "the stool was watery", "the stool was watery"),
    (SAMPLE, {**SAID, "stool_form": 7}, [], "the stool was watery", "the stool was watery"),
    ({**SAMPLE, "format": typed.FORMAT}, SAID, [group(240)], "it was typed by hand", "it was typed by hand"),
])  # fmt: skip
def test_why_no_place_is_shown_is_so_for_both(
    sample: dict[str, Any], said: dict[str, Any], groups: list[Group], patient: str, team: str
) -> None:
    theirs, ours = (compare(sample, said, groups, for_patient=one) for one in (True, False))

    assert patient in theirs.why
    assert team in ours.why
    assert (NO_GROUP in theirs.why) is (patient is NO_GROUP)
    assert (None, (), (), None) == (theirs.group, theirs.places, theirs.considered, theirs.diversity)
    assert not any(word in str(theirs.as_answer()) for word in POSITIONS)


def test_a_group_that_is_too_small_is_not_said_to_be_compared_with() -> None:
    for said in (SAID, OTHER_KIT):
        for for_patient in (True, False):
            why = compare(SAMPLE, said, [TINY], for_patient=for_patient).why
            assert "ompared with" not in why
    assert "12 people who were measured the same way" in compare(SAMPLE, SAID, [TINY], for_patient=True).why


def test_a_list_that_is_not_the_whole_sample_says_nothing_of_what_it_leaves_out() -> None:
    cut = {**SAMPLE, "taxa": [row for row in SAMPLE["taxa"] if not row["name"].startswith("unassigned")]}
    whole, partly = (compare(one, SAID, [group(240)], for_patient=True) for one in (SAMPLE, cut))

    assert {"Bacteroides", "Akkermansia"} <= {one.name for one in whole.places}
    assert "Akkermansia" not in {one.name for one in partly.places}


def by_hand(*percents: float) -> dict[str, Any]:
    rows = [{"name": name, "rank": "genus", "percent": value} for name, value in zip(_NAMES, percents, strict=False)]
    return answer(interpret(typed.read(rows)))


_NAMES = ("Bacteroides", "Roseburia", "Blautia", "Alistipes")


def of_file(data: bytes) -> Callable[[], dict[str, Any]]:
    return lambda: answer(interpret(read([data])))


@dataclass(frozen=True, kw_only=True)
class State:
    """A state of a report: the reading, and what must and must not stand on the two views."""

    made: Callable[[], dict[str, Any]]
    patient: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    not_patient: tuple[str, ...] = ()
    not_team: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    by: UUID | None = None
    name: str = ""


CLOSTRIDIA = "k__Bacteria|p__Firmicutes|c__Clostridia|o__Clostridiales|f__Peptostreptococcaceae"
LINEAGES = [
    f"k__Bacteria;p__Firmicutes;c__Clostridia;o__Clostridiales;f__Lachnospiraceae;g__{name};s__"
    for name in ("Blautia", "Roseburia", "Dorea")
]


def table(features: list[str], counts: list[int], lineages: list[str]) -> dict[str, Any]:
    """A classic table of features with lineages."""
    rows = [f"{one}\t{count}\t{lineage}" for one, count, lineage in zip(features, counts, lineages, strict=True)]
    text = "\n".join(["# Constructed from biom file", "#OTU ID\tS1\ttaxonomy", *rows, ""])
    return answer(interpret(read([text.encode()])))


FOUND = "A group that is not here was not found."
STATES = {
    "counts": State(
        made=of_file(lab.kraken(lab.gut())),
        patient=(FOUND, "genera were seen in this sample"),
        team=("reads in all",),
        not_team=("percentages", "not the whole sample"),
    ),
    "percentages, and how many reads there were": State(
        made=of_file(lab.metaphlan_4()),
        patient=(FOUND,),
        team=("reads in all, as the file states; its shares are percentages", "and states", "reads in all"),
        not_team=("file holds percentages\n",),
    ),
    "nothing without a name, in a table of features": State(
        made=lambda: table(["a", "b", "c"], [60_000, 30_000, 10_000], LINEAGES),
        patient=("all reads in this file", "Not recognised\nnot stated"),
        team=("Not recognised\nnot stated", "Recognised\nnot stated in the file"),
        not_patient=("Not recognised\n0 %", "everything that was sequenced"),
        not_team=("100.0 %",),
    ),
    "something without a name, in a table of features": State(
        made=lambda: table(["a", "b", "c"], [60_000, 30_000, 10_000], [*LINEAGES[:2], "Unassigned"]),
        patient=("Not recognised\n10.0 %\nThe lab’s list has no name for this part.",),
        team=("Recognised\n90.0 %",),
    ),
    "a germ that a clinic can test for": State(
        made=of_file(
            lab.metaphlan_4([(f"{CLOSTRIDIA}|g__Peptoclostridium|s__Peptoclostridium_difficile", "1496", 100)])
        ),
        patient=("One kind alone is 100 %", "The list finds bits of DNA, no illness."),
        team=("Among the names is Peptoclostridium difficile",),
        not_patient=("difficile",),
    ),
    "percentages alone": State(
        made=of_file(lab.metaphlan_3()),
        team=("not stated in the file", "not known: the file holds percentages"),
        not_team=("and states",),
    ),
    "typed, in part": State(
        made=lambda: by_hand(40, 5, 3),
        patient=("3 genera are named here", "there may be more", "it was typed by hand"),
        team=("not known: typed by hand", "not the whole sample"),
        not_patient=(FOUND, "were seen in this sample", "the file", "not stated by the lab"),
        not_team=("the file", "not stated by the lab"),
    ),
    "typed, whole": State(made=lambda: by_hand(60, 30, 10), patient=(FOUND,), not_team=("not the whole sample",)),
    "nothing said": State(
        made=of_file(lab.kraken(lab.gut())),
        patient=("It is not stated when the sample was taken.", "not stated by the lab", "Details that are missing"),
        team=("not stated", "Incomplete: "),
    ),
    "brought by the patient": State(
        made=of_file(lab.kraken(lab.gut())),
        by=PATIENT,
        name="Lena Vogt",
        patient=("Lena Vogt brought this report. It does not say who ordered the test.",),
        team=("nobody named: brought by the patient",),
        not_patient=("guardian",),
    ),
    "brought by a guardian": State(
        made=of_file(lab.kraken(lab.gut())),
        by=UUID(int=9),
        name="Karin Vogt",
        patient=("Karin Vogt brought this report.",),
        team=("nobody named: brought by a guardian",),
        not_patient=("You brought",),
        not_team=("brought by the patient",),
    ),
    "brought, and ordered by somebody": State(
        made=of_file(lab.kraken(lab.gut())),
        by=PATIENT,
        metadata={"ordered_by": "Dr. Ada Ruiz"},
        team=("Dr. Ada Ruiz",),
        not_patient=("brought this report",),
        not_team=("brought by",),
    ),
}


def report(state: State) -> Stored:
    """It, as it is kept."""
    made = stored(lab.kraken(lab.gut()), metadata=state.metadata)
    answered = {"state": "ready", "answer": state.made()}
    return replace(made, findings=answered, uploaded_by=state.by, from_family=state.by is not None)


def panel(state: State, *, for_clinician: bool) -> Panel:
    one = report(state)
    assert one.answer is not None
    compared = compare(one.answer, one.metadata, [], for_patient=not for_clinician)
    now = AT + timedelta(days=40)
    return panel_of(one, for_clinician=for_clinician, now=now, handed_in_by=state.name, compared=compared)


def words(made: Sheet) -> str:
    """Everything on it but where it comes from, a line a sentence."""
    lines = [text for one in made.sections if one.id != "origin" for text in (one.intro, *_of(one.lines))]
    return "\n".join([*lines, ""])


def _of(lines: Any) -> list[str]:
    return [text for line in lines for text in (line.title, line.value, line.text) if text]


@pytest.mark.parametrize("name", STATES)
def test_what_both_views_say_in_this_state_is_so(name: str) -> None:
    state = STATES[name]
    patient = words(sheet_of(panel(state, for_clinician=False), None, Level.FULL, "UTC"))
    team = words(paper_of(panel(state, for_clinician=True), "Lena Vogt", "UTC"))

    assert [] == [one for one in state.patient if one not in patient], patient
    assert [] == [one for one in state.team if one not in team], team
    assert [] == [one for one in state.not_patient if one in patient], patient
    assert [] == [one for one in state.not_team if one in team], team
