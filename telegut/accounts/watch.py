"""
Sees to it that a socket does not outlive its sign-in.

That a sign-in ended is passed on at once over the bus; should that get lost, or should a sign-in end by time or with
its account, this look every few seconds finds it: one question for all open sockets of the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from telegut import logs
from telegut.accounts.identity import ACCOUNTS
from telegut.errors import TelegutError
from telegut.web.keys import SETTINGS
from telegut.web.sockets import SOCKETS

log = logs.get("watch")


def install(app: web.Application) -> None:
    """Watch for as long as *app* runs."""
    app.cleanup_ctx.append(_watching)


async def _watching(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(_watch(app), name="session watch")
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _watch(app: web.Application) -> None:
    while True:
        await asyncio.sleep(app[SETTINGS].session_check_s)
        try:
            await close_ended(app)
        except (TelegutError, SQLAlchemyError, OSError, TimeoutError) as exc:
            # The database is away; sockets stay until it can say something about them.
            log.warning("watch failed", error=type(exc).__name__)


async def close_ended(app: web.Application) -> None:
    """Close the sockets whose sign-in is no longer in force."""
    watched = app[SOCKETS].sessions()
    if not watched:
        return
    going_on = await app[ACCOUNTS].still_open(sorted(watched))
    for session in watched.keys() - going_on:
        app[SOCKETS].end_session(watched[session], session)
