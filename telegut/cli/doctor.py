"""``telegut doctor``: looks at an installation, changes nothing, and says what is missing and what to do."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
import platform
import resource
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final, Literal

from telegut.cli import database, flags, listening, preparation
from telegut.cli.exits import CommandFailed, Exit
from telegut.db.binaries import EmbeddedPostgresError, find_root
from telegut.db.embedded import running_url
from telegut.settings import Settings

FREE_BYTES: Final = 1024**3
"""Below this much free space uploads and the database's log may fill the disk within a day."""
OPEN_FILES: Final = 4096
"""Fewer than this and a few thousand sockets cannot be open at once."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    state: Literal["ok", "warning", "failed"]
    detail: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How to answer, and every setting."""
    parser.add_argument("--json", action="store_true", help="answer with one JSON object a line")
    flags.add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Look at everything; 1 when something must be mended."""
    findings = asyncio.run(_all(flags.load(args)))
    for one in findings:
        print(json.dumps(dataclasses.asdict(one)) if args.json else f"{one.state:<8} {one.check:<12} {one.detail}")
    return Exit.FAILED if any(one.state == "failed" for one in findings) else Exit.DONE


async def _all(settings: Settings) -> list[Finding]:
    machine = [_python(), _zones(), _open_files(), _data_folder(settings), _address(settings), _pages()]
    machine.append(await _files(settings))
    return [*machine, *[one async for one in _database(settings)]]


def _python() -> Finding:
    return Finding("python", "ok", f"{platform.python_version()} on {sys.platform}, telegut {version('telegut')}")


def _zones() -> Finding:
    return Finding("zone data", "ok", f"tzdata {version('tzdata')}")


def _open_files() -> Finding:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < OPEN_FILES:
        return Finding(
            "open files", "warning", f"this account may open {most} files; raise it to {OPEN_FILES} (ulimit -n)"
        )
    return Finding("open files", "ok", f"up to {most}")


def _data_folder(settings: Settings) -> Finding:
    existing = next(
        folder for folder in (settings.data.absolute(), *settings.data.absolute().parents) if folder.exists()
    )
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding("data folder", "failed", f"{existing} cannot be written; choose another folder with --data")
    free = shutil.disk_usage(existing).free
    state: Literal["ok", "warning"] = "ok" if free >= FREE_BYTES else "warning"
    return Finding("data folder", state, f"{settings.data}, {free / 1024**3:.1f} GiB free")


def _address(settings: Settings) -> Finding:
    try:
        listening.check_safe(settings)
        with listening.bind(settings.listen):
            return Finding("address", "ok", f"{settings.listen} is free")
    except CommandFailed as failure:
        busy = failure.exit == Exit.ADDRESS_TAKEN
        return Finding("address", "warning" if busy else "failed", str(failure))


async def _files(settings: Settings) -> Finding:
    """Whether files in messages are scanned, by asking the scanner about nothing."""
    from telegut.messaging.uploads.scanner import Clamd, ScannerAway

    if not settings.clamd:
        if settings.takes_unscanned:
            return Finding("files", "warning", "files in messages are taken and not scanned for viruses (--clamd)")
        return Finding("files", "warning", "no virus scanner (--clamd): messages take no files")
    try:
        await Clamd(settings.clamd, settings.clamd_s).harmful(b"")
    except ScannerAway:
        return Finding("files", "failed", f"the virus scanner at {settings.clamd} does not answer; files wait for it")
    return Finding("files", "ok", f"scanned by clamd at {settings.clamd}")


def _pages() -> Finding:
    from telegut.web.assets import built_folder

    folder = built_folder()
    if (folder / "manifest.json").exists():
        return Finding("pages", "ok", f"built, in {folder}")
    return Finding("pages", "failed", "the pages' scripts and styles are not built; run ./run build")


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    """The database, its schema and its keys, without starting or making anything."""
    try:
        url = settings.database_url or await running_url(database.home(settings))
        if url is None:
            yield Finding("database", "ok", f"embedded, not running now; programs in {find_root()}")
            return
        await database.check_server(url, settings)
        yield Finding("database", "ok", "answers")
        state = await preparation.schema_state(url)
    except (CommandFailed, EmbeddedPostgresError) as failure:
        yield Finding("database", "failed", str(failure))
        return
    if state != "current":
        yield Finding("schema", "warning", f"{state}; telegut migrate brings it up to date")
    else:
        yield Finding("schema", "ok", "current")
        yield await _keys(dataclasses.replace(settings, database_url=url))
        yield await _notices(dataclasses.replace(settings, database_url=url))


async def _notices(settings: Settings) -> Finding:
    """What became of the last day's mails."""
    connection = await database.connect(settings.database_url)
    try:
        rows = await connection.fetch(
            "SELECT state, count(*) AS number FROM notices_notice"
            " WHERE created_at > now() - interval '24 hours' GROUP BY state"
        )
    finally:
        await connection.close()
    counts: dict[str, int] = {row["state"]: row["number"] for row in rows}
    unsent = {state: counts.get(state, 0) for state in ("not_configured", "refused", "waiting")}
    said = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in unsent.items() if number)
    if not settings.smtp_url:
        return Finding("notices", "warning", f"no mail server (--smtp-url): {said or 'nothing waited for one'} in 24 h")
    return Finding("notices", "warning" if unsent["refused"] else "ok", f"{said or 'nothing is waiting'} in 24 h")


async def _keys(settings: Settings) -> Finding:
    try:
        used = await preparation.root_keys_in_use(settings.database_url)
        preparation.check_keys(settings.root_key_path, used)
        return Finding("keys", "ok", f"{settings.root_key_path} fits this database")
    except CommandFailed as failure:
        return Finding("keys", "failed", str(failure))
