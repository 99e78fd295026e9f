"""
``telegut cohort check|load TABLE``: a clinic's own control group, checked as the page ``/cohorts`` does.

``check`` needs no server and no database. ``load`` keeps the group as a draft of the person named by ``--as``; somebody
else approves it on the page, for whoever may read the database still is not two people. Exit 0 taken, 2 refused: every
finding on standard error, each with its name. Nobody's values are ever printed.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from telegut.cli import database, flags
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.preparation import schema_state
from telegut.errors import Invalid, TelegutError
from telegut.settings import Settings

if TYPE_CHECKING:
    from telegut.accounts.people import Person
    from telegut.db.engine import Transaction
    from telegut.reports.cohorts.bodies import CohortAnswer

KEEPERS: Final = ("consultant", "admin")
"""Who loads groups over HTTP, and so here."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with which table, what is said about it, and every setting."""
    parser.add_argument("act", choices=("check", "load"), help="check: says what is wrong; load: keeps it as a draft")
    parser.add_argument("table", type=Path, help="one line a person, one column a genus (docs/comparison.md)")
    parser.add_argument("--facts", type=Path, help="JSON: who the people are, how they were measured; load needs it")
    parser.add_argument("--unit", choices=("percent", "reads"), help="check without facts: what the table holds")
    parser.add_argument("--as", dest="loader", metavar="EMAIL", help="load: the consultant or administrator who does")
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    flags.add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Check the table; with ``load`` keep it."""
    table, facts = _read(args.table), _facts(args)
    wrong = _check(table, facts)
    if args.act == "check" or wrong:
        return _say(wrong, _summary(table, facts), as_json=args.json)
    if not args.facts or not args.loader:
        raise CommandFailed(Exit.USAGE, "load needs --facts FILE and --as EMAIL.")
    try:
        kept = asyncio.run(_load(flags.load(args), args.loader, facts, table))
    except Invalid as refusal:
        return _say([f"{one.field}: {one.message}" for one in refusal.errors], {}, as_json=args.json)
    except TelegutError as refusal:
        raise CommandFailed(Exit.USAGE, refusal.message) from refusal
    about = f"{kept.about.name}, version {kept.version}, {kept.about.n} people, id {kept.id}"
    print(kept.model_dump_json() if args.json else f"Kept as a draft: {about}. Somebody else approves it on /cohorts.")
    return Exit.DONE


def _read(path: Path) -> bytes:
    from telegut.reports.cohorts.loading import MOST_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)  # one more than is taken: `loading.load` then refuses it by name
    except OSError as exc:
        raise CommandFailed(Exit.USAGE, f"{path}: {exc.strerror}") from exc


def _facts(args: argparse.Namespace) -> dict[str, Any]:
    """The same object as the API's ``facts``; of a check without them the unit alone."""
    from telegut.reports.cohorts.bodies import FactsBody
    from telegut.web.api import check_text, validated

    if args.facts is None:
        return {"unit": args.unit or "percent"}
    try:
        value = json.loads(_read(args.facts))
        check_text(value)
        return validated(FactsBody, value).model_dump()
    except (ValueError, RecursionError) as exc:
        raise CommandFailed(Exit.USAGE, f"{args.facts} is not JSON.") from exc
    except Invalid as refusal:
        said = "; ".join(f"{one.field}: {one.message}" for one in refusal.errors) or refusal.message
        raise CommandFailed(Exit.USAGE, f"{args.facts}: {said}") from refusal


def _check(table: bytes, facts: dict[str, Any]) -> list[str]:
    """What keeps the table out: the name of each finding, and a sentence."""
    from telegut.reports.cohorts.loading import load
    from telegut.reports.cohorts.service import wrong_facts

    about = [f"{one.field}: {one.message}" for one in wrong_facts(facts)] if "region" in facts else []
    found = load(table, facts["unit"], facts.get("confirmed", ()))
    wrong = [f"{one.code}: {one.text}" for one in found.findings if one.blocks]
    if found.unknown and facts.get("unknown") != "leave_out":
        names = ", ".join(f"“{name}”" for name in found.unknown)
        wrong.append(f"names_not_known: {names}: groups of organisms? In the facts: confirmed, or unknown: leave_out.")
    return about + wrong


def _summary(table: bytes, facts: dict[str, Any]) -> dict[str, Any]:
    from telegut.reports.cohorts.loading import load

    found = load(table, facts["unit"], facts.get("confirmed", ()))
    notes = [{"code": one.code, "text": str(one.text)} for one in found.findings if not one.blocks]
    return {"people": len(found.people), "genera": len(found.genera), "depth": found.depth, "notes": notes}


def _say(wrong: list[str], summary: dict[str, Any], *, as_json: bool) -> int:
    if wrong:
        print("\n".join(f"Not taken: {one}" for one in wrong), file=sys.stderr)
        return Exit.USAGE
    if as_json:
        print(json.dumps(summary, ensure_ascii=False))
        return Exit.DONE
    depth = "not stated for everybody" if summary["depth"] is None else f"{summary['depth']:,} reads at least"
    print(f"Can be taken: {summary['people']} people, {summary['genera']} genera, depth {depth}.")
    print("".join(f"Please note: {one['text']}\n" for one in summary["notes"]), end="")
    return Exit.DONE


async def _load(settings: Settings, email: str, facts: dict[str, Any], table: bytes) -> CohortAnswer:
    from telegut.composition import build_foundation
    from telegut.db.caller import Caller
    from telegut.reports.cohorts.bodies import CohortAnswer
    from telegut.reports.cohorts.service import Cohorts

    async with database.opened(settings) as url:
        if await schema_state(url) != "current":
            raise CommandFailed(Exit.NO_DATABASE, "the schema is not current; telegut migrate brings it up to date.")
        base = build_foundation(dataclasses.replace(settings, database_url=url))
        try:
            async with base.db.begin(Caller.system("command line: who loads a comparison group")) as tx:
                loader = await _keeper(tx, email)
            caller = Caller(account=loader.id, roles=frozenset(loader.roles), name=loader.name, reason="command line")
            kept = await Cohorts(base.db, base.vault, base.now).load(caller, facts, table, unit=facts["unit"])
            return CohortAnswer.of(kept)
        finally:
            await base.db.dispose()


async def _keeper(tx: Transaction, email: str) -> Person:
    from telegut.accounts import people

    for one in await people.with_role(tx, *KEEPERS):
        address = await people.mail_address(tx, one.id)
        if address and address.casefold() == email.strip().casefold():
            return one
    raise CommandFailed(Exit.USAGE, f"no consultant or administrator here signs in as {email}.")
