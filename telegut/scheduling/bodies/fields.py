"""Fields that many requests about time have: days, clock times, languages, people."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, NaiveDatetime

from telegut.scheduling.booking import PRACTITIONERS_AT_MOST
from telegut.scheduling.choice.tags import canonical
from telegut.web.api import YEARS


def _text(value: Any) -> Any:
    if value is not None and not isinstance(value, str):
        raise ValueError("is a text")
    return value


def _each_once(people: list[UUID]) -> list[UUID]:
    if len(set(people)) != len(people):
        raise ValueError("Name each person once.")
    return people


def is_none(value: Any) -> bool:
    """What is not set is left out of an answer."""
    return value is None


def _plausible(value: date) -> date:
    if value.year not in YEARS:
        raise ValueError(f"lies between the years {YEARS[0]} and {YEARS[-1]}")
    return value


MINUTE = timedelta(minutes=1)
Weekday = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]
DayText = Annotated[date, BeforeValidator(_text), AfterValidator(_plausible)]
WallTime = Annotated[NaiveDatetime, BeforeValidator(_text), AfterValidator(_plausible)]
LanguageTag = Annotated[str, Field(max_length=35, examples=["de"]), AfterValidator(canonical)]
"""BCP 47; 35 characters are enough for every tag of this shape (RFC 5646, 4.4.1)."""

Translated = Annotated[str, Field(min_length=2, max_length=36, examples=["ar"])]
"""A language to translate, or an interpreter's id."""

Words = Annotated[str, Field(max_length=2000)]
Together = Annotated[list[UUID], Field(max_length=PRACTITIONERS_AT_MOST), AfterValidator(_each_once)]
"""Who a visit is with, all of them at once; nobody is there twice."""
