"""
What a message or a step of the plan can point at, asked of the domains that have it: a finding or a report, a step of
the plan, a day of the diary, a visit, a message. Each question sees only what the caller of its transaction may.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from telegut.careplan.anchors import has_step
from telegut.careplan.noted.rules import Noted, NotedKind
from telegut.careplan.noted.service import Exists as NotedExists
from telegut.db.engine import Transaction
from telegut.db.sealed import Vault
from telegut.messaging.anchors import Exists
from telegut.messaging.extras import Cite, CiteKind
from telegut.messaging.placed import has_message
from telegut.outcomes.anchors import has_diary_day
from telegut.reports.anchors import has_finding, has_report
from telegut.scheduling.anchors import has_visit

NUMBER_LONGEST = 15
"""Digits of a message's number: more than any conversation has, fewer than the database's integers."""


async def _report(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    report = _uuid(cite.id)
    return report is not None and await has_report(tx, patient, report)


def _finding(vault: Vault) -> Exists:
    async def ask(tx: Transaction, patient: UUID, cite: Cite) -> bool:
        report = _uuid(cite.id)
        return report is not None and await has_finding(tx, vault, patient, report, cite.place or "")

    return ask


async def _step(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    step = _uuid(cite.id)
    return step is not None and await has_step(tx, patient, step)


async def _diary_day(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    try:
        day = date.fromisoformat(cite.id)
    except ValueError:
        return False
    return await has_diary_day(tx, patient, day)


async def _visit(tx: Transaction, patient: UUID, cite: Cite) -> bool:
    visit = _uuid(cite.id)
    return visit is not None and await has_visit(tx, patient, visit)


def _noted_finding(vault: Vault) -> NotedExists:
    finding = _finding(vault)

    async def ask(tx: Transaction, patient: UUID, noted: Noted) -> bool:
        return await finding(tx, patient, Cite(CiteKind.FINDING, noted.id, noted.place))

    return ask


async def _noted_day(tx: Transaction, patient: UUID, noted: Noted) -> bool:
    return await _diary_day(tx, patient, Cite(CiteKind.DIARY_DAY, noted.id))


async def _noted_message(tx: Transaction, patient: UUID, noted: Noted) -> bool:
    name, _, number = noted.id.partition(":")
    conversation = _uuid(name)
    whole = number.isascii() and number.isdigit() and len(number) <= NUMBER_LONGEST
    return conversation is not None and whole and await has_message(tx, patient, conversation, int(number))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def anchors(vault: Vault) -> Mapping[CiteKind, Exists]:
    """The question for each kind of place; *vault* opens what a report found."""
    return {
        CiteKind.FINDING: _finding(vault),
        CiteKind.PLAN_STEP: _step,
        CiteKind.DIARY_DAY: _diary_day,
        CiteKind.REPORT: _report,
        CiteKind.VISIT: _visit,
    }


def noted_anchors(vault: Vault) -> Mapping[NotedKind, NotedExists]:
    """The same for what a step of the plan cites."""
    return {
        NotedKind.FINDING: _noted_finding(vault),
        NotedKind.DIARY_DAY: _noted_day,
        NotedKind.MESSAGE: _noted_message,
    }
