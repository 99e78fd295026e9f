"""``telegut demo``: the server with a demonstration clinic in it, made once, and who can sign in."""

from __future__ import annotations

import argparse
import asyncio
import json
import os

from telegut.cli import flags
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.itself import COMMAND
from telegut.cli.seed import sign_ins
from telegut.cli.supervisor import supervise
from telegut.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Every setting."""
    flags.add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Serve the demonstration until told to stop."""
    return supervise("demo", flags.load(args, mode="demo"), seeding=_seeded)


async def _seeded(settings: Settings) -> str:
    """Make the clinic in a process of its own; return the sign-ins to print."""
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "seed", "--fixture", "demo", "--json"),
        env=flags.child_environment(settings, os.environ),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        raise CommandFailed(Exit.FAILED, "the demonstration clinic could not be made; the reason is above.")
    return f"sign in at {settings.origin}/sign-in as one of\n{sign_ins(json.loads(said))}"
