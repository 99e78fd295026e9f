"""The types of what clients send and get: bodies, queries, answers, lists, instants."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    field_validator,
)

T = TypeVar("T")


def instant_text(value: datetime) -> str:
    """RFC 3339 in UTC with ``Z``."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text_only(value: Any) -> Any:
    if not isinstance(value, (str, datetime)):
        raise ValueError("is an instant such as 2026-11-24T15:30:00Z")
    return value


YEARS = range(1900, 2201)
"""Years that an instant may lie in: people live in them, and arithmetic around them cannot leave the calendar."""


def _plausible(value: datetime) -> datetime:
    if value.year not in YEARS:
        raise ValueError(f"lies between the years {YEARS[0]} and {YEARS[-1]}")
    return value


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_text_only),
    AfterValidator(_plausible),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
]
"""An instant with its zone; printed in UTC."""


VERSIONS: Final = 2**31 - 2
"""More than anything is ever changed; the next one still fits an ``integer`` of PostgreSQL (documentation, 8.1.1)."""


class Body(BaseModel):
    """What a client sends. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)

    @field_validator("version", check_fields=False)
    @classmethod
    def _countable(cls, value: int | None) -> int | None:
        """A version that nobody ever counted to is refused like any other that is not the current one."""
        return value if value is None else max(-1, min(value, VERSIONS))


class Query(BaseModel):
    """What a client asks for in the address. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Answer(BaseModel):
    """What we send."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Page(Answer, Generic[T]):
    """A list; *next* is the cursor of the following page, or null."""

    items: list[T]
    next: str | None = None
