"""
What web asks of a media process: signed, and good for a short time. Pure; time is an argument, in Unix seconds.

A line ``{"id": 7, "command": TEXT, "tag": HEX}``: the tag is HMAC-SHA-256 of the text under a key that both have, the
text is JSON with ``do``, ``until`` and what the command needs. Who can write to the socket but has no key asks in vain.
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

from telegut.rooms.media.session import Layout
from telegut.rooms.media.track import KINDS, Kind

GOOD_FOR_S: Final = 30
"""How long a command may be under way; clocks of two machines may differ by half of it."""
KEY_BYTES: Final = 32


class NotTaken(ValueError):
    """A command that a media process does not take; the text says why."""


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
class Drain:
    """Take no new rooms from now on."""


Command = Join | Leave | Look | Drain


def key_of(folder: Path) -> bytes:
    """
    The key that web and media share on one machine; whoever comes first makes it.

    It lies in ``FOLDER/media.key``, readable by the account that runs telegut alone.
    """
    path = folder / "media.key"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = folder / f"media.key.{secrets.token_hex(4)}"
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            made.touch(mode=0o600)
            made.write_bytes(secrets.token_bytes(KEY_BYTES))
            os.link(made, path)  # fails when another process was first: a key is whole or not there
        made.unlink(missing_ok=True)
    return path.read_bytes()


def sign(key: bytes, body: dict[str, Any], now: float) -> dict[str, str]:
    """*body* as a command that is good from *now* on."""
    text = json.dumps({**body, "until": now + GOOD_FOR_S})
    return {"command": text, "tag": hmac.digest(key, text.encode(), "sha256").hex()}


def read(key: bytes, line: dict[str, Any], now: float) -> Command:
    """
    The command in *line*.

    Raises:
        NotTaken: it is not signed with *key*, too old, or makes no sense.
    """
    text, tag = line.get("command"), line.get("tag")
    if not isinstance(text, str) or not isinstance(tag, str):
        raise NotTaken("This is no command.")
    if not hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), tag):
        raise NotTaken("The command is not signed.")
    try:
        body = json.loads(text)
        if not now - GOOD_FOR_S <= body["until"] - GOOD_FOR_S <= now + GOOD_FOR_S:
            raise NotTaken("The command is too old.")
        return _command(body)
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as exc:
        raise NotTaken("The command makes no sense.") from exc


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
        case "drain":
            return Drain()
    raise NotTaken("This command is not known.")


def _kind(text: str) -> Kind:
    for kind in KINDS:
        if kind == text:
            return kind
    raise NotTaken("A track is audio, camera or screen.")
