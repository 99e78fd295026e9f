"""``telegut migrate``: bring the database to the schema that this telegut needs."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from sqlalchemy.exc import DBAPIError

from telegut.cli import database, flags
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.preparation import schema_state
from telegut.db import schema
from telegut.migrations.runner import migrate
from telegut.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to change anything, how to answer, and every setting."""
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when steps are missing")
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    flags.add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Migrate, or look whether there is something to migrate."""
    return asyncio.run(_run(flags.load(args), check=args.check, as_json=args.json))


async def _run(settings: Settings, *, check: bool, as_json: bool) -> int:
    async with database.opened(settings) as url:
        state = await schema_state(url)
        if state == "ahead":
            raise CommandFailed(Exit.NO_DATABASE, "the database was made by a newer telegut; start that one.")
        if not check and state != "current":
            await _migrate(url)
            state = await schema_state(url)
    facts = {"state": state, "revision": schema.expected_revision() if state == "current" else None}
    if as_json:
        print(json.dumps(facts))
    else:
        print(f"The schema is {state}." if state != "empty" else "The database has no schema yet.")
    return Exit.DONE if state == "current" else Exit.FAILED


async def _migrate(url: str) -> None:
    print(f"Bringing the database to {schema.expected_revision()} …", file=sys.stderr)
    try:
        await migrate(url)
    except DBAPIError as error:
        raise CommandFailed(Exit.FAILED, f"a migration step failed, the steps before it stay: {error.orig}") from error
