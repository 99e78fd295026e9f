"""What the pages that cross domains show: plain values, gathered from the services below. No rules, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from telegut.accounts.care import Member
from telegut.accounts.family_view import Access
from telegut.accounts.patients import Patient
from telegut.accounts.patients import Record as Cover
from telegut.careplan.views import Plan, Step
from telegut.home.rules import Timing
from telegut.outcomes.rules import Felt
from telegut.reports.orders.store import Waiting
from telegut.web.plots import Plot


@dataclass(frozen=True, slots=True, kw_only=True)
class NextVisit:
    """
    The next visit, or the one under way.

    people: whom the reader meets there. zone: where it was agreed. link: the reader's own way in, as a path.
    """

    appointment: UUID
    start: datetime
    end: datetime
    zone: str
    service: str
    people: tuple[tuple[str, str], ...]
    timing: Timing
    link: str

    @property
    def is_open(self) -> bool:
        """Whether the room can be entered now."""
        return self.timing.moment == "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The conversation of a patient with their care team, from outside; *answer_due* while the team owes an answer."""

    conversation: UUID
    unread: int
    last_from: str
    last_words: str | None
    last_at: datetime | None
    mine: bool
    waits_for_team: bool
    answer_due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One measure over time; *unit* says its range in words."""

    title: str
    unit: str
    plot: Plot


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """One report in a list; *stands*: how, in a few words for the care team."""

    id: UUID
    stands: str
    uploaded_at: datetime
    collected: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Yesterday:
    """What the patient is asked about the day before; *felt* is what was said last, if anything."""

    day: date
    felt: Felt | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """A patient's today, for the patient or somebody who acts for them. tests: those that wait for one of them."""

    patient: Patient
    day: date
    greeting: str
    visit: NextVisit | None
    yesterday: Yesterday
    steps: tuple[Step, ...]
    asked: tuple[Step, ...]
    tests: tuple[Waiting, ...]
    thread: Thread | None
    team: tuple[Member, ...]
    trends: tuple[Trend, ...]
    others: tuple[Patient, ...]

    @property
    def done(self) -> int:
        """How many of today's steps are done or partly done."""
        said = [step.on(self.day) for step in self.steps]
        return sum(1 for one in said if one is not None and one.result != "not")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One patient in a practitioner's list."""

    patient: Patient
    next_start: datetime | None
    unread: int
    waits_for_team: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRecord:
    """Everything about one patient on one page, for the care team."""

    cover: Cover
    team: tuple[Member, ...]
    visit: NextVisit | None
    reports: tuple[ReportLine, ...]
    plan: Plan
    thread: Thread | None
    trends: tuple[Trend, ...]
    accesses: tuple[Access, ...]
