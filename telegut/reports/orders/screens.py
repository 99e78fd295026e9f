"""``/patients/{id}/test-orders`` and ``/test-orders/{id}``: ordering a test, and the form before its sample."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from telegut.accounts import people
from telegut.errors import NotFound
from telegut.reports.described import collected_on
from telegut.reports.facts import label
from telegut.reports.keys import REPORTS
from telegut.reports.orders.bodies import OrderAnswer
from telegut.reports.orders.handlers import ORDERS
from telegut.reports.orders.rules import ASKED, FOR_THE_FAMILY, NEEDED, OF_WEIGHT, too_soon_until
from telegut.reports.orders.store import Order
from telegut.reports.protocols import service as protocols
from telegut.reports.protocols.handlers import PROTOCOLS
from telegut.web.api import Call
from telegut.web.keys import DATABASE, NOW
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.words import gettext as _

pages = Pages("reports")


def install(app: web.Application) -> None:
    """Serve them in *app*."""
    pages.install(app)


@pages.get("/patients/{id}/test-orders")
async def get_orders(call: Call[None]) -> web.StreamResponse:
    """What was ordered for a patient, and for the team a way to order."""
    patient = call.uuid("id")
    found = await call.app[ORDERS].all_of(call.caller, patient)
    team = call.caller.is_clinician and call.caller.account != patient
    offered = [one for one in await call.app[PROTOCOLS].all(call.caller) if one.offered] if team else []
    async with call.app[DATABASE].begin(call.caller) as tx:
        names = await people.named(tx, {patient, *(one.ordered_by for one in found)})
    if patient not in names:
        raise NotFound
    context = {
        "patient": names[patient],
        "own": call.caller.account == patient,
        "orders": found,
        "names": {one: person.name for one, person in names.items()},
        "team": team,
        "states": states(),
        "facts": {
            "patient": str(patient),
            "protocols": {str(one.id): one.said.name for one in offered},
            "professions": professions(),
        },
    }
    return await render(call.request, "reports/orders.html", context)


@pages.get("/test-orders/{id}")
async def get_order(call: Call[None]) -> web.StreamResponse:
    """One order: what to do, the form, when the sample was taken."""
    order = await call.app[ORDERS].read(call.caller, call.uuid("id"))
    async with call.app[DATABASE].begin(call.caller) as tx:
        pinned = await protocols.at(tx, order.protocol, order.protocol_version)
        names = await people.named(tx, {order.patient, order.ordered_by})
    today = call.app[NOW]().astimezone(ZoneInfo(call.caller.zone)).date()
    answer = OrderAnswer.of(order)
    context: dict[str, Any] = {
        "order": answer,
        "protocol": pinned,
        "patient": names[order.patient],
        "own": call.caller.account == order.patient,
        "ordered_by": names[order.ordered_by].name if order.ordered_by in names else _("somebody who has left"),
        "profession": professions()[order.profession],
        "asked": [(name, _label(name), name in NEEDED) for name in ASKED if name not in OF_WEIGHT],
        "of_weight": [(name, label(name)) for name in ASKED if name in OF_WEIGHT],
        "open": [_label(name) if name in ASKED else _("that treatment and diet go on") for name in answer.open],
        "taken": collected_on(order.details),
        "soonest": await _soonest(call, order, pinned.said.retest_months, today),
        "unread": order.unread,
        "today": today.isoformat(),
        "states": states(),
        "facts": {"id": str(order.id), "version": order.version, "state": order.state},
    }
    return await render(call.request, "reports/order.html", context)


def _label(name: str) -> str:
    """What an answer before the sample is called: antibiotics have questions of their own there."""
    return _("Medicines") if name == "medicines" else label(name)


async def _soonest(call: Call[None], order: Order, months: int, today: date) -> date | None:
    """From when on a sample makes sense, while it is not taken and an earlier one is too near."""
    if order.state not in FOR_THE_FAMILY:
        return None
    orders = await call.app[ORDERS].all_of(call.caller, order.patient)
    reports = await call.app[REPORTS].list_of(call.caller, order.patient)
    days = [collected_on(one.details) for one in orders if one.state == "taken"] + [one.collected for one in reports]
    return too_soon_until([day for day in days if day is not None], months, today)


def states() -> dict[str, str]:
    """What the states of an order are called."""
    return {
        "ordered": _("A form waits"),
        "described": _("The sample can be taken"),
        "taken": _("Sample taken"),
        "reported": _("A report has come"),
        "cancelled": _("Cancelled"),
    }


def professions() -> dict[str, str]:
    """What the professions of who orders (`rules.Profession`) are called."""
    return {
        "physician": _("Physician"),
        "pharmacist": _("Pharmacist"),
        "dietitian": _("Dietitian"),
        "nutritionist": _("Nutritionist"),
        "psychologist": _("Psychologist"),
        "other": _("Another profession"),
    }
