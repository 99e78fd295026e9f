"""Probiotics: trials, pooled trials and guidelines. None of them chose a product by a stool profile."""

from __future__ import annotations

from datetime import date
from typing import Final

from telegut.evidence.rules import Certainty, Evidence, Kind

_CHECKED: Final = date(2026, 11, 22)
_GATES: Final = ("immunosuppression", "invasive_infection_risk", "pregnancy_or_child")

ROWS: Final[tuple[Evidence, ...]] = (
    Evidence(
        id="PROB-GF",
        checked=_CHECKED,
        intervention="A probiotic of eight strains, 8 weeks",
        design="randomised, placebo-controlled trial in four groups",
        population="The same study as PREB-DIET",
        comparator="placebo",
        outcome="mood disturbance at 8 weeks",
        effect="Mood d -0.19 (95 % interval -0.75 to 0.38); with the diet d -0.03: the combination did not help.",
        certainty=Certainty.LOW,
        may_say="Tested in people under stress: one small study found no clear effect of the probiotic.",
        must_not_say="Take both for a stronger effect.",
        source="Freijy et al. (Gut Feelings), Frontiers in Neuroscience 2023, doi 10.3389/fnins.2022.1097278",
        kinds=(Kind.PROBIOTIC,),
        gates=_GATES,
    ),
    Evidence(
        id="PROB-MDD-RCT",
        checked=_CHECKED,
        intervention="A probiotic of several strains for 8 weeks, added to an antidepressant",
        design="randomised, placebo-controlled pilot trial",
        population="49 adults whose depression had not fully improved with medicine (a pilot study)",
        comparator="placebo",
        outcome="acceptance; depression and anxiety",
        effect="Accepted and tolerated; promising estimates for depression and anxiety, too small to be sure.",
        certainty=Certainty.LOW,
        may_say="Tested as an addition to medicine: one pilot study was promising, and too small to be sure.",
        must_not_say="Effective.",
        source="Nikolova et al., JAMA Psychiatry 2023;80:842, doi 10.1001/jamapsychiatry.2023.1817",
        kinds=(Kind.PROBIOTIC,),
        gates=_GATES,
        beside=("PROB-META-18",),
    ),
    Evidence(
        id="PROB-MDD-META",
        checked=_CHECKED,
        intervention="Probiotics in clinical depression",
        design="pooled randomised trials",
        population="7 trials, 404 people with depression",
        comparator="placebo",
        outcome="depression",
        effect="An effect when added to antidepressants; none was seen when taken instead of them.",
        certainty=Certainty.LOW,
        may_say="A few small studies saw an effect together with medicine for depression, and none without it.",
        must_not_say="Instead of medication.",
        source="Nikolova et al., Journal of Clinical Medicine 2021;10:647",
        kinds=(Kind.PROBIOTIC,),
        gates=_GATES,
        beside=("PROB-META-18",),
    ),
    Evidence(
        id="MICRO-META",
        checked=_CHECKED,
        intervention="Probiotics, prebiotics and both, pooled",
        design="pooled randomised trials",
        population="50 trials in mixed populations",
        comparator="placebo, mostly",
        outcome="mood",
        effect="A benefit on pooling; the authors: not yet strong enough to recommend.",
        certainty=Certainty.LOW,
        may_say="Pooled studies show a benefit, and their authors say it is not yet strong enough to recommend.",
        must_not_say="The first half of this sentence without the second.",
        source="Hofmeister et al., CMAJ Open 2021;9:E1195",
        kinds=(Kind.PROBIOTIC, Kind.FIBRE),
        beside=("PROB-META-18",),
    ),
    Evidence(
        id="PROB-META-18",
        checked=_CHECKED,
        intervention="Probiotics and mood",
        design="pooled randomised trials",
        population="10 trials, 1,349 people",
        comparator="placebo",
        outcome="mood",
        effect="SMD -0.128 (95 % interval -0.261 to 0.005): not significant overall.",
        certainty=Certainty.LOW,
        may_say="Ten studies together found no clear effect of probiotics on mood.",
        must_not_say="Probiotics improve mood.",
        source="Ng et al., Journal of Affective Disorders 2018;228:13",
        kinds=(Kind.PROBIOTIC,),
        gates=_GATES,
    ),
    Evidence(
        id="GUIDE-AGA",
        checked=_CHECKED,
        intervention="Probiotics in digestive disease, a guideline",
        design="guideline of a medical society",
        population="People with digestive diseases",
        comparator="not applicable",
        outcome="by disease",
        effect=(
            "For: preventing C. difficile with antibiotics, pouchitis, necrotising enterocolitis of preterm babies. "
            "Irritable bowel: only within trials."
        ),
        certainty=Certainty.GUIDELINE,
        may_say="A guideline of gut specialists advises probiotics for a few illnesses, and not for irritable bowel.",
        must_not_say="For IBS.",
        source="Su et al., Gastroenterology 2020;159:697",
        kinds=(Kind.PROBIOTIC,),
        gates=_GATES,
    ),
)
