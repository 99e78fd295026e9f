"""``telegut seed``: fill an empty database with a clinic that is known, for demonstration or for acceptance tests."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
from collections.abc import Mapping
from typing import Any, Final

from telegut.cli import database, flags, preparation
from telegut.cli.exits import CommandFailed, Exit
from telegut.errors import TelegutError
from telegut.settings import Settings

FIXTURES: Final = ("acceptance", "demo")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which clinic, how to answer, and every setting."""
    parser.add_argument("--fixture", choices=FIXTURES, required=True, help="the clinic to make")
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    flags.add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Make the clinic and say who can sign in."""
    facts = asyncio.run(_run(flags.load(args), args.fixture))
    print(json.dumps(facts, ensure_ascii=False) if args.json else sign_ins(facts))
    return Exit.DONE


def sign_ins(facts: Mapping[str, Any]) -> str:
    """Who can sign in, as a table for people."""
    rows = [[str(one.get(name) or "") for name in ("role", "name", "email", "password")] for one in facts["accounts"]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


async def _run(settings: Settings, fixture: str) -> Mapping[str, Any]:
    async with database.opened(settings) as url:
        settings = dataclasses.replace(settings, database_url=url)
        await preparation.ensure_schema(settings, os.environ)
        await preparation.ensure_keys(settings)
        try:
            return await _fill(settings, fixture)
        except TelegutError as refusal:
            raise CommandFailed(Exit.USAGE, str(refusal)) from refusal


async def _fill(settings: Settings, fixture: str) -> Mapping[str, Any]:
    """The one place where the command line meets `telegut.demonstration`."""
    from telegut import demonstration

    seed = demonstration.seed_acceptance if fixture == "acceptance" else demonstration.seed_demo
    return await seed(settings)
