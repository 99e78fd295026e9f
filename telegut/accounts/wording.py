"""What the audit trail holds, in words for the person it is about. Called while a page speaks its language."""

from __future__ import annotations

from telegut.web.words import gettext as _


def sentence(action: str, what: str) -> str:
    """What somebody did; what has no words yet is said as it is stored."""
    whole = {
        ("write", "message"): _("wrote a message"),
        ("write", "report"): _("added or changed a report"),
        ("write", "report findings"): _("read what a report says"),
        ("write", "response"): _("answered a questionnaire"),
        ("write", "diary"): _("wrote in the diary"),
        ("write", "care plan day"): _("noted how a step went"),
        ("write", "care plan gate"): _("answered a safety question of the care plan"),
        ("work", "record"): _("worked in the record"),
        ("watch", "recording"): _("watched the recording of a visit"),
        ("ask for", "recording"): _("asked whether a visit may be recorded"),
        ("agree to", "recording"): _("agreed that a visit is recorded"),
        ("decline", "recording"): _("preferred that a visit is not recorded"),
        ("stop", "recording"): _("stopped the recording of a visit"),
        ("withdraw consent to", "recording"): _("had the recording of a visit removed"),
        ("list", "conversation"): _("looked at the list of conversations"),
        ("ask to show", "panels to a guest"): _("asked whether a guest may see what is shown in a visit"),
        ("agree to show", "panels to a guest"): _("agreed that a guest sees what is shown in a visit"),
        ("refuse to show", "panels to a guest"): _("preferred that a guest does not see what is shown in a visit"),
        ("stop showing", "panels to a guest"): _("ended showing a guest anything in a visit"),
        ("read", "shown report"): _("was shown a report in a visit"),
        ("read", "shown plan"): _("was shown the care plan in a visit"),
    }
    return whole.get((action, what)) or f"{_verb(action)} {_thing(what)}"


def _verb(action: str) -> str:
    verbs = {
        "read": _("looked at"),
        "write": _("changed"),
        "list": _("looked at the list with"),
        "create": _("added"),
        "sign": _("signed"),
        "export": _("exported"),
        "book": _("booked"),
        "move": _("moved"),
        "cancel": _("cancelled"),
        "complete": _("noted the end of"),
        "join": _("joined"),
    }
    return verbs.get(action, _plain(action))


def _thing(what: str) -> str:
    things = {
        "patient": _("the cover of the record"),
        "care_team": _("the care team"),
        "accesses": _("this list"),
        "report": _("a report"),
        "reports": _("the list of reports"),
        "original report file": _("the original file of a report"),
        "report sample": _("the sample of a report"),
        "conversation": _("a conversation"),
        "message": _("a message"),
        "care plan": _("the care plan"),
        "signed care plans": _("the signed care plans"),
        "care plan goal": _("a goal of the care plan"),
        "care plan step": _("a step of the care plan"),
        "appointment": _("an appointment"),
        "appointment_reason": _("the reason for an appointment"),
        "visit": _("a visit"),
        "note": _("the notes"),
        "diary": _("the diary"),
        "responses": _("the answered questionnaires"),
        "recording": _("the recording of a visit"),
        "recordings": _("the list of recordings"),
        "series": _("how things went over time"),
    }
    return things.get(what, _plain(what))


def _plain(word: str) -> str:
    return word.replace("_", " ").replace(".", " ")
