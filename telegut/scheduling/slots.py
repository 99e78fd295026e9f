"""
Which starts are offered, and why others are not. Pure.

`Question.reasons` is the one function that decides: the list asks it for every start of the grid, the booking asks it
for the one start it got, and ``slots/explain`` shows what it says. Instants are whole seconds in here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from telegut.scheduling import zones
from telegut.scheduling.diary import Diary
from telegut.scheduling.refusals import Reason
from telegut.scheduling.rules import Policy, VisitType
from telegut.scheduling.windows import Hours, Window

AROUND: Final = 2 * zones.DAY
"""How far around a start hours and diaries have to be known, in seconds: its window, and its whole day on any wall."""


@dataclass(slots=True)
class Offer:
    """One practitioner's side of a question: their hours (as `windows.expand` gave them) and their diary."""

    practitioner: UUID
    hours: Hours
    diary: Diary
    provides: bool = True
    _starts: list[int] = field(init=False)
    _longest: int = field(init=False)
    _full: dict[tuple[str, int], frozenset[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._starts = [window.start for window in self.hours.windows]
        self._longest = max((window.end - window.start for window in self.hours.windows), default=0)

    def windows_at(self, start: int) -> Iterator[Window]:
        """The windows that are open at an instant."""
        last = bisect_right(self._starts, start)
        first = bisect_left(self._starts, start - self._longest)
        return (window for window in self.hours.windows[first:last] if window.end > start)

    def is_off(self, start: int, end: int) -> bool:
        """Whether time off touches ``[start, end)``."""
        return any(opens < end and closes > start for opens, closes in self.hours.off)

    def is_closed(self, start: int, end: int, zone: str) -> bool:
        """Whether a holiday of the clinic, on the wall of *zone*, touches ``[start, end)``."""
        return any(opens < end and closes > start for opens, closes in self.hours.closed.get(zone, ()))

    def full_days(self, zone: str, limit: int) -> frozenset[int]:
        """The days on the wall of *zone* (as `zones.wall_day`) on which *limit* visits or more begin."""
        found = self._full.get((zone, limit))
        if found is None:
            starts = [one.start for one in self.diary.engagements if one.counted]
            stretches = zones.regimes(zone, min(starts), max(starts)) if starts else ()
            days = Counter(zones.wall_day(start, stretches) for start in starts)
            found = self._full[zone, limit] = frozenset(day for day, count in days.items() if count >= limit)
        return found

    def unfit(self, start: int, end: int, service: UUID) -> Iterator[Reason]:
        """What of the hours speaks against ``[start, end)``, whatever the grid and the diary say."""
        around = [one for one in self.windows_at(start) if end <= one.end and one.is_for(service)]
        if not around:
            yield Reason.OUTSIDE_HOURS
        walls = {one.zone for one in around} or {self.hours.zone}
        if all(self.is_closed(start, end, zone) for zone in walls):
            yield Reason.HOLIDAY
        if self.is_off(start, end):
            yield Reason.TIME_OFF


@dataclass(slots=True)
class Question:
    """
    May this kind of visit start then? Asked with everything that is needed to answer.

    service: its own restriction of windows is judged by this id. patient: the diary of the patient, when known.
    rounded: what is missing from now to the next whole second. max_a_day: for practitioners without a number of their
    own; None: as many as fit. group: it has seats, so that nobody has it alone.
    """

    service: UUID
    duration: int
    buffer_before: int
    buffer_after: int
    grid: int
    now: int
    earliest: int
    latest: int
    patient: Diary = field(default_factory=Diary)
    rounded: int = 0
    max_a_day: int | None = None
    group: bool = False

    @classmethod
    def of(cls, visit: VisitType, policy: Policy, now: datetime, patient: Diary | None = None) -> Question:
        """The question about *visit* under *policy* (with the numbers of its kind of visit) as of *now*."""
        policy = policy.for_visit(visit)
        # Half a second ago is past: the whole second of now has begun.
        rounded = 1 if now.microsecond else 0
        return cls(
            visit.id,
            int(visit.duration.total_seconds()),
            int(visit.buffer_before.total_seconds()),
            int(visit.buffer_after.total_seconds()),
            int(policy.grid.total_seconds()),
            zones.seconds(now),
            zones.seconds(now + policy.minimum_notice) + rounded,
            zones.seconds(now + policy.horizon),
            patient or Diary(),
            rounded,
            policy.max_visits_a_day,
            visit.seats > 1,
        )

    def reasons(self, start: int, offer: Offer) -> list[Reason]:
        """Everything that speaks against *start* with this practitioner; empty: it is offered."""
        if self._is_offered(start, offer):
            return []
        return [*self._when(start, offer), *self._hours(start, offer), *self._diaries(start, offer)]

    def _is_offered(self, start: int, offer: Offer) -> bool:
        """The answer to most questions, without collecting reasons; `reasons` holds exactly when this does not."""
        end = start + self.duration
        return (
            self.earliest_with(offer) <= start <= self.latest
            and offer.provides
            and not self.group
            and any(
                self._fits(start, end, window) and self._day_is_open(start, window, offer)
                for window in offer.windows_at(start)
            )
            and self._is_free(start, offer)
        )

    def earliest_with(self, offer: Offer) -> int:
        """The first start that is not too soon for this practitioner."""
        return max(self.earliest, self.now + self.rounded + offer.hours.notice)

    def _limit(self, offer: Offer) -> int | None:
        own = offer.hours.max_a_day
        return self.max_a_day if own is None else own

    def _day_is_open(self, start: int, window: Window, offer: Offer) -> bool:
        """Whether the clinic is, and whether the practitioner can see one more that day; see `windows` for days."""
        return not self._is_full(start, window.zone, offer) and not offer.is_closed(
            start, start + self.duration, window.zone
        )

    def _is_full(self, start: int, zone: str, offer: Offer) -> bool:
        limit = self._limit(offer)
        if limit is None:
            return False
        full = offer.full_days(zone, limit)
        return bool(full) and zones.wall_day(start, zones.regimes(zone, start, start)) in full

    def _every_day_is_open(self, window: Window, offer: Offer) -> bool:
        """Whether no start of a window needs to be asked about its day: so it is with nearly all of them."""
        limit = self._limit(offer)
        if limit is not None and offer.full_days(window.zone, limit):
            return False
        return not offer.is_closed(window.start, window.end, window.zone)

    def _is_free(self, start: int, offer: Offer) -> bool:
        """Whether nobody has something else then."""
        end = start + self.duration
        return (
            not (offer.hours.off and offer.is_off(start, end))
            and offer.diary.free(start - self.buffer_before, end + self.buffer_after)
            and self.patient.free(start, end)
        )

    def _fits(self, start: int, end: int, window: Window) -> bool:
        return (
            window.start <= start
            and end <= window.end
            and start >= window.anchor
            and (start - window.anchor) % self.grid == 0
            and window.is_for(self.service)
        )

    def _when(self, start: int, offer: Offer) -> Iterator[Reason]:
        if start < self.now:
            yield Reason.PAST
        elif start < self.earliest_with(offer):
            yield Reason.TOO_SOON
        if start > self.latest:
            yield Reason.BEYOND_HORIZON
        if self.group:
            yield Reason.GROUP_ONLY

    def _hours(self, start: int, offer: Offer) -> Iterator[Reason]:
        if not offer.provides:
            yield Reason.NOT_PROVIDED
            return
        end = start + self.duration
        unfit = list(offer.unfit(start, end, self.service))
        yield from unfit
        fitting = [one for one in offer.windows_at(start) if self._fits(start, end, one)]
        if not fitting:
            if Reason.OUTSIDE_HOURS not in unfit:
                yield Reason.OFF_GRID
        elif not any(self._day_is_open(start, one, offer) for one in fitting):
            yield from self._closed_days(start, fitting, offer, unfit)

    def _closed_days(
        self, start: int, fitting: Sequence[Window], offer: Offer, said: Sequence[Reason]
    ) -> Iterator[Reason]:
        """Why no day is open on the wall of any of the windows: each may have a reason of its own."""
        if any(self._is_full(start, one.zone, offer) for one in fitting):
            yield Reason.DAY_FULL
        elif Reason.HOLIDAY not in said:
            yield Reason.HOLIDAY

    def _diaries(self, start: int, offer: Offer) -> Iterator[Reason]:
        end = start + self.duration
        near = offer.diary.touching(start - self.buffer_before, end + self.buffer_after)
        met = [one for one in near if one.start < end and one.end > start]
        if any(not one.held for one in met):
            yield Reason.TAKEN
        elif met:
            yield Reason.HELD
        elif near:
            yield Reason.BUFFER
        if offer.diary.is_elsewhere(start - self.buffer_before, end + self.buffer_after):
            yield Reason.BUSY_ELSEWHERE
        if not self.patient.free(start, end):
            yield Reason.PATIENT_BUSY

    def starts(self, offer: Offer, first: int, last: int) -> set[int]:
        """
        Every offered start in ``[first, last)`` with this practitioner.

        Counts along each window's grid, so every start it asks about fits by the way it was made. A test holds this
        against `reasons` for every quarter of an hour.
        """
        first, last = max(first, self.earliest_with(offer)), min(last, self.latest + 1)
        found: set[int] = set()
        for window in offer.hours.windows:
            if self.group or not offer.provides or not window.is_for(self.service):
                continue
            floor = max(first, window.start, window.anchor)
            any_day = self._every_day_is_open(window, offer)
            begin = window.anchor + -(-(floor - window.anchor) // self.grid) * self.grid
            stop = min(last, window.end - self.duration + 1)
            found.update(
                start
                for start in range(begin, stop, self.grid)
                if (any_day or self._day_is_open(start, window, offer)) and self._is_free(start, offer)
            )
        return found

    def joint_starts(self, offers: Sequence[Offer], first: int, last: int) -> list[int]:
        """Every start in ``[first, last)`` that all of them offer at once, in order."""
        sets = [self.starts(offer, first, last) for offer in offers]
        return sorted(set.intersection(*sets)) if sets else []

    def joint_reasons(self, start: int, offers: Iterable[Offer]) -> list[Reason]:
        """Everything that speaks against *start* with all of them together, each reason once."""
        said = (reason for offer in offers for reason in self.reasons(start, offer))
        return list(dict.fromkeys(said))
