"""``/clinic``: the clinic's numbers, its holidays, and the kinds of visit."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.bodies.offered import ServiceAnswer
from telegut.scheduling.clinic.bodies import HolidaysAnswer, NumbersAnswer
from telegut.scheduling.clinic.keys import CLINIC
from telegut.scheduling.clinic.service import MANAGING
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.screens.registry import pages
from telegut.web.api import Call
from telegut.web.render import render


@pages.get("/clinic", roles=MANAGING)
async def clinic(call: Call[None]) -> web.Response:
    """What holds for everybody who books, in one place, each number with what it means."""
    of_clinic, caller = call.app[CLINIC], call.caller
    numbers = NumbersAnswer.of(await of_clinic.numbers(caller)).model_dump(mode="json")
    holidays = HolidaysAnswer.of(await of_clinic.holidays(caller)).model_dump(mode="json")
    services = [ServiceAnswer.of(one).model_dump(mode="json") for one in await call.app[SCHEDULING].visit_types(caller)]
    facts = {"numbers": numbers, "holidays": holidays, "services": services}
    return await render(
        call.request, "scheduling/clinic.html", {"facts": facts, "numbers": numbers, "services": services}
    )
