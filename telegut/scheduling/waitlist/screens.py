"""``/waitlist``: one's own place and offers; for staff the whole list, in order, and why somebody was passed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from telegut.accounts.people import Person
from telegut.scheduling import agenda, bookers
from telegut.scheduling.bodies.fields import DayText
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.rules import weekday_runs
from telegut.scheduling.screens.book import enough
from telegut.scheduling.service import Practitioner
from telegut.scheduling.waitlist.keys import WAITLIST
from telegut.scheduling.waitlist.rules import Passed, Urgency, WallWindow, Wish
from telegut.scheduling.waitlist.service import List
from telegut.scheduling.waitlist.store import Entry, PassedOver
from telegut.web.api import Call, Query
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.words import gettext as _

pages = Pages("scheduling")

NOTICES: Final = (0, 120, 1_440, 4_320)
"""Minutes between hearing of a visit and its start that somebody can choose from."""


class WaitlistPageQuery(Query):
    """What the form begins with: where somebody came from knows what they looked for. *from*: a first day."""

    service: UUID | None = None
    practitioner: list[UUID] = Field(default=[], max_length=5)
    patient: UUID | None = None
    since: DayText | None = Field(None, alias="from")


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry on the page, with what the person may not know by heart: names, and the wish in words."""

    entry: Entry
    patient: str
    whom: str
    wish: tuple[str, ...]
    passed: tuple[tuple[PassedOver, str], ...]


@pages.get("/waitlist", roles=bookers.BOOKERS, query=WaitlistPageQuery)
async def waitlist(call: Call[None]) -> web.Response:
    """Offers first, then one's place, then the form to join."""
    scheduling, caller, query = call.app[SCHEDULING], call.caller, call.query
    found = await call.app[WAITLIST].whole(caller)
    policy, now = await scheduling.policy(caller)
    practitioners = await scheduling.practitioners(caller)
    shown = [_shown(one, found) for one in found.entries]
    context = {
        "shown": shown,
        "offered": [one for one in shown if one.entry.offer],
        "staff": bookers.is_staff(caller),
        "services": await scheduling.visit_types(caller),
        "practitioners": _choice(practitioners),
        "begun": query,
        "wards": _wards(found, caller.account),
        "notices": [(one, notice_words(one)) for one in NOTICES],
        "weekdays": weekday_names(),
        "today": agenda.today(now, caller.zone),
        "now": now,
        "policy": policy,
        "enough": await enough(call),
        "urgencies": urgency_names(),
    }
    return await render(call.request, "scheduling/waitlist.html", context)


def _shown(one: Entry, found: List) -> Shown:
    whom = one.offer.practitioners if one.offer else one.wish.practitioners
    passed = tuple((each, passed_words(each.reason)) for each in found.passings.get(one.id, []))
    return Shown(one, _name(found.names, one.patient), _names(found.names, whom), wish_words(one.wish), passed)


def _name(names: dict[UUID, Person], person: UUID) -> str:
    return names[person].name if person in names else ""


def _names(names: dict[UUID, Person], people: tuple[UUID, ...]) -> str:
    return _(" and ").join(names[one].name for one in people if one in names)


def _wards(found: List, account: UUID | None) -> bool:
    """Whether the list shows others than oneself, so that names are needed."""
    return any(one.patient != account for one in found.entries)


def _choice(practitioners: list[Practitioner]) -> list[Practitioner]:
    return sorted(practitioners, key=lambda one: (one.provider.role, one.name))


def weekday_names() -> list[tuple[str, str, str]]:
    """Each weekday as its code, short and whole."""
    return [
        ("MO", _("Mon"), _("Monday")),
        ("TU", _("Tue"), _("Tuesday")),
        ("WE", _("Wed"), _("Wednesday")),
        ("TH", _("Thu"), _("Thursday")),
        ("FR", _("Fri"), _("Friday")),
        ("SA", _("Sat"), _("Saturday")),
        ("SU", _("Sun"), _("Sunday")),
    ]


def urgency_names() -> list[tuple[str, str]]:
    """The classes of urgency as staff chooses them."""
    return [(Urgency.ORDINARY, _("in order")), (Urgency.SOON, _("soon")), (Urgency.URGENT, _("first of all"))]


def notice_words(minutes: int) -> str:
    """How much notice somebody needs."""
    if minutes == 0:
        return _("none: tell me whenever it is")
    if minutes % 1_440 == 0:
        days = minutes // 1_440
        return _("a day") if days == 1 else _("%(count)s days", count=days)
    hours = minutes // 60
    return _("an hour") if hours == 1 else _("%(count)s hours", count=hours)


def wish_words(wish: Wish) -> tuple[str, ...]:
    """A wish in short lines; none: anything suits."""
    lines = [_window_words(one) for one in wish.windows]
    lines += [_days_words(wish.from_day, wish.until_day)] if wish.from_day or wish.until_day else []
    if wish.notice:
        lines.append(_("at least %(length)s before", length=notice_words(wish.notice // timedelta(minutes=1))))
    if wish.language:
        lines.append(_("in the language %(tag)s", tag=wish.language))
    return tuple(lines)


def _window_words(window: WallWindow) -> str:
    short = {code: name for code, name, _whole in weekday_names()}
    runs = [
        short[first] if first == last else _("%(first)s to %(last)s", first=short[first], last=short[last])
        for first, last in weekday_runs(window.weekdays)
    ]
    times = _("%(start)s to %(end)s", start=f"{window.start:%H:%M}", end=f"{window.end:%H:%M}")
    return f"{', '.join(runs)}, {times}"


def _days_words(first: date | None, last: date | None) -> str:
    if first and last:
        return _("from %(first)s to %(last)s", first=_day(first), last=_day(last))
    return _("from %(first)s", first=_day(first)) if first else _("until %(last)s", last=_day(last))


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day else ""


def passed_words(reason: Passed) -> str:
    """Why a time did not go to somebody, without blame."""
    return {
        Passed.OTHER_PEOPLE: _("it was with somebody else than asked for"),
        Passed.NO_ROOM: _("it was too short for this kind of visit"),
        Passed.NOT_THEIR_DAYS: _("not on the days that suit"),
        Passed.NOT_THEIR_HOURS: _("not in the hours that suit"),
        Passed.TOO_SHORT_NOTICE: _("not enough notice"),
        Passed.QUIET_HOURS: _("it was night there"),
        Passed.PATIENT_BUSY: _("there is another visit at that time"),
        Passed.HAS_AN_OFFER: _("another time was being offered already"),
        Passed.HAD_THIS_TIME: _("this time was offered before"),
        Passed.VISITS_ENOUGH: _("as many visits are ahead as can be booked at once"),
    }[reason]
