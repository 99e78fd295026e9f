"""``/groups``: sessions that are ahead, with the seats that are left; for those who hold them, a form to open one."""

from __future__ import annotations

from aiohttp import web

from telegut.accounts import people
from telegut.scheduling import bookers
from telegut.scheduling.groups.keys import GROUPS
from telegut.scheduling.groups.rules import TITLES
from telegut.scheduling.keys import SCHEDULING
from telegut.web.api import Call
from telegut.web.keys import DATABASE
from telegut.web.pages import Pages
from telegut.web.render import render

pages = Pages("scheduling")


@pages.get("/groups", roles=bookers.BOOKERS)
async def get_groups(call: Call[None]) -> web.Response:
    """What is ahead: to take a seat in, or to hold."""
    scheduling, caller = call.app[SCHEDULING], call.caller
    seen = await call.app[GROUPS].coming(caller, None, None, None)
    policy, now = await scheduling.policy(caller)
    kinds = [one for one in await scheduling.visit_types(caller) if one.seats > 1]
    async with call.app[DATABASE].begin(caller) as tx:
        side = await bookers.patient_of(tx, None)
        names = await people.named(tx, [side] if side else [])
    context = {
        "seen": seen,
        "kinds": kinds,
        "titles": TITLES,
        "holds": bookers.is_staff(caller),
        "arranges": bookers.COORDINATOR in caller.roles,
        "practitioners": await scheduling.practitioners(caller) if bookers.is_staff(caller) else [],
        "side": names.get(side) if side else None,
        "policy": policy,
        "now": now,
    }
    return await render(call.request, "scheduling/groups.html", context)
