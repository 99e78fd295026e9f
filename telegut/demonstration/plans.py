"""Care plans of the demonstration clinic, agreed step by step as a clinic would."""

from __future__ import annotations

from dataclasses import dataclass, field

from pycrdt import Doc, Text

from telegut.careplan import notebook
from telegut.careplan.document import ROOT
from telegut.careplan.gates import GATES, Answer, GateAnswer
from telegut.careplan.rules import Acceptance, Audience, GoalContent, HowItWent, Kind, StepContent, Week, Why
from telegut.careplan.views import Day, Step
from telegut.composition import Foundation, Services
from telegut.demonstration.cast import AMARA, DANIEL, HENRIK, JONAS, LENA, TOM, caller
from telegut.demonstration.people import Character
from telegut.demonstration.setting import SYSTEM
from telegut.demonstration.story_clock import StoryClock

YES = {"gut_sensitivity": {LENA.id}, "maoi": {DANIEL.id}}
"""Who said yes to which safety question; everybody else said no."""

NOTE = (
    "What matters to Lena: calmer mornings before work, and eating with friends without planning an exit.\n\n"
    "Last time: oats are going well at three spoons. Bloating mostly on Tuesdays, when lunch is late.\n\n"
    "For today: the second sample, and whether kefir is worth a try.\n"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A step, who proposes it, since how many days, and how the last days went."""

    content: StepContent
    by: Character
    since: int
    went: tuple[HowItWent, ...] = field(default=())


D, P, N = HowItWent.DONE, HowItWent.PARTLY, HowItWent.NOT

LENAS = (
    Proposal(
        StepContent(
            title="Oats at breakfast",
            kind=Kind.FIBRE,
            details="Porridge or overnight oats, whichever you like better that day.",
            why=Why.PREFERENCE,
            why_words="You like warm breakfasts, and you eat little fibre so far.",
            evidence="PREB-DIET",
            schedule=(Week(1, "2 spoons (20 g)"), Week(3, "3 spoons (30 g)"), Week(6, "4 spoons (40 g)")),
        ),
        JONAS,
        48,
        (D, D, P, D, D, D, N, D, D, D, D, P, D),
    ),
    Proposal(
        StepContent(
            title="A small bowl of live yoghurt after lunch",
            kind=Kind.FERMENTED_FOOD,
            details="About 100 g. Leave it out on days when it does not feel right.",
            why=Why.GOAL,
            why_words="You wanted to try something fermented that fits into the office.",
            evidence="FERM-FIB",
            schedule=(Week(1, "every second day"), Week(3, "every day")),
        ),
        JONAS,
        27,
        (D, N, D, D, N, D, P, N, D, D),
    ),
    Proposal(
        StepContent(
            title="Breathing before the train, five minutes",
            kind=Kind.STRESS,
            details="In for four, out for six. The platform is fine, nobody notices.",
            why=Why.GOAL,
            why_words="Mornings before work are when the worry is loudest.",
        ),
        AMARA,
        28,
        (D, D, D, P, D, D, D, D, N, D, D, D),
    ),
)
TOMS = (
    Proposal(
        StepContent(
            title="A walk after lunch",
            kind=Kind.MOVEMENT,
            details="Ten minutes. On the days you feel up to it.",
            why=Why.PREFERENCE,
            why_words="You said that daylight helps.",
            evidence="STRESS-MIND",
        ),
        HENRIK,
        20,
        (D, N, N, D, P, D),
    ),
)


async def tell(base: Foundation, services: Services, clock: StoryClock) -> None:
    """Answer the safety questions, agree on goals and steps, sign, and write the first note."""
    for patient, by in ((LENA, AMARA), (TOM, HENRIK), (DANIEL, AMARA)):
        clock.at(-50, 10, 0, by.zone)
        await _answer_gates(services, patient, by)
    await _goals(services, clock)
    for patient, proposals in ((LENA, LENAS), (TOM, TOMS)):
        for one in proposals:
            await _agree(services, clock, patient, one)
    clock.at(-27, 12, 0, AMARA.zone)
    await services.care_plans.signatures.sign(caller(AMARA), LENA.id, version=None)
    clock.at(-1, 17, 0, AMARA.zone)
    await _note(base, services, clock)


async def _answer_gates(services: Services, patient: Character, by: Character) -> None:
    for gate in GATES:
        says_yes = patient.id in YES.get(gate.id, set())
        given = GateAnswer(Answer.YES if says_yes else Answer.NO)
        await services.care_plans.answer_gate(caller(by), patient.id, gate.id, given, version=None)


async def _goals(services: Services, clock: StoryClock) -> None:
    clock.at(-56, 11, 0, AMARA.zone)
    goals = (
        (LENA, AMARA, GoalContent(title="Calmer mornings before work", details="Fewer days with a tight belly at 8.")),
        (LENA, AMARA, GoalContent(title="Eat with friends without planning an exit")),
        (TOM, HENRIK, GoalContent(title="One warm meal on most days")),
    )
    for patient, by, content in goals:
        await services.care_plans.goals.add(caller(by), patient.id, content)


async def _agree(services: Services, clock: StoryClock, patient: Character, one: Proposal) -> None:
    clock.at(-one.since - 1, 11, 0, one.by.zone)
    starts = clock.day(-one.since, patient.zone)
    step = await services.care_plans.steps.add(caller(one.by), patient.id, one.content, starts)
    clock.at(-one.since - 1, 19, 0, patient.zone)
    step = await services.care_plans.steps.answer(
        caller(patient), patient.id, step.id, version=step.version, answer=Acceptance.ACCEPTED
    )
    await _days(services, clock, patient, step, one)


async def _days(services: Services, clock: StoryClock, patient: Character, step: Step, one: Proposal) -> None:
    for back, result in enumerate(reversed(one.went), start=1):
        if back >= one.since:
            return
        clock.at(-back, 21, 0, patient.zone)
        said = Day(day=clock.day(-back, patient.zone), result=result, note="")
        await services.care_plans.steps.record_day(caller(patient), patient.id, step.id, said)


async def _note(base: Foundation, services: Services, clock: StoryClock) -> None:
    """The note that Lena and her team share, as if it had been typed."""
    plan = await services.care_plans.read(caller(AMARA), LENA.id)
    typed = _typed(NOTE)
    async with base.db.begin(SYSTEM) as tx:
        place = await notebook.find(tx, LENA.id, plan.id, Audience.SHARED, None)
        reach = await notebook.reach(tx, place, lock=True)
        written = [notebook.Written(typed, AMARA.id)]
        await notebook.append(tx, base.vault, place, written, after=reach.last, at=clock())


def _typed(words: str) -> bytes:
    """The update that typing *words* into an empty note makes."""
    document: Doc[Text] = Doc()
    document[ROOT] = Text(words)
    return document.get_update()
