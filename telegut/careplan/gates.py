"""
Safety gates: questions that must be answered before a step may go on.

An unanswered gate blocks; it does not pass. ``no`` opens every gate. What ``yes`` does depends on the gate:

* ``block``: the step stops here; a doctor has to be asked outside this plan;
* ``check``: it stays shut until somebody of the care team writes down that it was checked (``cleared``);
* ``caution``: it opens, and the caution is shown with the step.

The list is the one of the project's domain guide, section 2.2 (read 2026-11-22); each basis says where it rests.
Two of its rows guard the reading of a sample or a trend, not a step, and are therefore not here: antibiotics in the
last 12 weeks and a change of psychotropic medicine in the last 8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from telegut.careplan.rules import Kind, StepContent
from telegut.errors import FieldError, Invalid
from telegut.evidence.rules import Evidence


class Answer(StrEnum):
    """What was answered."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Effect(StrEnum):
    """What ``yes`` does."""

    BLOCK = "block"
    CHECK = "check"
    CAUTION = "caution"


class GateState(StrEnum):
    """Whether a gate lets a step through."""

    OPEN = "open"
    CAUTION = "caution"
    CLOSED = "closed"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """
    One safety question.

    question: asked with the patient; ``yes`` means the risk is there. caution: what to do when it is.
    kinds: steps that need it; None means every step. restrictive: also any step that takes food away.
    """

    id: str
    question: str
    caution: str
    effect: Effect
    basis: str
    kinds: tuple[Kind, ...] | None
    restrictive: bool = False


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """An answer; *cleared* says that a clinician checked a ``yes`` and found that the step is all right."""

    answer: Answer
    cleared: bool = False
    note: str = ""


class GateBlocks(Invalid):
    """A safety question has to be answered before this step can go on."""


GATES: Final[tuple[Gate, ...]] = (
    Gate(
        id="alarm_features",
        question=(
            "Blood in the stool, weight loss without trying, fever, symptoms at night, anaemia, new gut symptoms after "
            "the age of 50, or bowel cancer or inflammatory bowel disease in the family?"
        ),
        caution="Please see a doctor before anything in this plan goes on.",
        effect=Effect.BLOCK,
        basis="Rome and NICE practice (general knowledge, to be confirmed by a specialist)",
        kinds=None,
    ),
    Gate(
        id="immunosuppression",
        question=(
            "A severely weakened immune system: too few white blood cells, a transplant, chemotherapy, advanced HIV, "
            "or high-dose steroids?"
        ),
        caution="No probiotics and no raw or unpasteurised fermented food. Ask the doctor.",
        effect=Effect.BLOCK,
        basis="hospital policy (Sharp HealthCare list); FSAI report 2024: infections in people at risk",
        kinds=(Kind.PROBIOTIC, Kind.FERMENTED_FOOD),
    ),
    Gate(
        id="invasive_infection_risk",
        question=(
            "A central venous catheter, a damaged gut wall, a short bowel, severe pancreatitis, a critical illness, or "
            "heart-valve disease?"
        ),
        caution="No probiotics, least of all Saccharomyces boulardii.",
        effect=Effect.BLOCK,
        basis="hospital policy (Sharp HealthCare list); FSAI report 2024; pharmacist training module",
        kinds=(Kind.PROBIOTIC,),
    ),
    Gate(
        id="maoi",
        question=(
            "An MAO inhibitor in the last 2 weeks: phenelzine, tranylcypromine, isocarboxazid, selegiline, linezolid "
            "or methylene blue?"
        ),
        caution=(
            "No sauerkraut, kimchi, miso, soy sauce, aged cheese, cured meat, tap beer or kombucha: blood pressure can "
            "rise dangerously."
        ),
        effect=Effect.BLOCK,
        basis="tyramine lists of several hospitals; amounts vary between them",
        kinds=(Kind.FERMENTED_FOOD,),
    ),
    Gate(
        id="ferment_sensitivity",
        question="Suspected histamine intolerance, or migraine brought on by fermented food?",
        caution="Start with very little, or leave it out, and watch what happens.",
        effect=Effect.CAUTION,
        basis="contested diagnosis (general knowledge, to be confirmed by a specialist)",
        kinds=(Kind.FERMENTED_FOOD,),
    ),
    Gate(
        id="gut_sensitivity",
        question="Irritable bowel, sensitivity to FODMAPs, or bacterial overgrowth of the small bowel?",
        caution="Start low: one change at a time, 2 to 5 g more a week.",
        effect=Effect.CAUTION,
        basis="trials of prebiotics left these people out; the amounts are general knowledge",
        kinds=(Kind.FIBRE,),
    ),
    Gate(
        id="eating_disorder",
        question=(
            "An eating disorder now or earlier, two or more yes answers in the SCOFF questions, a body mass index "
            "under 18.5, or fast weight loss?"
        ),
        caution="No restriction of food, no calories and no weights on any page. Refer.",
        effect=Effect.BLOCK,
        basis="general knowledge, to be confirmed by a specialist",
        kinds=(Kind.DIET,),
        restrictive=True,
    ),
    Gate(
        id="pregnancy_or_child",
        question="Pregnant, breast-feeding, or younger than 18?",
        caution="A clinician has to sign off supplements, raw milk, raw fermented food and kombucha.",
        effect=Effect.CHECK,
        basis="left out of the trials; food safety (general knowledge)",
        kinds=(Kind.PROBIOTIC, Kind.FERMENTED_FOOD),
    ),
    Gate(
        id="medicine_interaction",
        question="Medicine for diabetes, warfarin, lithium, or thyroid tablets?",
        caution="A pharmacist or doctor has to check this change of diet first.",
        effect=Effect.CHECK,
        basis="vitamin K, salt and fluid, timing of fibre (general knowledge, to be confirmed by a specialist)",
        kinds=(Kind.DIET, Kind.FIBRE),
    ),
)

BY_ID: Final = {gate.id: gate for gate in GATES}


def needed(content: StepContent, *rows: Evidence) -> tuple[Gate, ...]:
    """
    The gates of a step: those of its kind, those that its evidence names, and those of restriction when either takes
    food away. *rows*: the version it was agreed on, and the one that holds now, which may know of more.
    """
    restricts = content.restricts or any(row.restricts for row in rows)
    named = {id for row in rows for id in row.gates}
    return tuple(
        gate
        for gate in GATES
        if gate.kinds is None or content.kind in gate.kinds or gate.id in named or (gate.restrictive and restricts)
    )


def state(gate: Gate, answer: GateAnswer | None) -> GateState:
    """
    Whether *gate* lets a step through.

    ========= ============ ======= ======= ===========
    effect    nothing, ?   no      yes     yes, cleared
    ========= ============ ======= ======= ===========
    block     unanswered   open    closed  closed
    check     unanswered   open    closed  caution
    caution   unanswered   open    caution caution
    ========= ============ ======= ======= ===========
    """
    if answer is None or answer.answer is Answer.UNKNOWN:
        return GateState.UNANSWERED
    if answer.answer is Answer.NO:
        return GateState.OPEN
    if gate.effect is Effect.CAUTION or (gate.effect is Effect.CHECK and answer.cleared):
        return GateState.CAUTION
    return GateState.CLOSED


def blocking(gates: Sequence[Gate], answers: Mapping[str, GateAnswer]) -> tuple[tuple[Gate, GateState], ...]:
    """Those of *gates* that do not let a step through, and why."""
    found = ((gate, state(gate, answers.get(gate.id))) for gate in gates)
    return tuple((gate, how) for gate, how in found if how in (GateState.CLOSED, GateState.UNANSWERED))


def check_gates(gates: Sequence[Gate], answers: Mapping[str, GateAnswer]) -> None:
    """
    Let a step through, or say what stands in its way.

    Raises:
        GateBlocks: with one error for each gate that is unanswered or closed, named ``gates.ID``.
    """
    shut = blocking(gates, answers)
    if shut:
        raise GateBlocks(errors=[FieldError(f"gates.{gate.id}", _said(gate, how)) for gate, how in shut])


def check_answer(gate: Gate, given: GateAnswer) -> None:
    """
    Refuse a clearance that this gate does not know, or that nobody explained.

    Raises:
        Invalid: *cleared* on a gate that blocks or without ``yes``, or without a word of who checked what.
    """
    if not given.cleared:
        return
    if gate.effect is not Effect.CHECK or given.answer is not Answer.YES:
        raise Invalid(errors=[FieldError("cleared", "Only a yes that may be checked can be cleared.")])
    if not given.note.strip():
        raise Invalid(errors=[FieldError("note", "Please write who checked this, and what they said.")])


def _said(gate: Gate, how: GateState) -> str:
    return gate.caution if how is GateState.CLOSED else f"Not answered yet: {gate.question}"
