"""Where each role can go: the few places of its day, in the order of the day."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from telegut.web.words import gettext as _


@dataclass(frozen=True, slots=True)
class Place:
    """One entry; *short* fits under an icon at the thumb, *count* names a number in the page's context."""

    href: str
    text: str
    icon: str
    short: str = ""
    count: str = ""


def places(roles: Set[str]) -> list[Place]:
    """The entries of somebody with these *roles*; empty when they have one page only, or are not signed in."""
    if roles & {"patient", "guardian"}:
        return [
            Place("/today", _("Today"), icon="sun"),
            Place("/messages", _("Messages"), icon="message-circle", count="unread"),
            Place("/plan", _("My plan"), icon="sprout"),
            Place("/reports", _("Reports"), icon="file-text"),
            Place("/book", _("Book a visit"), icon="calendar-plus", short=_("Book")),
        ]
    if roles & {"consultant", "nutritionist"}:
        return [
            Place("/day", _("Day"), icon="sun"),
            Place("/week", _("Week"), icon="calendar-days"),
            Place("/messages", _("Inbox"), icon="inbox", count="unread"),
            Place("/patients", _("Patients"), icon="users"),
            Place("/availability", _("Availability"), icon="clock", short=_("Hours")),
        ]
    if "interpreter" in roles:
        return [
            Place("/interpreting", _("My visits"), icon="languages", short=_("Visits")),
            Place("/availability", _("Availability"), icon="clock", short=_("Hours")),
        ]
    if "coordinator" in roles:
        return [
            Place("/day", _("Day"), icon="sun"),
            Place("/board", _("Everybody's day"), icon="columns-3", short=_("Everybody")),
            Place("/week", _("Week"), icon="calendar-days"),
            Place("/book", _("Book a visit"), icon="calendar-plus", short=_("Book")),
            Place("/clinic", _("The clinic"), icon="building-2", short=_("Clinic")),
        ]
    return []


def first_page(roles: Set[str]) -> str:
    """Where a sign-in leads when no page was asked for."""
    if roles & {"patient", "guardian"}:
        return "/today"
    if roles & {"consultant", "coordinator"}:
        return "/day"
    if "nutritionist" in roles:
        return "/messages"
    if "interpreter" in roles:
        return "/interpreting"
    return "/welcome"


def role_name(role: str) -> str:
    """A role in plain words."""
    return {
        "patient": _("patient"),
        "guardian": _("guardian"),
        "consultant": _("gut-health consultant"),
        "nutritionist": _("nutritionist"),
        "interpreter": _("interpreter"),
        "supporter": _("here for support"),
        "student": _("student, here to learn"),
        "coordinator": _("coordinator"),
        "admin": _("administrator"),
        "auditor": _("auditor"),
    }.get(role, role)
