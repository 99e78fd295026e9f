"""
The intervention library: what studies found, how sure that is, and which words it allows.

Data with versions, not opinions: a change of a row raises its version, and every step keeps the version it was
agreed on. Rows speak about interventions in people, never about a taxon. Certainty uses the words of GRADE and is a
proposal: no row here was confirmed by a specialist yet, and each one says so.

Sources were read on the date in ``checked``; what rested on memory alone was left out (see docs/careplan.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from telegut.careplan.rules import Kind
from telegut.errors import FieldError, Invalid

_CHECKED: Final = date(2026, 11, 22)
UNREVIEWED: Final = "not yet confirmed by a specialist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    One row of the library.

    population and comparator: in whom, against what. effect: with its interval where one was published.
    may_say: the sentence a patient reads. beside: rows that must be shown with this one (null and opposite findings).
    kinds: steps that may cite it; none for an association, which supports no step.
    """

    id: str
    version: int = 1
    checked: date = _CHECKED
    reviewer: str = UNREVIEWED
    intervention: str
    population: str
    comparator: str
    effect: str
    certainty: str
    may_say: str
    must_not_say: str
    source: str
    kinds: tuple[Kind, ...]
    restricts: bool = False
    beside: tuple[str, ...] = ()


LIBRARY: Final[tuple[Evidence, ...]] = (
    Evidence(
        id="DIET-SMILES",
        intervention="Seven sessions with a dietitian, modified Mediterranean diet, 12 weeks, added to usual care",
        population="67 adults with moderate to severe depression and a poor diet",
        comparator="social support sessions",
        effect=(
            "Depression score (MADRS) d -1.16; remission 32.3 % against 8.0 %, number needed to treat 4.1 "
            "(95 % interval 2.3 to 27.8). People knew their group; small; the effect is unusually large."
        ),
        certainty="low",
        may_say="Tested in people with depression: one small study found that mood improved. How much is not sure.",
        must_not_say="Diet cures depression.",
        source="Jacka et al., BMC Medicine 2017;15:23, doi 10.1186/s12916-017-0791-y; correction 2018",
        kinds=(Kind.DIET,),
        beside=("DIET-NULL",),
    ),
    Evidence(
        id="DIET-HELFIMED",
        intervention="Cooking workshops and food hampers for 3 months, plus fish oil",
        population="152 adults who said they had depression (95 measured at 3 months, 85 at 6)",
        comparator="social groups",
        effect="Depression lower (t -2.24, p 0.03); 37 % had left by 3 months; diet and fish oil not separable.",
        certainty="low",
        may_say="Tested in people with depression: one study found a small improvement, but many people left it early.",
        must_not_say="Proved by a trial, without saying how many people left.",
        source="Parletta et al., Nutritional Neuroscience 2019;22:474, doi 10.1080/1028415X.2017.1411320",
        kinds=(Kind.DIET,),
        beside=("DIET-NULL",),
    ),
    Evidence(
        id="DIET-NULL",
        intervention="Supplements, food-related behavioural activation, or both, for 1 year",
        population="1,025 adults with overweight and some symptoms of depression, not ill with it",
        comparator="placebo, and no behavioural activation",
        effect="New depression 10.5 % against 9.9 %, and 9.4 % against 11.1 %, in its two comparisons: no effect.",
        certainty="moderate",
        may_say="A large study of preventing depression with supplements and food habits found no effect.",
        must_not_say="Nothing: leaving this row out is what must not happen.",
        source="Bot et al. (MooDFOOD), JAMA 2019;321:858, doi 10.1001/jama.2019.0556",
        kinds=(Kind.DIET,),
    ),
    Evidence(
        id="PREB-DIET",
        intervention="A diet rich in prebiotic foods, 8 weeks",
        population="Adults with moderate distress who ate little prebiotic food; 119 in four groups",
        comparator="usual diet",
        effect=(
            "Mood disturbance d -0.60 (95 % interval -1.18 to -0.03); anxiety, stress and sleep better. "
            "People knew that they had the diet; the benefit may fade after stopping."
        ),
        certainty="low",
        may_say="Tested in people under stress: one small study found that mood improved while they ate this way.",
        must_not_say="Works for depression. People with an illness, IBS or FODMAP sensitivity were not included.",
        source="Freijy et al. (Gut Feelings), Frontiers in Neuroscience 2023, doi 10.3389/fnins.2022.1097278",
        kinds=(Kind.FIBRE, Kind.DIET),
    ),
    Evidence(
        id="PROB-GF",
        intervention="A probiotic of eight strains, 8 weeks",
        population="The same study as PREB-DIET",
        comparator="placebo",
        effect="Mood d -0.19 (95 % interval -0.75 to 0.38); with the diet d -0.03: the combination did not help.",
        certainty="low",
        may_say="Tested in people under stress: one small study found no clear effect of the probiotic.",
        must_not_say="Take both for a stronger effect.",
        source="Freijy et al. (Gut Feelings), Frontiers in Neuroscience 2023, doi 10.3389/fnins.2022.1097278",
        kinds=(Kind.PROBIOTIC,),
    ),
    Evidence(
        id="PSYB-DIET",
        intervention="Prebiotic and fermented foods, 4 weeks",
        population="45 healthy adults with a poor diet",
        comparator="general diet advice",
        effect="Perceived stress fell by 32 % and by 17 %, with no difference between the groups.",
        certainty="very low",
        may_say="Tested in healthy people: stress fell, but it also fell in the group without this diet.",
        must_not_say="Cuts stress by 32 %.",
        source="Berding et al., Molecular Psychiatry 2022 (2023), PMID 36289300",
        kinds=(Kind.FERMENTED_FOOD, Kind.FIBRE, Kind.DIET),
    ),
    Evidence(
        id="PROB-MDD-RCT",
        intervention="A probiotic of several strains for 8 weeks, added to an antidepressant",
        population="49 adults whose depression had not fully improved with medicine (a pilot study)",
        comparator="placebo",
        effect="Accepted and tolerated; promising estimates for depression and anxiety, too small to be sure.",
        certainty="low",
        may_say="Tested as an addition to medicine: one pilot study was promising, and too small to be sure.",
        must_not_say="Effective.",
        source="Nikolova et al., JAMA Psychiatry 2023;80:842, doi 10.1001/jamapsychiatry.2023.1817",
        kinds=(Kind.PROBIOTIC,),
        beside=("PROB-META-18",),
    ),
    Evidence(
        id="PROB-MDD-META",
        intervention="Probiotics in clinical depression",
        population="7 trials, 404 people with depression",
        comparator="placebo",
        effect="An effect when added to antidepressants; none was seen when taken instead of them.",
        certainty="low",
        may_say="A few small studies saw an effect together with medicine for depression, and none without it.",
        must_not_say="Instead of medication.",
        source="Nikolova et al., Journal of Clinical Medicine 2021;10:647",
        kinds=(Kind.PROBIOTIC,),
        beside=("PROB-META-18",),
    ),
    Evidence(
        id="MICRO-META",
        intervention="Probiotics, prebiotics and both, pooled",
        population="50 trials in mixed populations",
        comparator="placebo, mostly",
        effect="A benefit on pooling; the authors: not yet strong enough to recommend.",
        certainty="low",
        may_say="Pooled studies show a benefit, and their authors say it is not yet strong enough to recommend.",
        must_not_say="The first half of this sentence without the second.",
        source="Hofmeister et al., CMAJ Open 2021;9:E1195",
        kinds=(Kind.PROBIOTIC, Kind.FIBRE),
    ),
    Evidence(
        id="PROB-META-18",
        intervention="Probiotics and mood",
        population="10 trials, 1,349 people",
        comparator="placebo",
        effect="SMD -0.128 (95 % interval -0.261 to 0.005): not significant overall.",
        certainty="low",
        may_say="Ten studies together found no clear effect of probiotics on mood.",
        must_not_say="Probiotics improve mood.",
        source="Ng et al., Journal of Affective Disorders 2018;228:13",
        kinds=(Kind.PROBIOTIC,),
    ),
    Evidence(
        id="GUIDE-AGA",
        intervention="Probiotics in digestive disease, a guideline",
        population="People with digestive diseases",
        comparator="not applicable",
        effect=(
            "For: preventing C. difficile with antibiotics, pouchitis, necrotising enterocolitis of preterm babies. "
            "Irritable bowel: only within trials."
        ),
        certainty="guideline",
        may_say="A guideline of gut specialists advises probiotics for a few illnesses, and not for irritable bowel.",
        must_not_say="For IBS.",
        source="Su et al., Gastroenterology 2020;159:697",
        kinds=(Kind.PROBIOTIC,),
    ),
    Evidence(
        id="FERM-FIB",
        intervention="Fermented food, or high fibre, 17 weeks (10 at the full amount)",
        population="36 healthy adults",
        comparator="each other",
        effect=(
            "Fermented food: diversity up, 19 inflammatory proteins down. Fibre: diversity stable, the response "
            "depended on where people started. The main outcome (a cytokine score) did not change; no mood measured."
        ),
        certainty="low",
        may_say="Tested in healthy people: it changed the gut and some blood markers. Mood was not measured.",
        must_not_say="Improves mood.",
        source="Wastyk et al., Cell 2021;184:4137, doi 10.1016/j.cell.2021.06.019",
        kinds=(Kind.FERMENTED_FOOD, Kind.FIBRE),
    ),
    Evidence(
        id="STRESS-MIND",
        intervention="Cognitive and mindfulness-based therapy, and exercise",
        population="People with depression, anxiety or stress",
        comparator="see the guidelines",
        effect="Among the first or second choices in treatment guidelines for depression (CANMAT 2016, 2023).",
        certainty="moderate to high",
        may_say="Treatment guidelines recommend this. It has the best evidence of everything in this plan.",
        must_not_say="Work on the gut is an alternative to it.",
        source="CANMAT guidelines 2016 and 2023; strength by condition is in the guidelines themselves",
        kinds=(Kind.STRESS, Kind.MOVEMENT, Kind.PSYCHOTHERAPY),
    ),
    Evidence(
        id="OBS-GBM",
        intervention="None: an association in two cohorts",
        population="1,054 people of a Flemish cohort and 1,070 of a second one",
        comparator="not applicable",
        effect=(
            "Faecalibacterium and Coprococcus went with better quality of life; Coprococcus and Dialister were lower "
            "in depression after correction for antidepressants."
        ),
        certainty="association, not cause",
        may_say="Some bacteria are seen more often in people who feel well. Nobody knows whether one causes the other.",
        must_not_say="Your Coprococcus is low, so take something.",
        source="Valles-Colomer et al., Nature Microbiology 2019;4:623, doi 10.1038/s41564-018-0337-x",
        kinds=(),
    ),
)

BY_ID: Final = {row.id: row for row in LIBRARY}


def cited(id: str | None, kind: Kind) -> Evidence | None:
    """
    The row a step of *kind* cites; None when it cites none.

    Raises:
        Invalid: there is no such row, or it says nothing about steps of this kind.
    """
    if id is None:
        return None
    row = BY_ID.get(id)
    if row is None:
        raise Invalid(errors=[FieldError("evidence", "There is no such row in the evidence library.")])
    if kind not in row.kinds:
        raise Invalid(errors=[FieldError("evidence", f"{row.id} says nothing about steps of this kind.")])
    return row
