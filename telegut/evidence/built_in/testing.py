"""
What is known about tests of stool themselves: the sentences of reports and of the pages that teach.

Figures that were computed here come from the public cohorts named in `telegut.evidence.four_groups`; the rest was read
in the sources on the date in ``checked``.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from telegut.evidence.four_groups import SOURCES
from telegut.evidence.rules import About, Certainty, Evidence

_CHECKED: Final = date(2026, 11, 23)
_COMPUTED: Final = f"computed for telegut from public tables: {SOURCES}"


def _about_tests(id: str, certainty: Certainty, points: tuple[str, ...] = (), **said: str) -> Evidence:
    return Evidence(
        id=id,
        about=About.TESTING,
        checked=_CHECKED,
        certainty=certainty,
        points=points,
        **{"intervention": "None: about the test itself", "comparator": "not applicable", **said},  # type: ignore[arg-type]
    )


ROWS: Final[tuple[Evidence, ...]] = (
    _about_tests(
        "TEST-CONSENSUS",
        Certainty.CONSENSUS,
        (
            "The same experts advise against ordering a test for oneself.",
            "They also advise against treatment advice from the company that sells the test.",
        ),
        design="consensus of experts (Delphi, 80 % agreement needed)",
        population="69 experts from 18 countries, 35 statements",
        outcome="what a microbiome test may be used for",
        effect="Evidence for clinical use is scarce; advice by the provider of a test is strongly discouraged.",
        may_say="Tests like this have little proven use in care so far. So 69 experts from 18 countries agreed.",
        must_not_say="Recommended by experts.",
        source=(
            "Porcari et al., Lancet Gastroenterology and Hepatology 2025;10:154, doi 10.1016/S2468-1253(24)00311-X "
            "(read in its abstract and in summaries)"
        ),
    ),
    _about_tests(
        "TEST-SEVEN-LABS",
        Certainty.MEASURED,
        (
            "One report named 34 kinds. Another named more than 900.",
            "All reports together named 1,208 kinds. Only three kinds were in every report.",
            "Two labs were as far apart as two people are.",
            "The authors put it down to different methods, and to too little checking.",
            "One company got the same stool three times. Twice it wrote “healthy”, once “unhealthy”.",
        ),
        design="the same mixed stool, sent many times",
        population="one stool, 21 kits, 7 companies (not named)",
        outcome="which groups were reported, how much of each, and what was written about health",
        effect="3 of 1,208 taxa in every report; 34 to over 900 taxa; over 18 genera no company met the consensus.",
        may_say="One stool was mixed well and sent to seven companies in 21 kits. The answers did not match.",
        must_not_say="All laboratories are useless.",
        source="Servetas et al., Communications Biology, 26 February 2026, doi 10.1038/s42003-025-09301-3",
    ),
    _about_tests(
        "TEST-FOUR-GROUPS",
        Certainty.MEASURED,
        ("The people were well in all four groups. What differs most is how their stool was measured.",),
        design="the same genera in four groups of healthy people, each measured in another way",
        population="193, 129, 172 and 249 healthy adults",
        outcome="percent of the sample and share of people with it, by genus",
        effect="Median of Blautia from 0.4 to 10.7 %, of Alistipes from 0 to 10.9 %; see the table.",
        may_say="The same kind of bacteria can look rare in one healthy group and common in the next.",
        must_not_say="One of these groups is right.",
        source=_COMPUTED,
    ),
    _about_tests(
        "TEST-OTHER-LIMITS",
        Certainty.MEASURED,
        ("In the worst pair, about 85 of 100 healthy people would have been called “high” for one genus.",),
        design="limits of each healthy group laid on each other group, over twelve genera",
        population="193, 129, 172 and 249 healthy adults",
        outcome="share of healthy people outside another group’s 95 % interval",
        effect="Own group 0.03 to 0.05; other groups 0.10 (best pair) to 0.38; worst single genus about 0.85.",
        may_say="With another lab’s limits, 10 to 38 of 100 values of healthy people look unusual. Only 5 should.",
        must_not_say="Abnormal.",
        source=_COMPUTED,
    ),
    _about_tests(
        "TEST-WITHIN",
        Certainty.MEASURED,
        (
            "One genus, Bifidobacterium, grew or shrank more than 53 times over in 5 of 100 people.",
            "The same stool, measured twice, differs far less than that.",
        ),
        design="two samples of the same people, months apart, by one method (shotgun)",
        population="156 healthy people without treatment",
        outcome="how many times more or less of a genus there was",
        effect=(
            "95th percentile of fold change: Bacteroides 3.4, Faecalibacterium 14, Roseburia 23, Bifidobacterium 53, "
            "Akkermansia 81; the same stool sequenced twice: 1.3 to 3.1. Bray-Curtis of species: same person 0.35, "
            "different people 0.75, same stool twice 0.08."
        ),
        may_say="Healthy people change a lot within months, with no treatment at all.",
        must_not_say="Your Bifidobacterium tripled, so it works.",
        source=f"{_COMPUTED}; Lloyd-Price et al., Nature 2017, for the two visits",
    ),
    _about_tests(
        "TEST-TRANSIT",
        Certainty.MEASURED,
        design="healthy women measured once",
        population="53 healthy women",
        outcome="number of kinds against the form of the stool",
        effect="Richness was lower where stool was looser; the form of the stool went with every common measure.",
        may_say="In 53 healthy women, firmer stool went with more kinds of bacteria. So more is not always better.",
        must_not_say="More kinds mean better health.",
        source="Vandeputte et al., Gut 2016;65:57, doi 10.1136/gutjnl-2015-309618",
    ),
    _about_tests(
        "TEST-RANGES-2017",
        Certainty.MEASURED,
        design="expression of concern by a journal, 2022",
        population="a “healthy range” for 28 groups, published by a company in 2017",
        outcome="who was in the healthy set",
        effect="Possibly samples of infants, of people on antibiotics and of pets among the healthy ones.",
        may_say="A “healthy range” of 2017 may rest in part on babies, pets and people on antibiotics.",
        must_not_say="This is the normal range.",
        source="PLoS ONE 2017, doi 10.1371/journal.pone.0176555, with its expression of concern of 2022",
    ),
)
