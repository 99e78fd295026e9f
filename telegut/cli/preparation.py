"""What must be true before the first process serves: the data folder is ours, the schema is current, the keys fit."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from telegut.cli import database
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.flags import child_environment
from telegut.cli.itself import COMMAND
from telegut.db import schema
from telegut.settings import Settings


def open_data_folder(folder: Path) -> IO[str]:
    """Make *folder* when it is missing and keep every other server out of it while the returned file stays open.

    Raises:
        CommandFailed: it is in use, cannot be written, or the disk is full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "lock").open("a+")
        lock.seek(0)
        holder = lock.read().strip()
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        return lock
    except BlockingIOError as error:
        known = f" (process {holder})" if holder else ""
        raise CommandFailed(
            Exit.DATA_IN_USE,
            f"another telegut{known} is using {folder}. Stop it first, or choose another folder with --data.",
        ) from error
    except OSError as error:
        raise data_folder_failed(folder, error) from error


def data_folder_failed(folder: Path, error: OSError) -> CommandFailed:
    """What the operating system says about the data folder, as the end of a command."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return CommandFailed(Exit.DISK_FULL, f"there is no space left on the disk that holds {folder}.")
    return CommandFailed(
        Exit.NOT_WRITABLE,
        f"cannot write to {folder}: {error.strerror}. Choose a folder of this account with --data.",
    )


async def ensure_schema(settings: Settings, environ: Mapping[str, str]) -> None:
    """Migrate the database when it is behind, in a process of its own so that nothing of it stays in ours.

    Raises:
        CommandFailed: the database is newer than this telegut, or a step fails.
    """
    state = await schema_state(settings.database_url)
    if state == "current":
        return
    if state == "ahead":
        raise CommandFailed(Exit.NO_DATABASE, "the database was made by a newer telegut; start that one.")
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "migrate", env=child_environment(settings, environ), stdout=sys.stderr
    )
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if code:
        raise CommandFailed(Exit.NO_DATABASE, "the database could not be brought to this telegut's schema; see above.")


async def schema_state(url: str) -> schema.State:
    """Whether the database at *url* fits this telegut."""
    connection = await database.connect(url)
    try:
        return schema.judge(await schema.installed_revision(connection.fetchval))
    finally:
        await connection.close()


async def ensure_keys(settings: Settings) -> None:
    """See that the root key is there and belongs to this database; make one for a database that has none yet.

    Raises:
        CommandFailed: the database holds sealed records and their key is missing, or another one lies there.
    """
    path = settings.root_key_path
    used = await root_keys_in_use(settings.database_url)
    try:
        if not used and not path.exists():
            from telegut.db.sealed import RootKey

            RootKey.create(path)
    except OSError as error:
        raise data_folder_failed(path.parent, error) from error
    check_keys(path, used)


def check_keys(path: Path, used: set[str]) -> None:
    """Whether the root key at *path* opens what the root keys named in *used* sealed.

    Raises:
        CommandFailed: it is missing, unreadable or another one.
    """
    try:
        held = path.read_text().split()[:1]
    except FileNotFoundError:
        held = []
    except OSError as error:
        raise CommandFailed(Exit.KEYS_MISSING, f"the key in {path} cannot be read: {error.strerror}.") from error
    if used and not held:
        raise CommandFailed(
            Exit.KEYS_MISSING,
            f"the database holds sealed records and {path} is missing. Bring the keys back from their backup, "
            "or name them with TELEGUT_ROOT_KEY_FILE.",
        )
    if used - set(held):
        raise CommandFailed(Exit.KEYS_MISSING, f"the key in {path} is not the one that sealed this database's records.")


async def root_keys_in_use(url: str) -> set[str]:
    """The ids of the root keys that this database's records depend on."""
    connection: Any = await database.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT DISTINCT root::text AS root FROM db_patient_key WHERE destroyed_at IS NULL"
        )
        return {row["root"] for row in rows}
    finally:
        await connection.close()
