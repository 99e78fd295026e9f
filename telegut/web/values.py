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
    GetCoreSchemaHandler,
    PlainSerializer,
    field_validator,
)
from pydantic_core import CoreSchema, core_schema

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


_SCALARS = frozenset({"bool", "int", "float"})
"""Schemas of pydantic that would take the text ``"1"`` for a number and the number 1 for a truth."""
_TIMES = frozenset({"date", "time", "datetime", "timedelta"})
"""Schemas of pydantic that would take a number, or a text of digits, for the seconds since 1970."""
_NO_SCHEMAS = frozenset({"default", "metadata", "serialization"})


def _no_seconds(value: Any) -> Any:
    if isinstance(value, (int, float)) or (isinstance(value, str) and value.strip().lstrip("+-").isdecimal()):
        raise ValueError("is a day or a time as text, such as 2026-11-24 or 15:30")
    return value


def _exactly(schema: Any) -> None:
    """Let nothing stand for a number, a truth, a day or a time of *schema* but one."""
    if isinstance(schema, dict):
        kind = schema.get("type")  # a field may have that name: then it is a schema and no word
        if isinstance(kind, str) and kind in _SCALARS:
            schema["strict"] = True
        if isinstance(kind, str) and kind in _TIMES:
            plain = dict(schema)
            schema.clear()
            schema.update(core_schema.no_info_before_validator_function(_no_seconds, plain))
            return
        for name, part in schema.items():
            if not isinstance(kind, str) or name not in _NO_SCHEMAS:  # a field may be called so
                _exactly(part)
    elif isinstance(schema, list):
        for part in schema:
            _exactly(part)


class Body(BaseModel):
    """
    What a client sends. Unknown fields are refused, and so is what would have to be taken for something else: ``1`` is
    no truth, ``"1"`` no number. Dates, ids and choices come as text, as JSON has it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        _exactly(schema)
        return schema

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
