"""Forms and their versions: reading the current one, publishing the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, insert, select, update

from telegut.db.engine import Transaction, on_violation
from telegut.db.ids import new_id
from telegut.errors import Conflict, FieldError, Invalid, NotFound
from telegut.scheduling.intake.document import from_document, to_document
from telegut.scheduling.intake.rules import Content
from telegut.scheduling.intake.tables import form, version
from telegut.scheduling.tables import service


class FormChanged(Conflict):
    """Somebody has published another version of this form. Please look at it again."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked before one kind of visit, at one version."""

    id: UUID
    service: UUID
    version: int
    content: Content


def _statement() -> Select[Any]:
    current = (version.c.form == form.c.id) & (version.c.version == form.c.version)
    return select(form.c.id, form.c.service, version.c.version, version.c.content).join(version, current)


async def every(tx: Transaction) -> list[Form]:
    """Every form, at its current version."""
    return [_form(row) for row in await tx.execute(_statement().order_by(form.c.id))]


async def of_service(tx: Transaction, wanted: UUID) -> Form | None:
    """The current form for a kind of visit; None: nothing is asked."""
    row = (await tx.execute(_statement().where(form.c.service == wanted, form.c.asks))).one_or_none()
    return _form(row) if row is not None else None


async def one(tx: Transaction, wanted: UUID) -> Form:
    """
    One form at its current version.

    Raises:
        NotFound: there is none.
    """
    row = (await tx.execute(_statement().where(form.c.id == wanted))).one_or_none()
    if row is None:
        raise NotFound
    return _form(row)


async def at_version(tx: Transaction, wanted: UUID, number: int) -> Form:
    """A form as it was at a version, for answers that were given to it."""
    statement = select(form.c.id, form.c.service, version.c.version, version.c.content).join(
        version, version.c.form == form.c.id
    )
    row = (await tx.execute(statement.where(form.c.id == wanted, version.c.version == number))).one()
    return _form(row)


async def publish(tx: Transaction, wanted: UUID, content: Content, base: int) -> Form:
    """
    Make *content* the form for a kind of visit; sheets that were begun keep their version.

    base: the version that the change is based on, 0 for the first.

    Raises:
        Invalid: there is no such kind of visit. FormChanged: not based on the current version.
    """
    if await tx.scalar(select(service.c.id).where(service.c.id == wanted)) is None:
        raise Invalid(errors=[FieldError("service", "There is no such kind of visit.")])
    asks = bool(content.questions)
    if base == 0:
        made = new_id()
        with on_violation(scheduling_form_service_key=FormChanged):
            await tx.execute(insert(form).values(id=made, service=wanted, version=1, asks=asks))
    else:
        changed = (
            update(form)
            .where(form.c.service == wanted, form.c.version == base)
            .values(version=base + 1, asks=asks)
            .returning(form.c.id)
        )
        found = await tx.scalar(changed)
        if found is None:
            raise FormChanged
        made = found
    row = {
        "form": made,
        "version": base + 1,
        "content": to_document(content),
        "published_at": func.statement_timestamp(),
        "published_by": tx.caller.account,
    }
    await tx.execute(insert(version).values(row))
    return Form(made, wanted, base + 1, content)


def _form(row: Row[Any]) -> Form:
    return Form(row.id, row.service, row.version, from_document(row.content))
