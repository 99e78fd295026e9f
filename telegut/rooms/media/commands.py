"""
What web asks of a media process: signed, and good for a short time. Pure; time is an argument, in Unix seconds.

A line ``{"id": 7, "command": TEXT, "tag": HEX}``: the tag is HMAC-SHA-256 of the text under a key that both have, the
text is JSON with ``do``, ``until``, ``once``, ``to`` and what the command needs. Who can write to the socket but has no
key asks in vain; who has heard a command cannot say it again, to this process or to another.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from telegut.rooms.media.session import Layout
from telegut.rooms.media.track import KINDS, Kind

GOOD_FOR_S: Final = 30
"""How long a command may be under way; clocks of two machines may differ by half of it."""
KEY_BYTES: Final = 32
MOST_HEARD: Final = 100_000
"""Commands that are remembered for `GOOD_FOR_S`: far more than a process can do in that time."""


class NotTaken(ValueError):
    """A command that a media process does not take; the text says why."""


class Full(NotTaken):
    """A new room that a media process does not take, because it drains or is above a limit; another one may."""


@dataclass(frozen=True, slots=True)
class Join:
    """Give *seat* a connection in *room*: *offer* of the browser, *layout* of its m-lines."""

    room: str
    seat: str
    offer: str
    layout: Layout


@dataclass(frozen=True, slots=True)
class Leave:
    """End the connection of *seat*, or of everybody when it is empty."""

    room: str
    seat: str


@dataclass(frozen=True, slots=True)
class Look:
    """What *seat*'s page does not show, and what only small; keys are ``SEAT/KIND``."""

    room: str
    seat: str
    hidden: frozenset[str] = field(default_factory=frozenset)
    small: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Record:
    """Keep the packets of *agreed* under *key*, or stand still unless *run*; said again every few seconds meanwhile."""

    room: str
    recording: UUID
    key: bytes = field(repr=False)
    agreed: frozenset[str]
    run: bool


@dataclass(frozen=True, slots=True)
class EndRecording:
    """Keep no more."""

    recording: UUID


@dataclass(frozen=True, slots=True)
class Drain:
    """Take no new rooms from now on."""


Command = Join | Leave | Look | Record | EndRecording | Drain


def key_of(path: Path) -> bytes:
    """
    The key at *path* that web and media share; whoever comes first on a machine makes it.

    It is readable by the account that runs telegut alone. Media processes on another machine are given a copy.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with contextlib.suppress(FileExistsError):
            made.touch(mode=0o600)
            made.write_bytes(secrets.token_bytes(KEY_BYTES))
            os.link(made, path)  # fails when another process was first: a key is whole or not there
        made.unlink(missing_ok=True)
    return path.read_bytes()


def sign(key: bytes, body: dict[str, Any], now: float, to: str) -> dict[str, str]:
    """*body* as a command that is good from *now* on, once, for the media process of the instance *to*."""
    text = json.dumps({**body, "until": now + GOOD_FOR_S, "once": secrets.token_hex(8), "to": to})
    return {"command": text, "tag": hmac.digest(key, text.encode(), "sha256").hex()}


class Reader:
    """Reads the commands for one media process, each once. key: what they are signed with; me: its instance."""

    def __init__(self, key: bytes, me: str) -> None:
        self._key = key
        self._me = me
        self._heard: dict[str, float] = {}

    def read(self, line: dict[str, Any], now: float) -> Command:
        """
        The command in *line*.

        Raises:
            NotTaken: it is not signed with our key, too old, was heard before, is for another, or makes no sense.
        """
        text, tag = line.get("command"), line.get("tag")
        if not isinstance(text, str) or not isinstance(tag, str):
            raise NotTaken("This is no command.")
        if not hmac.compare_digest(hmac.digest(self._key, text.encode(), "sha256").hex().encode(), tag.encode()):
            raise NotTaken("The command is not signed.")
        try:
            body = json.loads(text)
            self._check(body, now)
            return _command(body)
        except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as exc:
            raise NotTaken("The command makes no sense.") from exc

    def _check(self, body: dict[str, Any], now: float) -> None:
        if not now - GOOD_FOR_S <= body["until"] - GOOD_FOR_S <= now + GOOD_FOR_S:
            raise NotTaken("The command is too old.")
        if body["to"] != self._me:
            raise NotTaken("The command is for another media process.")
        once = str(body["once"])
        if once in self._heard:
            raise NotTaken("The command was heard before.")
        if len(self._heard) >= MOST_HEARD:
            self._heard = {name: until for name, until in self._heard.items() if until >= now}
        if len(self._heard) >= MOST_HEARD:
            raise NotTaken("These are too many commands at once.")
        self._heard[once] = body["until"]


def _command(body: dict[str, Any]) -> Command:
    match body["do"]:
        case "join":
            sends = {str(mid): _kind(kind) for mid, kind in body["sends"].items()}
            shows = [{_kind(kind): str(mid) for kind, mid in one.items()} for one in body["shows"]]
            return Join(str(body["room"]), str(body["seat"]), str(body["offer"]), Layout(sends, shows))
        case "leave":
            return Leave(str(body["room"]), str(body.get("seat", "")))
        case "look":
            hidden, small = (frozenset(map(str, body.get(name, []))) for name in ("hidden", "small"))
            return Look(str(body["room"]), str(body["seat"]), hidden, small)
        case "record":
            return _record(body)
        case "end_recording":
            return EndRecording(_id(body["recording"]))
        case "drain":
            return Drain()
    raise NotTaken("This command is not known.")


def _record(body: dict[str, Any]) -> Record:
    agreed, key = frozenset(map(str, body["agreed"])), body["key"]
    try:
        opened = bytes.fromhex(key)
    except ValueError as exc:
        raise NotTaken("The command makes no sense.") from exc
    if len(opened) != KEY_BYTES:
        raise NotTaken("The command makes no sense.")
    return Record(str(body["room"]), _id(body["recording"]), opened, agreed, body["run"] is True)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise NotTaken("The command makes no sense.") from exc


def _kind(text: str) -> Kind:
    for kind in KINDS:
        if kind == text:
            return kind
    raise NotTaken("A track is audio, camera or screen.")
