"""``/api/v1/instruments``, responses, diary and series: parse, call, answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from telegut.outcomes.handlers.keys import OUTCOMES
from telegut.outcomes.instruments import INSTRUMENTS, MEASURES, Better, Instrument
from telegut.outcomes.rules import NOTE_LENGTH, Felt
from telegut.outcomes.service import SERIES_DAYS, Entry, Response, Series
from telegut.web.api import Answer, Body, Call, Endpoints, Instant, Page, Query
from telegut.web.keys import NOW

api = Endpoints("outcomes")
PATIENT = "/api/v1/patients/{id}"

Value = Annotated[int, Field(strict=True, ge=-(2**31), le=2**31 - 1)]


class OptionAnswer(Answer):
    """One answer to choose."""

    value: int
    text: str


class ItemAnswer(Answer):
    """One question."""

    id: str
    text: str
    low: int
    high: int
    low_text: str
    high_text: str
    options: list[OptionAnswer]
    loinc: str | None


class BandAnswer(Answer):
    """A published word for a range of totals; no diagnosis."""

    low: int
    high: int
    name: str


class InstrumentAnswer(Answer):
    """A questionnaire."""

    id: str
    version: int
    title: str
    prompt: str
    items: list[ItemAnswer]
    source: str
    licence: str
    has_total: bool
    minutes: int
    low: int
    high: int
    bands: list[BandAnswer]
    bands_source: str
    change: int | None
    change_source: str
    loinc: str | None
    loinc_total: str | None

    @classmethod
    def of(cls, one: Instrument) -> InstrumentAnswer:
        """The answer for *one*."""
        return cls.model_validate(one, from_attributes=True)


class ResponseBody(Body):
    """Answers by item id; a missing or null one is an item that was not answered."""

    instrument: str
    answers: Annotated[dict[str, Value | None], Field(max_length=100)]
    version: int | None = None
    day: date | None = None


class ResponseAnswer(Answer):
    """An answered questionnaire. ``total`` is null when an item is missing or the items stand for themselves."""

    id: str
    instrument: str
    version: int
    day: date
    answers: dict[str, int]
    total: int | None
    band: str | None
    missing: list[str]
    answered_at: Instant
    answered_by: str | None

    @classmethod
    def of(cls, one: Response) -> ResponseAnswer:
        """The answer for *one*."""
        return cls(
            id=str(one.id),
            instrument=one.instrument,
            version=one.version,
            day=one.day,
            answers=dict(one.answers),
            total=one.score.total,
            band=one.score.band.name if one.score.band else None,
            missing=list(one.score.missing),
            answered_at=one.answered_at,
            answered_by=str(one.answered_by) if one.answered_by else None,
        )


class DiaryBody(Body):
    """How a day was, each from 1 (very bad) to 5 (very good); ``day`` is today in the patient's zone unless given."""

    day: date | None = None
    mood: Value | None = None
    gut: Value | None = None
    sleep: Value | None = None
    note: Annotated[str, StringConstraints(max_length=NOTE_LENGTH)] = ""


class DiaryAnswer(Answer):
    """A line of the diary."""

    id: str
    day: date
    mood: int | None
    gut: int | None
    sleep: int | None
    note: str
    written_at: Instant
    written_by: str | None

    @classmethod
    def of(cls, one: Entry) -> DiaryAnswer:
        """The answer for *one*."""
        felt = one.felt
        return cls(
            id=str(one.id),
            day=one.day,
            mood=felt.mood,
            gut=felt.gut,
            sleep=felt.sleep,
            note=felt.note,
            written_at=one.written_at,
            written_by=str(one.written_by) if one.written_by else None,
        )


class SpanQuery(Query):
    """A span of days, both included; the last 90 unless given."""

    since: Annotated[date | None, Field(alias="from")] = None
    until: Annotated[date | None, Field(alias="to")] = None


class SeriesQuery(SpanQuery):
    """Which measure, over which days."""

    measure: str


class PointAnswer(Answer):
    """One value."""

    day: date
    value: float


class SeriesAnswer(Answer):
    """A measure over time. Days without a value are absent. Bands have their source and are no diagnosis."""

    measure: str
    title: str
    unit: str
    low: int
    high: int
    better: Better
    bands: list[BandAnswer]
    bands_source: str
    items: list[PointAnswer]

    @classmethod
    def of(cls, series: Series) -> SeriesAnswer:
        """The answer for *series*."""
        measure = series.measure
        asked = measure.instrument if measure.item is None else None
        return cls(
            measure=measure.id,
            title=measure.title,
            unit=measure.unit,
            low=measure.low,
            high=measure.high,
            better=measure.better,
            bands=[BandAnswer(low=one.low, high=one.high, name=one.name) for one in (asked.bands if asked else ())],
            bands_source=asked.bands_source if asked else "",
            items=[PointAnswer(day=day, value=value) for day, value in series.values],
        )


class MeasureAnswer(Answer):
    """Something that can be plotted."""

    id: str
    title: str
    unit: str
    low: int
    high: int
    better: Better


@api.get("/api/v1/instruments", answer=Page[InstrumentAnswer], summary="Questionnaires, with source and version")
async def get_instruments(call: Call[None]) -> Page[InstrumentAnswer]:
    """Every questionnaire that is offered."""
    return Page(items=[InstrumentAnswer.of(one) for one in INSTRUMENTS])


@api.get("/api/v1/measures", answer=Page[MeasureAnswer], summary="What can be plotted over time")
async def get_measures(call: Call[None]) -> Page[MeasureAnswer]:
    """Every measure that ``series`` knows."""
    return Page(items=[MeasureAnswer.model_validate(one, from_attributes=True) for one in MEASURES])


@api.post(
    PATIENT + "/responses",
    body=ResponseBody,
    answer=ResponseAnswer,
    status=201,
    summary="Answer a questionnaire; it is scored here",
)
async def post_response(call: Call[ResponseBody]) -> ResponseAnswer:
    """The score, or none when an item is missing."""
    body = call.body
    response = await call.app[OUTCOMES].respond(
        call.caller, call.uuid("id"), body.instrument, body.answers, version=body.version, day=body.day
    )
    return ResponseAnswer.of(response)


@api.get(PATIENT + "/responses", query=SpanQuery, answer=Page[ResponseAnswer], summary="Answered questionnaires")
async def get_responses(call: Call[None]) -> Page[ResponseAnswer]:
    """The newest first."""
    since, until = _span(call)
    found = await call.app[OUTCOMES].responses(call.caller, call.uuid("id"), since=since, until=until)
    return Page(items=[ResponseAnswer.of(one) for one in found])


@api.post(PATIENT + "/diary", body=DiaryBody, answer=DiaryAnswer, status=201, summary="How a day was")
async def post_diary(call: Call[DiaryBody]) -> DiaryAnswer:
    """A new line of the diary."""
    body = call.body
    felt = Felt(mood=body.mood, gut=body.gut, sleep=body.sleep, note=body.note)
    return DiaryAnswer.of(await call.app[OUTCOMES].write(call.caller, call.uuid("id"), felt, day=body.day))


@api.get(PATIENT + "/diary", query=SpanQuery, answer=Page[DiaryAnswer], summary="The diary")
async def get_diary(call: Call[None]) -> Page[DiaryAnswer]:
    """The newest first; several lines of one day are corrections, the newest counts."""
    since, until = _span(call)
    found = await call.app[OUTCOMES].diary(call.caller, call.uuid("id"), since=since, until=until)
    return Page(items=[DiaryAnswer.of(one) for one in found])


@api.get(PATIENT + "/series", query=SeriesQuery, answer=SeriesAnswer, summary="One measure over time")
async def get_series(call: Call[None]) -> SeriesAnswer:
    """The values by day."""
    query: SeriesQuery = call.query
    series = await call.app[OUTCOMES].series(
        call.caller, call.uuid("id"), query.measure, since=query.since, until=query.until
    )
    return SeriesAnswer.of(series)


def _span(call: Call[None]) -> tuple[date, date]:
    query: SpanQuery = call.query
    # A day more than today in UTC, so that nobody's today is cut off.
    until = query.until or call.app[NOW]().date() + timedelta(days=1)
    return query.since or until - SERIES_DAYS, until
