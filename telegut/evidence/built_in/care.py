"""Food, stress and movement: what was tried in people. Probiotics are in `probiotics`."""

from __future__ import annotations

from datetime import date
from typing import Final

from telegut.evidence.rules import Certainty, Evidence, Kind

_CHECKED: Final = date(2026, 11, 22)

ROWS: Final[tuple[Evidence, ...]] = (
    Evidence(
        id="DIET-SMILES",
        checked=_CHECKED,
        intervention="Seven sessions with a dietitian, modified Mediterranean diet, 12 weeks, added to usual care",
        design="randomised trial; people knew their group",
        population="67 adults with moderate to severe depression and a poor diet",
        comparator="social support sessions",
        outcome="depression score (MADRS) and remission at 12 weeks",
        effect=(
            "Depression score (MADRS) d -1.16; remission 32.3 % against 8.0 %, number needed to treat 4.1 "
            "(95 % interval 2.3 to 27.8). People knew their group; small; the effect is unusually large."
        ),
        certainty=Certainty.LOW,
        may_say="Tested in people with depression: one small study found that mood improved. How much is not sure.",
        must_not_say="Diet cures depression.",
        source="Jacka et al., BMC Medicine 2017;15:23, doi 10.1186/s12916-017-0791-y; correction 2018",
        kinds=(Kind.DIET,),
        gates=("eating_disorder",),
        beside=("DIET-NULL",),
    ),
    Evidence(
        id="DIET-HELFIMED",
        checked=_CHECKED,
        intervention="Cooking workshops and food hampers for 3 months, plus fish oil",
        design="randomised trial; people knew their group",
        population="152 adults who said they had depression (95 measured at 3 months, 85 at 6)",
        comparator="social groups",
        outcome="depression score at 3 months",
        effect="Depression lower (t -2.24, p 0.03); 37 % had left by 3 months; diet and fish oil not separable.",
        certainty=Certainty.LOW,
        may_say="Tested in people with depression: one study found a small improvement, but many people left it early.",
        must_not_say="Proved by a trial, without saying how many people left.",
        source="Parletta et al., Nutritional Neuroscience 2019;22:474, doi 10.1080/1028415X.2017.1411320",
        kinds=(Kind.DIET,),
        gates=("eating_disorder",),
        beside=("DIET-NULL",),
    ),
    Evidence(
        id="DIET-NULL",
        checked=_CHECKED,
        intervention="Supplements, food-related behavioural activation, or both, for 1 year",
        design="randomised trial in four groups, two comparisons",
        population="1,025 adults with overweight and some symptoms of depression, not ill with it",
        comparator="placebo, and no behavioural activation",
        outcome="new depression within 1 year",
        effect="New depression 10.5 % against 9.9 %, and 9.4 % against 11.1 %, in its two comparisons: no effect.",
        certainty=Certainty.MODERATE,
        may_say="A large study of preventing depression with supplements and food habits found no effect.",
        must_not_say="Nothing: leaving this row out is what must not happen.",
        source="Bot et al. (MooDFOOD), JAMA 2019;321:858, doi 10.1001/jama.2019.0556",
        kinds=(Kind.DIET,),
        gates=("eating_disorder",),
    ),
    Evidence(
        id="PREB-DIET",
        checked=_CHECKED,
        intervention="A diet rich in prebiotic foods, 8 weeks",
        design="randomised trial in four groups; people knew that they had the diet",
        population="Adults with moderate distress who ate little prebiotic food; 119 in four groups",
        comparator="usual diet",
        outcome="mood disturbance at 8 weeks; anxiety, stress and sleep",
        effect=(
            "Mood disturbance d -0.60 (95 % interval -1.18 to -0.03); anxiety, stress and sleep better. "
            "People knew that they had the diet; the benefit may fade after stopping."
        ),
        certainty=Certainty.LOW,
        may_say="Tested in people under stress: one small study found that mood improved while they ate this way.",
        must_not_say="Works for depression. People with an illness, IBS or FODMAP sensitivity were not included.",
        source="Freijy et al. (Gut Feelings), Frontiers in Neuroscience 2023, doi 10.3389/fnins.2022.1097278",
        kinds=(Kind.FIBRE, Kind.DIET),
        gates=("gut_sensitivity",),
        beside=("PSYB-DIET",),
    ),
    Evidence(
        id="PSYB-DIET",
        checked=_CHECKED,
        intervention="Prebiotic and fermented foods, 4 weeks",
        design="randomised trial",
        population="45 healthy adults with a poor diet",
        comparator="general diet advice",
        outcome="perceived stress at 4 weeks",
        effect="Perceived stress fell by 32 % and by 17 %, with no difference between the groups.",
        certainty=Certainty.VERY_LOW,
        may_say="Tested in healthy people: stress fell, but it also fell in the group without this diet.",
        must_not_say="Cuts stress by 32 %.",
        source="Berding et al., Molecular Psychiatry 2022 (2023), PMID 36289300",
        kinds=(Kind.FERMENTED_FOOD, Kind.FIBRE, Kind.DIET),
        gates=("immunosuppression", "maoi", "ferment_sensitivity", "gut_sensitivity", "pregnancy_or_child"),
    ),
    Evidence(
        id="FERM-FIB",
        checked=_CHECKED,
        intervention="Fermented food, or high fibre, 17 weeks (10 at the full amount)",
        design="randomised trial of two diets",
        population="36 healthy adults",
        comparator="each other",
        outcome="a cytokine score; diversity and inflammatory proteins besides",
        effect=(
            "Fermented food: diversity up, 19 inflammatory proteins down. Fibre: diversity stable, the response "
            "depended on where people started. The main outcome (a cytokine score) did not change; no mood measured."
        ),
        certainty=Certainty.LOW,
        may_say="Tested in healthy people: it changed the gut and some blood markers. Mood was not measured.",
        must_not_say="Improves mood.",
        source="Wastyk et al., Cell 2021;184:4137, doi 10.1016/j.cell.2021.06.019",
        kinds=(Kind.FERMENTED_FOOD, Kind.FIBRE),
        gates=("gut_sensitivity",),
    ),
    Evidence(
        id="FERM-FIB",
        version=2,
        checked=_CHECKED,
        intervention="Fermented food, or high fibre, 17 weeks (10 at the full amount)",
        design="randomised trial of two diets",
        population="36 healthy adults",
        comparator="each other",
        outcome="a cytokine score; diversity and inflammatory proteins besides",
        effect=(
            "Fermented food: diversity up, 19 inflammatory proteins down. Fibre: diversity stable, the response "
            "depended on where people started. The main outcome (a cytokine score) did not change; no mood measured."
        ),
        certainty=Certainty.LOW,
        may_say="Tested in healthy people: some blood markers changed, the main result did not. Mood was not measured.",
        must_not_say="Improves mood.",
        source="Wastyk et al., Cell 2021;184:4137, doi 10.1016/j.cell.2021.06.019",
        kinds=(Kind.FERMENTED_FOOD, Kind.FIBRE),
        gates=("gut_sensitivity",),
    ),
    Evidence(
        id="STRESS-MIND",
        checked=_CHECKED,
        intervention="Cognitive and mindfulness-based therapy, and exercise",
        design="treatment guidelines",
        population="People with depression, anxiety or stress",
        comparator="see the guidelines",
        outcome="symptoms; by condition in the guidelines",
        effect="Among the first or second choices in treatment guidelines for depression (CANMAT 2016, 2023).",
        certainty=Certainty.MODERATE_TO_HIGH,
        may_say="Treatment guidelines recommend this. It has the best evidence of everything in this plan.",
        must_not_say="Work on the gut is an alternative to it.",
        source="CANMAT guidelines 2016 and 2023; strength by condition is in the guidelines themselves",
        kinds=(Kind.STRESS, Kind.MOVEMENT, Kind.PSYCHOTHERAPY),
    ),
    Evidence(
        id="STRESS-MIND",
        version=2,
        checked=_CHECKED,
        intervention="Cognitive and mindfulness-based therapy, and exercise",
        design="treatment guidelines",
        population="People with depression, anxiety or stress",
        comparator="see the guidelines",
        outcome="symptoms; by condition in the guidelines",
        effect="Among the first or second choices in treatment guidelines for depression (CANMAT 2016, 2023).",
        certainty=Certainty.MODERATE_TO_HIGH,
        may_say="Treatment guidelines name talking therapy, mindfulness and exercise. They say nothing of other steps.",
        must_not_say="Work on the gut is an alternative to it.",
        source="CANMAT guidelines 2016 and 2023; strength by condition is in the guidelines themselves",
        kinds=(Kind.STRESS, Kind.MOVEMENT, Kind.PSYCHOTHERAPY),
    ),
)
