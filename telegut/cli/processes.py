"""The three kinds of process, each as a supervisor starts it or on its own: ``web``, ``media``, ``worker``."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Final

from setproctitle import setproctitle

from telegut import logs
from telegut.cli import database, listening
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.supervisor import raise_open_file_limit
from telegut.db.embedded import running_url
from telegut.settings import Settings

WORKER_NICENESS: Final = 5
"""Work that can wait gives way to people who are waiting, where both want the same processor; see nice(2)."""

KINDS: Final = ("web", "media", "worker")


def run_process(kind: str, settings: Settings, handle: int | None = None) -> int:
    """Be one process of *kind* until told to stop; *handle* is the listening socket that the supervisor took.

    Raises:
        CommandFailed: there is no database to work with, or the address is taken.
    """
    numbered = kind == "media" and settings.media_number
    setproctitle(f"telegut {kind} {settings.media_number}" if numbered else f"telegut {kind}")
    raise_open_file_limit()
    logs.configure(kind)
    if not settings.database_url and kind != "media":
        settings = _joined(settings)
    match kind:
        case "web":
            return _until_told(kind, lambda: _web(settings, handle))
        case "worker":
            return _until_told(kind, lambda: _worker(settings))
        case _:
            return _until_told(kind, lambda: _media(settings))


async def _web(settings: Settings, handle: int | None) -> None:
    from aiohttp import web

    from telegut.app import build_app
    from telegut.web.connections import Runner

    if handle is None:
        listening.check_safe(settings)
        taken = listening.bind(settings.listen)
        settings = listening.settled(settings, taken)
    else:
        taken = socket.socket(fileno=handle)
    runner = Runner(build_app(settings), shutdown_timeout=settings.shutdown_s)
    await runner.setup()
    try:
        await web.SockSite(runner, taken, backlog=listening.BACKLOG).start()
        _keep_what_is_loaded()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _worker(settings: Settings) -> None:
    from telegut.app import run_worker

    if hasattr(os, "nice"):
        os.nice(WORKER_NICENESS)
    _keep_what_is_loaded()
    await run_worker(settings)


async def _media(settings: Settings) -> None:
    from telegut.rooms.media.worker import Worker

    worker = Worker(settings)
    # Asked to end, it waits for its calls first; SIGINT, or SIGTERM again, ends it at once.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.drain)
    await worker.run()


def _keep_what_is_loaded() -> None:
    """What is loaded by now stays: later collections of garbage need not look at it."""
    gc.collect()
    gc.freeze()


def _until_told(kind: str, work: Callable[[], Awaitable[None]]) -> int:
    """Run *work* until it ends or a signal asks for a stop, which it meets as a cancellation."""

    async def main() -> int:
        task = asyncio.ensure_future(work())
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        try:
            await task
        except CommandFailed:
            raise
        except asyncio.CancelledError:
            return Exit.DONE
        except Exception as error:  # the last one who could tell; the text of an error may hold what a person wrote
            logs.get(kind).error("process.crashed", error=type(error).__name__, where=logs.where(error))
            return Exit.FAILED
        return Exit.DONE

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(main())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it exists: a sixth less CPU for each request."""
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


def _joined(settings: Settings) -> Settings:
    """*settings* with the embedded database that another telegut runs in the same data folder."""
    url = asyncio.run(running_url(database.home(settings)))
    if url is None:
        raise CommandFailed(
            Exit.NO_DATABASE,
            "a process alone needs a database: set TELEGUT_DATABASE_URL, or run `telegut serve` on this data folder.",
        )
    return dataclasses.replace(settings, database_url=url)
