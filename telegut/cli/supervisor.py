"""``telegut serve`` and ``telegut demo``: what a server needs, started in order, watched, stopped in reverse."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final

from setproctitle import setproctitle

from telegut.cli import database, listening, preparation
from telegut.cli.child import Child
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.flags import child_environment
from telegut.db.embedded import EmbeddedPostgres
from telegut.errors import Invalid
from telegut.settings import Settings

HOPELESS_DEATHS: Final = 3
"""A process that dies this often before the first ready will not get better."""
POLL_S: Final = 0.05
WATCH_S: Final = 0.2
GRACE_S: Final = 5.0
"""How much longer than its own ``shutdown_s`` a process gets before it is ended."""
NOTE_AFTER_S: Final = 15.0
RECOVERY_S: Final = 30.0
"""How long a dead database's last connections may keep its memory before a new start is given up."""

Seeding = Callable[[Settings], Coroutine[Any, Any, str]]
"""Fills the database while the processes start; returns what to print once all is ready."""


class Supervisor:
    """One server on one machine."""

    def __init__(self, name: str, settings: Settings, *, seeding: Seeding | None = None) -> None:
        self.name = name
        self.settings = settings
        self.seeding = seeding
        self.postgres: EmbeddedPostgres | None = None
        self.children: list[Child] = []
        self._signals = 0
        self._ready = False
        self._told_to_stop = asyncio.Event()

    async def run(self) -> int:
        """Serve until told to stop; return the exit code.

        Raises:
            CommandFailed: it could not start.
        """
        setproctitle(f"telegut {self.name}")
        raise_open_file_limit()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._signalled)
        listening.check_safe(self.settings)
        _check_media(self.settings)
        with preparation.open_data_folder(self.settings.data), listening.bind(self.settings.listen) as taken:
            self.settings = listening.settled(self.settings, taken)
            try:
                await self._serve(taken)
            finally:
                await self._stop()
        return Exit.DONE

    async def _serve(self, taken: socket.socket) -> None:
        """Start everything and watch it until told to stop or something gives up."""
        tasks = [asyncio.create_task(self._start(taken)), asyncio.create_task(self._told_to_stop.wait())]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            task.result()

    async def _start(self, taken: socket.socket) -> None:
        await self._open_database()
        await preparation.ensure_schema(self.settings, os.environ)
        await preparation.ensure_keys(self.settings)
        self.children = self._make_children(taken)
        async with asyncio.TaskGroup() as group:
            for child in self.children:
                group.create_task(child.keep())
            if self.postgres is not None:
                group.create_task(self._keep_postgres(self.postgres))
            seeded = group.create_task(self.seeding(self.settings)) if self.seeding is not None else None
            await self._wait_until_ready(taken)
            text = await seeded if seeded is not None else ""
            self._ready = True
            print(f"ready {self.settings.origin}", flush=True)
            if text:
                print(text, flush=True)

    async def _open_database(self) -> None:
        if self.settings.database_url:
            await database.check_server(self.settings.database_url, self.settings)
            return
        postgres = EmbeddedPostgres(database.home(self.settings))
        with database.explained():
            url = await postgres.start()
        self.postgres = postgres
        self.settings = dataclasses.replace(self.settings, database_url=url)

    def _make_children(self, taken: socket.socket) -> list[Child]:
        environment = child_environment(self.settings, os.environ)
        handle = taken.fileno()
        web = Child("web", ["serve", "--only", "web", "--handle", str(handle)], environment, self._say, (handle,))
        webs = [dataclasses.replace(web) for _ in range(self.settings.web_processes)]
        worker = Child("worker", ["serve", "--only", "worker"], environment, self._say)
        return [*self._make_media(), worker, *webs]

    def _make_media(self) -> list[Child]:
        made = []
        for number in range(self.settings.media_count):
            own = child_environment(dataclasses.replace(self.settings, media_number=number), os.environ)
            name = f"media {number}" if number else "media"
            # SIGTERM would have it wait for its calls; when everything ends there is nothing to wait for.
            made.append(Child(name, ["serve", "--only", "media"], own, self._say, ending=signal.SIGINT))
        return made

    async def _keep_postgres(self, postgres: EmbeddedPostgres) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            if postgres.pid is None:
                self._say("the database ended; starting it again.")
                with database.explained():
                    await postgres.restart(patience_s=RECOVERY_S)

    async def _wait_until_ready(self, taken: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        began, noted = loop.time(), False
        while True:
            ready, said = await listening.is_ready(taken)
            if ready:
                return
            for child in self.children:
                if child.back_off.deaths >= HOPELESS_DEATHS:
                    raise CommandFailed(
                        Exit.FAILED, f"the {child.name} process does not start; its own words are above."
                    )
            if not noted and loop.time() - began > NOTE_AFTER_S:
                noted = True
                self._say(f"not ready yet: {said or 'no answer'}")
            await asyncio.sleep(POLL_S)

    async def _stop(self) -> None:
        patience = self.settings.shutdown_s + GRACE_S
        await asyncio.gather(*(child.stop(patience) for child in self.children))
        if self.postgres is not None:
            await self.postgres.stop(now=self._signals > 1)

    def _signalled(self) -> None:
        """First signal: a clean stop. Second: now."""
        self._signals += 1
        if self._signals == 1:
            self._say("stopping; a second signal ends it at once.")
        else:
            for child in self.children:
                child.signal(signal.SIGKILL)
        self._told_to_stop.set()

    def _say(self, text: str) -> None:
        with contextlib.suppress(OSError):
            print(f"telegut {self.name}: {text}", file=sys.stderr, flush=True)


def _check_media(settings: Settings) -> None:
    """Refuse media processes elsewhere that could not be spoken with safely.

    Raises:
        CommandFailed: a certificate is missing or cannot be read.
    """
    from telegut.rooms.media import contacts

    try:
        contacts.contacts(settings)
        contacts.listening(settings)
    except Invalid as refusal:
        named = ", ".join(one.field for one in refusal.errors)
        raise CommandFailed(Exit.USAGE, f"{refusal}{' Missing: ' + named if named else ''}") from refusal


def raise_open_file_limit() -> None:
    """Let this process and its children open as many files and sockets as the machine allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def supervise(name: str, settings: Settings, *, seeding: Seeding | None = None) -> int:
    """Run a `Supervisor` to its end.

    Raises:
        CommandFailed: the server could not start.
    """

    async def main() -> int:
        try:
            return await Supervisor(name, settings, seeding=seeding).run()
        except* CommandFailed as failures:
            failure: BaseException = failures
            while isinstance(failure, BaseExceptionGroup):
                failure = failure.exceptions[0]
            raise failure from None

    return asyncio.run(main())
