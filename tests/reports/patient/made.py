"""A patient's report made of bytes, at any reading level, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from telegut.evidence.library import BUILT_IN
from telegut.reports.panel import Panel, panel_of
from telegut.reports.patient.before import Before, Felt, Step
from telegut.reports.patient.levels import Level
from telegut.reports.patient.press import Paper
from telegut.reports.patient.sheet import Sheet
from telegut.reports.patient.writing import sheet_of
from tests.reports import lab
from tests.reports.exchange.stored import AT, stored

STEP = UUID("019aa000-0000-7000-8000-000000000009")
PAPER = Paper(
    title="Report of Łukasz Nguyễn Žižek",
    line="A snapshot of one stool sample.",
    foot="Printed from telegut.",
    page="Page",
    language="en",
    made=AT.isoformat(),
)


def before(*titles: str, weights_hidden: bool = False) -> Before:
    """Goals called *titles*, one measure, and a step for every row of the evidence base about care."""
    cited = [BUILT_IN.shown(one) for one in ("DIET-SMILES", "PREB-DIET", "STRESS-MIND", "PROB-MDD-META")]
    steps = [Step(id=STEP, title="Oats & beans", food=True, amount="40 g", done=5, said=9, cited=one) for one in cited]
    return Before(
        goals=titles or ("Sleep through the night",),
        felt=(Felt("Mood", "4", "Tue 3 Mar", "1 very bad to 5 very good"),),
        steps=(*steps, Step(id=STEP, title="A walk after lunch", food=False)),
        weights_hidden=weights_hidden,
    )


def panel(data: bytes | None = None, **metadata: object) -> Panel:
    """The patient's panel of a lab's file."""
    report = stored(data or lab.kraken(lab.gut()))
    report = replace(report, metadata={**report.metadata, "diet": "mostly plants", **metadata})
    return panel_of(report, for_clinician=False, now=AT + timedelta(days=40))


def sheet(level: Level, *, weights_hidden: bool = False, goals: tuple[str, ...] = ()) -> Sheet:
    """Everything that a report can say, at *level*."""
    return sheet_of(panel(), before(*goals, weights_hidden=weights_hidden), level, "Europe/Berlin")
