"""Who could translate: one person by id, or everybody who speaks a language, in the order of fairness."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Text, bindparam, func, or_, select

from telegut.db.engine import Transaction
from telegut.errors import FieldError, Invalid
from telegut.scheduling.appointments import INTERPRETER
from telegut.scheduling.calendars import FAIR_OVER
from telegut.scheduling.choice import tags
from telegut.scheduling.choice.tables import language
from telegut.scheduling.tables import calendar, participant

_RECENT = (
    select(func.count())
    .where(
        participant.c.person == calendar.c.practitioner,
        participant.c.part == INTERPRETER,
        participant.c.made_at > func.statement_timestamp() - FAIR_OVER,
        participant.c.active,
        participant.c.hold.is_(None),
    )
    .scalar_subquery()
)
_SPEAKING = (
    select(calendar.c.practitioner)
    .where(
        calendar.c.role == INTERPRETER,
        select(language.c.tag)
        .where(
            language.c.practitioner == calendar.c.practitioner,
            or_(
                func.lower(language.c.tag) == bindparam("tag", type_=Text),
                func.lower(language.c.tag).startswith(bindparam("tag_before", type_=Text)),
            ),
        )
        .exists(),
    )
    .order_by(_RECENT, calendar.c.practitioner)
)


class NobodyTranslates(Invalid):
    """Nobody here translates that."""


async def candidates(tx: Transaction, wish: str) -> tuple[UUID, ...]:
    """
    Everybody whom a wish for an interpreter means: the one with this id, or those who speak this language.

    Who translated least in the last days comes first, ties by id, as with practitioners.

    Raises:
        NobodyTranslates: there is no such interpreter, nobody speaks the language, or it is neither.
    """
    found = await _by_id(tx, wish) if _is_id(wish) else await _by_language(tx, wish)
    if not found:
        raise NobodyTranslates(errors=[FieldError("interpreter", "Nobody here translates that.")])
    return found


async def spoken(tx: Transaction) -> list[str]:
    """Every language that some interpreter speaks, in the order of their tags."""
    statement = (
        select(language.c.tag)
        .distinct()
        .join(calendar, calendar.c.practitioner == language.c.practitioner)
        .where(calendar.c.role == INTERPRETER)
        .order_by(language.c.tag)
    )
    return list((await tx.execute(statement)).scalars())


def _is_id(wish: str) -> bool:
    try:
        UUID(wish)
    except ValueError:
        return False
    return True


async def _by_id(tx: Transaction, wish: str) -> tuple[UUID, ...]:
    statement = select(calendar.c.practitioner).where(
        calendar.c.practitioner == UUID(wish), calendar.c.role == INTERPRETER
    )
    return tuple((await tx.execute(statement)).scalars())


async def _by_language(tx: Transaction, wish: str) -> tuple[UUID, ...]:
    try:
        tag = tags.canonical(wish).lower()
    except ValueError as exc:
        raise NobodyTranslates(errors=[FieldError("interpreter", "Give a language such as de, or an id.")]) from exc
    return tuple((await tx.execute(_SPEAKING, {"tag": tag, "tag_before": f"{tag}-"})).scalars())
