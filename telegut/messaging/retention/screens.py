"""``/retention``: after how many years messages lose their words, and whose record is held."""

from __future__ import annotations

from aiohttp import web
from pydantic import Field

from telegut.messaging.retention.keys import RETENTION
from telegut.web.api import Call, Query
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("messaging")


def install(app: web.Application) -> None:
    """Serve it in *app*."""
    pages.install(app)


class FindQuery(Query):
    """*find*: a part of the name, or the whole address, of a patient whose record is to be held."""

    find: str = Field("", max_length=200)


@pages.get("/retention", roles={"admin"}, query=FindQuery)
async def get_retention(call: Call[None]) -> web.StreamResponse:
    """The clinic's years and all holds, with names; nothing of any record."""
    retention, caller, words = call.app[RETENTION], call.caller, call.query.find.strip()
    policy, holds = await retention.policy(caller), await retention.holds(caller)
    ids = {one.patient for one in holds} | {one.placed_by for one in holds}
    ids |= {one.lifted_by for one in holds if one.lifted_by}
    context = {
        "policy": policy,
        "facts": {"keep_years": policy.keep_years, "version": policy.version},
        "standing": [one for one in holds if one.lifted_at is None],
        "lifted": [one for one in holds if one.lifted_at is not None],
        "names": await retention.named(caller, ids),
        "find": words,
        "found": await retention.find(caller, words) if words else [],
        "held": {one.patient for one in holds if one.lifted_at is None},
    }
    return await render(call.request, "messaging/retention.html", context)
