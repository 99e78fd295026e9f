"""What the audit trail holds, in words for the person it is about. Called while a page speaks its language."""

from __future__ import annotations

from telegut.web.words import gettext as _


def sentence(action: str, what: str) -> str:
    """What somebody did; what has no words yet is said as it is stored."""
    return f"{_verb(action)} {_thing(what)}"


def _verb(action: str) -> str:
    verbs = {
        "read": _("looked at"),
        "write": _("changed"),
        "create": _("added"),
        "sign": _("signed"),
        "export": _("exported"),
    }
    return verbs.get(action, _plain(action))


def _thing(what: str) -> str:
    things = {
        "patient": _("the cover of the record"),
        "care_team": _("the care team"),
        "accesses": _("this list"),
        "report": _("a report"),
        "reports": _("the list of reports"),
        "original": _("the original file of a report"),
        "conversation": _("a conversation"),
        "message": _("a message"),
        "care_plan": _("the care plan"),
        "plan": _("the care plan"),
        "appointment": _("an appointment"),
        "visit": _("a visit"),
        "notes": _("the notes"),
        "diary": _("the diary"),
    }
    return things.get(what, _plain(what))


def _plain(word: str) -> str:
    return word.replace("_", " ").replace(".", " ")
