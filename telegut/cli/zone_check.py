"""``telegut zone-check``: which visits ahead mean another instant by the zone data in use than was kept."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING

from telegut.cli import database, flags
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.preparation import schema_state
from telegut.settings import Settings

if TYPE_CHECKING:
    from telegut.scheduling.zone_check.store import Moved


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to tell anybody, how to answer, and every setting."""
    parser.add_argument(
        "--apply",
        action="store_true",
        help="tell both sides and put the visits on the clinic's list, as a worker does by itself; moves nothing",
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object a line")
    flags.add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Look; 0 when every visit ahead keeps its hour, 1 when some would move."""
    return asyncio.run(_run(flags.load(args), apply=args.apply, as_json=args.json))


async def _run(settings: Settings, *, apply: bool, as_json: bool) -> int:
    from telegut.scheduling import zones

    async with database.opened(settings) as url:
        if await schema_state(url) != "current":
            raise CommandFailed(Exit.NO_DATABASE, "the schema is not current; telegut migrate brings it up to date.")
        found = await _found(dataclasses.replace(settings, database_url=url), apply=apply)
    _show(found, zones.data_version(), as_json=as_json)
    return Exit.FAILED if found else Exit.DONE


async def _found(settings: Settings, *, apply: bool) -> Sequence[Moved]:
    from telegut.composition import build_foundation, build_services

    base = build_foundation(settings)
    check = build_services(base).zone_check
    try:
        return await check.check(again=True) if apply else await check.look()
    finally:
        await base.db.dispose()


def _show(found: Sequence[Moved], version: str, *, as_json: bool) -> None:
    for one in found:
        facts = {
            "appointment": str(one.appointment),
            "zone": one.zone,
            "agreed_start": one.agreed_start.isoformat(timespec="minutes"),
            "start": _utc(one.start.astimezone(UTC).isoformat()),
            "would_be": _utc(one.would_be.astimezone(UTC).isoformat()),
            "zone_data": version,
        }
        print(
            json.dumps(facts)
            if as_json
            else "{appointment}  {agreed_start} {zone}: {start} → {would_be}".format(**facts)
        )
    if not as_json:
        number = f"{len(found)} visits mean" if len(found) != 1 else "One visit means"
        print(
            f"{number} another instant by tzdata {version}."
            if found
            else f"Every visit keeps its hour (tzdata {version})."
        )


def _utc(text: str) -> str:
    return text.replace("+00:00", "Z")
