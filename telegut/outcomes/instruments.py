"""
Questionnaires and plotted measures as data: wording, scale, scoring, bands, source, version.

Wording and order are never edited; a change is a new version, and every answer keeps the version it answered. Bands
describe how much somebody is bothered; they are no diagnosis, and every page that shows one says so.

PHQ-9 is not here on purpose. Its ninth item asks about thoughts of death, and an answer to it must act at the moment it
is given (a full screen with the clinic's crisis numbers, a task with an owner and a deadline). Until that path exists
nobody may be asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose, with its value."""

    value: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question. *low* and *high* bound the answer; *options* are its words, or empty for a plain scale."""

    id: str
    text: str
    low: int
    high: int
    low_text: str = ""
    high_text: str = ""
    options: tuple[Option, ...] = ()
    loinc: str | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """Totals from *low* to *high*, both included, and the published word for them."""

    low: int
    high: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """
    One questionnaire.

    has_total: whether its items add up to something that was validated. change: the smallest difference of totals that
    is taken for a real one, with its source in *change_source*.
    """

    id: str
    version: int
    title: str
    prompt: str
    items: tuple[Item, ...]
    source: str
    licence: str
    has_total: bool
    minutes: int
    bands: tuple[Band, ...] = ()
    bands_source: str = ""
    change: int | None = None
    change_source: str = ""
    loinc: str | None = None
    loinc_total: str | None = None

    @property
    def low(self) -> int:
        """The lowest total."""
        return sum(item.low for item in self.items)

    @property
    def high(self) -> int:
        """The highest total."""
        return sum(item.high for item in self.items)


_HOW_OFTEN: Final = (
    Option(0, "Not at all"),
    Option(1, "Several days"),
    Option(2, "More than half the days"),
    Option(3, "Nearly every day"),
)


def _gad(id: str, text: str, loinc: str) -> Item:
    return Item(id=id, text=text, low=0, high=3, options=_HOW_OFTEN, loinc=loinc)


GAD_7: Final = Instrument(
    id="gad-7",
    version=1,
    title="GAD-7",
    prompt="Over the last 2 weeks, how often have you been bothered by the following problems?",
    items=(
        _gad("nervous", "Feeling nervous, anxious or on edge", "69725-0"),
        _gad("control", "Not being able to stop or control worrying", "68509-9"),
        _gad("worrying", "Worrying too much about different things", "69733-4"),
        _gad("relaxing", "Trouble relaxing", "69734-2"),
        _gad("restless", "Being so restless that it is hard to sit still", "69735-9"),
        _gad("irritable", "Becoming easily annoyed or irritable", "69689-8"),
        _gad("afraid", "Feeling afraid as if something awful might happen", "69736-7"),
    ),
    source="Spitzer, Kroenke, Williams, Löwe, Archives of Internal Medicine 2006;166:1092",
    licence="Developed by Spitzer, Williams, Kroenke and colleagues; no permission needed to reproduce or display.",
    has_total=True,
    minutes=2,
    bands=(
        Band(0, 4, "minimal"),
        Band(5, 9, "mild"),
        Band(10, 14, "moderate"),
        Band(15, 21, "severe"),
    ),
    bands_source="Spitzer et al. 2006: cut points 5, 10 and 15",
    change=4,
    change_source="Toussaint et al., Journal of Affective Disorders 2020;265:395",
    loinc="69737-5",
    loinc_total="70274-6",
)


def _gut(id: str, text: str) -> Item:
    return Item(id=id, text=text, low=0, high=10, low_text="none", high_text="as bad as it can be")


GUT_SYMPTOMS: Final = Instrument(
    id="gut-symptoms",
    version=1,
    title="Gut symptoms",
    prompt="How was your gut over the last 24 hours?",
    items=(
        _gut("pain", "Pain in the belly"),
        _gut("bloating", "Bloating"),
        _gut("urgency", "Having to go at once"),
        _gut("gas", "Gas"),
        Item(
            id="stool_form",
            text="Form of the stool",
            low=1,
            high=7,
            options=(
                Option(1, "1: separate hard lumps"),
                Option(2, "2: lumps joined together"),
                Option(3, "3: firm with cracks"),
                Option(4, "4: smooth and soft"),
                Option(5, "5: soft pieces"),
                Option(6, "6: mushy"),
                Option(7, "7: liquid"),
            ),
        ),
    ),
    source="telegut's own items, version 1. Each stands for itself: no total was ever validated, so there is none.",
    licence="Part of telegut",
    has_total=False,
    minutes=1,
)

ADHERENCE: Final = Instrument(
    id="adherence",
    version=1,
    title="How the plan went",
    prompt="Think of the last 7 days.",
    items=(
        Item(
            id="share",
            text="How much of your plan fitted into these days?",
            low=0,
            high=100,
            low_text="nothing of it",
            high_text="all of it",
        ),
    ),
    source="telegut's own item, version 1; 0 to 100 for the last 7 days",
    licence="Part of telegut",
    has_total=True,
    minutes=1,
)

INSTRUMENTS: Final = (GAD_7, GUT_SYMPTOMS, ADHERENCE)
BY_ID: Final = {one.id: one for one in INSTRUMENTS}


class Better(StrEnum):
    """Which end of a scale people hope for; ``neither`` where both ends are uncomfortable, or nothing is better."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """
    Something that can be plotted over time.

    diary: the field of the diary it is, or None. instrument, item: the questionnaire, and the item unless it is the
    total. Neither: the share of planned steps that were done.
    """

    id: str
    title: str
    unit: str
    low: int
    high: int
    better: Better
    diary: str | None = None
    instrument: Instrument | None = None
    item: str | None = None


_OF_FIVE: Final = "1 very bad to 5 very good"

MEASURES: Final = (
    Measure(id="mood", title="Mood", unit=_OF_FIVE, low=1, high=5, better=Better.HIGHER, diary="mood"),
    Measure(id="gut", title="Gut", unit=_OF_FIVE, low=1, high=5, better=Better.HIGHER, diary="gut"),
    Measure(id="sleep", title="Sleep", unit=_OF_FIVE, low=1, high=5, better=Better.HIGHER, diary="sleep"),
    Measure(
        id="gad-7",
        title="GAD-7: bothered by worry",
        unit="0 to 21, lower is calmer",
        low=0,
        high=21,
        better=Better.LOWER,
        instrument=GAD_7,
    ),
    *(
        Measure(
            id=item.id,
            title=item.text,
            unit="1 hard to 7 liquid" if item.id == "stool_form" else "0 none to 10",
            low=item.low,
            high=item.high,
            better=Better.NEITHER if item.id == "stool_form" else Better.LOWER,
            instrument=GUT_SYMPTOMS,
            item=item.id,
        )
        for item in GUT_SYMPTOMS.items
    ),
    Measure(
        id="adherence",
        title="How much of the plan fitted in",
        unit="% of the last 7 days, as felt",
        low=0,
        high=100,
        better=Better.NEITHER,
        instrument=ADHERENCE,
        item="share",
    ),
    Measure(
        id="steps",
        title="Steps done",
        unit="% of the steps of the day",
        low=0,
        high=100,
        better=Better.NEITHER,
    ),
)
MEASURE_BY_ID: Final = {one.id: one for one in MEASURES}
