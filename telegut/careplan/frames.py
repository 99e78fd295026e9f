"""
The binary messages of a live note: the y-protocols framing, and two messages of our own. Pure.

Every message is ``varuint type`` and then, by type:

===== ========= ==================================================================================
type  name      content
===== ========= ==================================================================================
0     sync      ``varuint step``, ``varbytes``: 0 state vector, 1 the missing updates, 2 one update
1     awareness ``varbytes``: count, then ``client, clock, JSON`` for each; ``null`` means gone
100   saved     ``varuint n``: the first *n* sync messages of steps 1 and 2 on this socket are stored
101   held      ``varbytes``: JSON, the words because of which the patient does not read the last changes yet
===== ========= ==================================================================================

Source: y-protocols, PROTOCOL.md, version 1.0.6 (types 0 and 1); lib0 encoding (varuint: 7 bits a byte, lowest first).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from telegut.errors import Unparsable

SYNC: Final = 0
AWARENESS: Final = 1
SAVED: Final = 100
HELD: Final = 101

STATE_VECTOR: Final = 0
MISSING: Final = 1
UPDATE: Final = 2

NOTHING: Final = b"\x00\x00"
"""An update without content: no clients, no deletions."""

_LARGEST_CLIENT: Final = 2**53 - 1
"""Client ids and clocks are JavaScript integers."""
_LARGEST_STATE: Final = 2_048
"""Bytes of JSON that a client may say about itself: a name, a colour and a caret need 200."""


class Malformed(Unparsable):
    """This is not a message of the notes protocol."""


@dataclass(frozen=True, slots=True)
class Sync:
    """A sync message."""

    step: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Presence:
    """What one client says about itself; *state* None: it has gone."""

    client: int
    clock: int
    state: dict[str, Any] | None


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self) -> int:
        value = shift = 0
        while True:
            if self._at >= len(self._data) or shift > 63:
                raise Malformed
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def bytes(self) -> bytes:
        size = self.number()
        end = self._at + size
        if end > len(self._data):
            raise Malformed
        part = self._data[self._at : end]
        self._at = end
        return part

    def end(self) -> None:
        if self._at != len(self._data):
            raise Malformed


def parse(frame: bytes) -> Sync | tuple[Presence, ...]:
    """
    A message from a client.

    Raises:
        Malformed: a type that clients do not send, or bytes missing or left over.
    """
    reader = _Reader(frame)
    kind = reader.number()
    if kind == AWARENESS:
        content = reader.bytes()
        reader.end()
        return _presences(content)
    if kind != SYNC:
        raise Malformed
    step = reader.number()
    payload = reader.bytes()
    reader.end()
    if step not in (STATE_VECTOR, MISSING, UPDATE):
        raise Malformed
    return Sync(step, payload)


def sync(step: int, payload: bytes) -> bytes:
    """A sync message."""
    return bytes((SYNC, step)) + _number(len(payload)) + payload


def saved(count: int) -> bytes:
    """A saved message."""
    return bytes((SAVED,)) + _number(count)


def held(words: Sequence[str]) -> bytes:
    """A held message; without *words* nothing is held any more."""
    content = json.dumps(words, ensure_ascii=False).encode()
    return bytes((HELD,)) + _number(len(content)) + content


def awareness(presences: Sequence[Presence]) -> bytes:
    """An awareness message."""
    content = _number(len(presences))
    for one in presences:
        state = json.dumps(one.state, ensure_ascii=False, separators=(",", ":")).encode()
        content += _number(one.client) + _number(one.clock) + _number(len(state)) + state
    return bytes((AWARENESS,)) + _number(len(content)) + content


def _presences(content: bytes) -> tuple[Presence, ...]:
    reader = _Reader(content)
    found = [_presence(reader) for _ in range(reader.number())] if content else []
    reader.end()
    return tuple(found)


def _presence(reader: _Reader) -> Presence:
    client, clock = reader.number(), reader.number()
    if max(client, clock) > _LARGEST_CLIENT:
        raise Malformed
    said = reader.bytes()
    if len(said) > _LARGEST_STATE:
        raise Malformed
    try:
        state = json.loads(said)
    except (ValueError, RecursionError) as exc:
        raise Malformed from exc
    if state is not None and not isinstance(state, dict):
        raise Malformed
    return Presence(client, clock, state)


def _number(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
