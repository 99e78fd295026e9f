"""What an exported conversation looks like. Pure: text in, text out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from html import escape
from types import MappingProxyType
from typing import Any

from telegut.messaging.extras import CiteKind
from telegut.scheduling import zones


class Format(StrEnum):
    """How it is written."""

    JSON = "json"
    HTML = "html"

    @property
    def content_type(self) -> str:
        """Its media type."""
        return "application/json" if self is Format.JSON else "text/html"


SAID = {
    "message.sent": "",
    "message.edited": "changed the words of {message} to",
    "message.retracted": "took {message} back",
    "member.added": "joined",
    "member.removed": "left",
    "assigned": "answers from now on",
    "unassigned": "no longer answers",
    "waiting": "is waited for",
    "settled": "closed this",
}
"""What an entry says beside its words, and of which message. Read markers are left out of the page, not of the JSON."""

_STYLE = (
    "body{max-width:44rem;margin:0 auto;padding:1rem;font:1rem/1.5 system-ui,sans-serif;color-scheme:light dark}"
    "body{overflow-wrap:anywhere}li{margin-block:.75rem}p{margin:.25rem 0}.words{white-space:pre-line}"
)


def begin(form: Format, head: Mapping[str, Any]) -> str:
    """Everything before the first entry."""
    if form is Format.JSON:
        return json.dumps({"conversation": dict(head)})[:-1] + ', "entries": ['
    title = escape(str(head["subject"] or head["patient_name"]))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>{title}</h1>\n"
        f"<p>{escape(str(head['patient_name']))}. Times are in {escape(str(head['zone']))}.</p>\n<ol>\n"
    )


def line(
    form: Format,
    entry: Mapping[str, Any],
    names: Mapping[str, str],
    zone: str,
    *,
    first: bool,
    numbers: Mapping[str, int] = MappingProxyType({}),
) -> str:
    """
    One entry, with the name of who made it and the time on the wall of *zone*.

    numbers: of the messages so far, by id, so that a change says of which message it is.
    """
    who = names.get(str(entry.get("account") or entry["sender"]), "telegut")
    if form is Format.JSON:
        shown = {**entry, "sender_name": who, "local_time": _wall(entry["sent_at"], zone)}
        return ("" if first else ", ") + json.dumps(shown)
    if entry["type"] not in SAID:
        return ""
    words = entry.get("body")
    text = f'<p class="words">{escape(words)}</p>' if words is not None else _without(entry)
    said = SAID[entry["type"]].format(message=_which(entry, numbers))
    urgent = " (urgent)" if entry.get("urgent") else ""
    files = "".join(f"<p>File: {escape(str(one.get('name', '')))}</p>" for one in entry.get("attachments", ()))
    about = "".join(f"<p>{escape(_about(one))}</p>" for one in entry.get("cites", ()))
    heading = f"<b>{escape(who)}</b>{urgent} {said} <time>{_wall(entry['sent_at'], zone)}</time>"
    return f'<li value="{entry["seq"]}">{heading}{text}{about}{files}</li>\n'


def end(form: Format) -> str:
    """Everything behind the last entry."""
    return "]}" if form is Format.JSON else "</ol></body></html>\n"


def _about(cite: Mapping[str, Any]) -> str:
    """What it points at, and where; of a diary day the day, which is its id."""
    where = cite["id"] if cite["kind"] == CiteKind.DIARY_DAY.value else cite.get("place")
    kind = str(cite["kind"]).replace("_", " ")
    return f"About: {kind} {where}" if where else f"About: {kind}"


def _which(entry: Mapping[str, Any], numbers: Mapping[str, int]) -> str:
    number = numbers.get(str(entry.get("message")))
    return "an earlier message" if number is None else f"message {number}"


def _without(entry: Mapping[str, Any]) -> str:
    if entry["type"] not in ("message.sent", "message.edited"):
        return ""
    return "<p>Its words were removed.</p>" if entry.get("purged_at") else "<p>Taken back.</p>"


def _wall(instant: str, zone: str) -> str:
    wall = zones.on_the_wall(datetime.fromisoformat(instant), zone)
    return f"{wall:%Y-%m-%d %H:%M}"
