"""
What was seen together with a genus, for the care team's context list: never a reason for a step.

Each stands beside the reviews that found no agreement. Read 2026-11-23 in the abstracts; where an abstract names no
direction, none is given here.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from telegut.evidence.rules import About, Certainty, Evidence

_CHECKED: Final = date(2026, 11, 23)
_BESIDE: Final = ("OBS-REVIEW-44", "OBS-DIVERGENT")
_NOBODY_KNOWS: Final = "Nobody knows whether one causes the other."
_NONE: Final = "None: an association"


def _seen(id: str, taxa: tuple[str, ...], **said: str) -> Evidence:
    """An association with *taxa*; of the reviews with none."""
    return Evidence(
        id=id,
        about=About.ASSOCIATION,
        checked=date(2026, 11, 22) if id == "OBS-GBM" else _CHECKED,
        certainty=Certainty.ASSOCIATION,
        taxa=taxa,
        beside=_BESIDE if taxa else (),
        **{"intervention": _NONE, "comparator": "not applicable", **said},  # type: ignore[arg-type]
    )


ROWS: Final[tuple[Evidence, ...]] = (
    _seen(
        "OBS-GBM",
        ("Faecalibacterium", "Coprococcus", "Dialister"),
        intervention="None: an association in two cohorts",
        design="two cohorts, each measured once",
        population="1,054 people of a Flemish cohort and 1,070 of a second one",
        outcome="quality of life and depression",
        effect=(
            "Faecalibacterium and Coprococcus went with better quality of life; Coprococcus and Dialister were lower "
            "in depression after correction for antidepressants."
        ),
        may_say="Some bacteria are seen more often in people who feel well. Nobody knows whether one causes the other.",
        must_not_say="Your Coprococcus is low, so take something.",
        source="Valles-Colomer et al., Nature Microbiology 2019;4:623, doi 10.1038/s41564-018-0337-x",
    ),
    _seen(
        "OBS-ROTTERDAM",
        (
            *("Eggerthella", "Subdoligranulum", "Coprococcus", "Sellimonas", "Lachnoclostridium", "Hungatella"),
            *("Eubacterium", "Ruminococcus"),
        ),
        design="one cohort measured once, looked at again in a second one",
        population="1,054 people in Rotterdam and 1,539 in Amsterdam",
        outcome="symptoms of depression",
        effect=(
            "Thirteen taxa went with symptoms of depression, among them these genera (of Eubacterium and Ruminococcus: "
            "the groups ventriosum and gauvreauii). The abstract gives no directions."
        ),
        may_say=f"In two Dutch towns some bacteria went with symptoms of depression. {_NOBODY_KNOWS}",
        must_not_say="These bacteria make you depressed.",
        source="Radjabzadeh et al., Nature Communications 2022;13:7128, doi 10.1038/s41467-022-34502-3",
    ),
    _seen(
        "OBS-JIANG",
        ("Alistipes", "Faecalibacterium"),
        design="people with an illness against people without, measured once",
        population="46 people with major depression and 30 without",
        outcome="composition and diversity of the stool",
        effect=(
            "Alistipes higher and Faecalibacterium lower with depression; diversity (Shannon) was higher in active "
            "depression, against what is often told."
        ),
        may_say=f"In 46 people with depression two groups of bacteria differed from 30 people without. {_NOBODY_KNOWS}",
        must_not_say="A diverse gut protects from depression.",
        source="Jiang et al., Brain, Behavior, and Immunity 2015, doi 10.1016/j.bbi.2015.03.016",
    ),
    _seen(
        "OBS-OSLO",
        ("Alistipes", "Oscillibacter"),
        design="people with an illness against people without, measured once",
        population="37 patients with depression and 18 people without, in Norway",
        outcome="composition of the stool",
        effect=(
            "Small clades within Oscillibacter (p 0.03) and Alistipes (p 0.01) went with depression; close relatives "
            "pointed in opposite directions."
        ),
        may_say=f"In a small study close relatives among bacteria pointed in opposite directions. {_NOBODY_KNOWS}",
        must_not_say="Alistipes is a sign of depression.",
        source="Naseribafrouei et al., Neurogastroenterology and Motility 2014;26:1155, doi 10.1111/nmo.12378",
    ),
    _seen(
        "OBS-KNUESEL",
        ("Faecalibacterium", "Roseburia", "Bacteroides", "Bifidobacterium"),
        design="systematic review of studies that measured once",
        population="human studies of major depression and bipolar disorder until 2021",
        outcome="which groups were higher or lower",
        effect=(
            "Reported higher in depression: Bacteroides, and the family of Bifidobacterium, which is sold as helpful. "
            "Reported lower: Faecalibacterium and Roseburia."
        ),
        may_say=f"A review saw some bacteria more often, and some less, in people with depression. {_NOBODY_KNOWS}",
        must_not_say="Your Roseburia is low, so eat more of something.",
        source="Knuesel and Mohajeri, Nutrients 2022;14:37, doi 10.3390/nu14010037",
    ),
    _seen(
        "OBS-REVIEW-44",
        (),
        intervention="None: a review of associations",
        design="systematic review of studies that measured once",
        population="44 studies, 2,510 people with depression, bipolar disorder or schizophrenia and 2,407 without",
        outcome="number and spread of kinds of bacteria",
        effect="No strong evidence for a difference in the number or distribution of bacteria; methods varied widely.",
        may_say="A review of 44 studies found no strong sign that people with such illnesses have fewer kinds.",
        must_not_say="Nothing: leaving this row out is what must not happen.",
        source="McGuinness et al., Molecular Psychiatry 2022;27:1920, doi 10.1038/s41380-022-01456-3",
    ),
    _seen(
        "OBS-DIVERGENT",
        (),
        intervention="None: a review of associations",
        design="systematic review of people with an illness against people without",
        population="six studies of major depression",
        outcome="which groups differed",
        effect="50 taxa differed in one study or another; for every phylum the studies pointed different ways.",
        may_say="A review of six studies found that they disagree about which bacteria differ in depression.",
        must_not_say="Nothing: leaving this row out is what must not happen.",
        source="Cheung et al., Frontiers in Psychiatry 2019;10:34, doi 10.3389/fpsyt.2019.00034",
    ),
)
