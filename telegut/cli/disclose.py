"""``telegut disclose``: a conversation for a legal request, with the words that were taken back."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
from uuid import UUID

from telegut.cli import database, flags
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.preparation import schema_state
from telegut.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which conversation, for which request, and every setting."""
    parser.add_argument("conversation", type=UUID, help="the id of the conversation")
    parser.add_argument(
        "--reference", required=True, help="the file number of the request, no names; written into the audit"
    )
    flags.add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Print one JSON object a line; each page of it is in the audit."""
    return asyncio.run(_run(flags.load(args), args.conversation, args.reference))


async def _run(settings: Settings, conversation: UUID, reference: str) -> int:
    async with database.opened(settings) as url:
        if await schema_state(url) != "current":
            raise CommandFailed(Exit.NO_DATABASE, "the schema is not current; telegut migrate brings it up to date.")
        await _print(dataclasses.replace(settings, database_url=url), conversation, reference)
    return Exit.DONE


async def _print(settings: Settings, conversation: UUID, reference: str) -> None:
    from telegut.composition import build_foundation
    from telegut.errors import TelegutError
    from telegut.messaging.threads.disclosure import disclosed

    base = build_foundation(settings)
    try:
        async for entry in disclosed(base.db, base.vault, conversation, reference):
            print(json.dumps(entry))
    except TelegutError as refusal:
        raise CommandFailed(Exit.FAILED, refusal.message) from refusal
    finally:
        await base.db.dispose()
