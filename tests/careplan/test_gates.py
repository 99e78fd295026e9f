"""Every gate blocks unanswered and closed, and opens when it was answered."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from telegut.careplan.gates import (
    GATES,
    Answer,
    Effect,
    Gate,
    GateAnswer,
    GateBlocks,
    GateState,
    blocking,
    check_answer,
    check_gates,
    needed,
    state,
)
from telegut.careplan.rules import Kind, StepContent
from telegut.errors import Invalid
from telegut.evidence.library import BUILT_IN

ALL = "every kind"

NEEDED = {
    Kind.DIET: {"alarm_features", "eating_disorder", "medicine_interaction"},
    Kind.FIBRE: {"alarm_features", "gut_sensitivity", "medicine_interaction"},
    Kind.FERMENTED_FOOD: {
        "alarm_features",
        "immunosuppression",
        "maoi",
        "ferment_sensitivity",
        "pregnancy_or_child",
    },
    Kind.PROBIOTIC: {"alarm_features", "immunosuppression", "invasive_infection_risk", "pregnancy_or_child"},
    Kind.STRESS: {"alarm_features"},
    Kind.SLEEP: {"alarm_features"},
    Kind.MOVEMENT: {"alarm_features"},
    Kind.PSYCHOTHERAPY: {"alarm_features"},
    Kind.OTHER: {"alarm_features"},
}
"""The project's domain guide, section 2.2."""


def step(kind: Kind, *, restricts: bool = False) -> StepContent:
    return StepContent(title="A step", kind=kind, restricts=restricts)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_needs_its_gates(kind: Kind) -> None:
    assert NEEDED[kind] == {gate.id for gate in needed(step(kind))}


@pytest.mark.parametrize("kind", list(Kind))
def test_whatever_takes_food_away_asks_about_eating_disorders(kind: Kind) -> None:
    assert NEEDED[kind] | {"eating_disorder"} == {gate.id for gate in needed(step(kind, restricts=True))}


EXPECTED = {
    (Effect.BLOCK, Answer.YES, False): GateState.CLOSED,
    (Effect.CHECK, Answer.YES, False): GateState.CLOSED,
    (Effect.CHECK, Answer.YES, True): GateState.CAUTION,
    (Effect.CAUTION, Answer.YES, False): GateState.CAUTION,
}


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.id)
def test_every_gate_blocks_unanswered_and_unknown(gate: Gate) -> None:
    for answer in (None, GateAnswer(Answer.UNKNOWN)):
        assert GateState.UNANSWERED == state(gate, answer)
        with pytest.raises(GateBlocks) as refusal:
            check_gates([gate], {gate.id: answer} if answer else {})
        assert [f"gates.{gate.id}"] == [error.field for error in refusal.value.errors]
        assert gate.question in refusal.value.errors[0].message


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.id)
def test_every_gate_opens_on_no(gate: Gate) -> None:
    check_gates([gate], {gate.id: GateAnswer(Answer.NO)})

    assert GateState.OPEN == state(gate, GateAnswer(Answer.NO))


@pytest.mark.parametrize(
    ("gate", "cleared"), list(itertools.product(GATES, [False, True])), ids=lambda one: getattr(one, "id", str(one))
)
def test_yes_does_what_the_gate_says(gate: Gate, cleared: bool) -> None:
    if cleared and gate.effect is not Effect.CHECK:
        with pytest.raises(Invalid):
            check_answer(gate, GateAnswer(Answer.YES, cleared=True, note="asked the doctor"))
        return
    answer = GateAnswer(Answer.YES, cleared, "The pharmacist checked it." if cleared else "")
    check_answer(gate, answer)

    expected = EXPECTED[gate.effect, Answer.YES, cleared]

    assert expected == state(gate, answer)
    assert bool(blocking([gate], {gate.id: answer})) == (expected is GateState.CLOSED)


def test_a_blocking_gate_stays_closed_even_if_somebody_cleared_it() -> None:
    forged = GateAnswer(Answer.YES, cleared=True, note="no")
    for gate in GATES:
        if gate.effect is Effect.BLOCK:
            assert GateState.CLOSED == state(gate, forged)


def test_a_clearance_says_who_checked() -> None:
    gate = next(one for one in GATES if one.effect is Effect.CHECK)
    with pytest.raises(Invalid):
        check_answer(gate, GateAnswer(Answer.YES, cleared=True, note="  "))
    with pytest.raises(Invalid):
        check_answer(gate, GateAnswer(Answer.NO, cleared=True, note="Dr. Haddad"))


def test_a_refusal_names_every_gate_that_blocks() -> None:
    gates = needed(step(Kind.PROBIOTIC))
    answers = {"alarm_features": GateAnswer(Answer.NO), "immunosuppression": GateAnswer(Answer.YES)}
    with pytest.raises(GateBlocks) as refusal:
        check_gates(gates, answers)

    expected = {"gates.immunosuppression", "gates.invasive_infection_risk", "gates.pregnancy_or_child"}

    assert expected == {error.field for error in refusal.value.errors}
    assert "gate_blocks" == refusal.value.code


def test_gates_have_their_basis() -> None:
    assert all(gate.question and gate.caution and gate.basis for gate in GATES)


def test_restrictive_evidence_restricts_the_step() -> None:
    row = BUILT_IN.shown("STRESS-MIND").row

    assert {gate.id for gate in needed(step(Kind.SLEEP), row)} == NEEDED[Kind.SLEEP]
    assert "eating_disorder" in {gate.id for gate in needed(step(Kind.SLEEP), replace(row, restricts=True))}


def test_a_step_asks_what_any_version_of_its_evidence_asks() -> None:
    agreed = BUILT_IN.shown("PSYB-DIET").row
    now = replace(agreed, version=1_001, gates=("invasive_infection_risk",))

    assert {"maoi", "invasive_infection_risk"} <= {gate.id for gate in needed(step(Kind.DIET), agreed, now)}
    assert "maoi" not in {gate.id for gate in needed(step(Kind.DIET))}
