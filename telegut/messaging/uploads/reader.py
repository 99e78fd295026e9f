"""
The reader as a process of its own: a stranger's file on standard input, the file made anew on standard output.

The first line of the input is JSON, ``{"memory_bytes", "cpu_s", "bounds"}``; the file follows. The first line of the
output is JSON, ``{"problem"}`` or what is known of the new file with its ``sizes``; the bytes follow. It opens no file
and no socket of its own.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any, BinaryIO

from telegut.bounds import bound
from telegut.messaging.uploads.remaking import Bounds, Remade, Unusable
from telegut.messaging.uploads.rules import FileNotTaken, Kind, kind_of


def remade(data: bytes, bounds: Bounds) -> Remade:
    """
    *data* made anew, as its kind asks.

    Raises:
        Unusable: it is refused.
    """
    try:
        return _remade(data, kind_of(data[:16]), bounds)
    except Unusable:
        raise
    except (MemoryError, RecursionError) as exc:
        raise Unusable("too_complex") from exc
    except Exception as exc:  # whatever a library says of a stranger's bytes
        raise Unusable("unreadable") from exc


def _remade(data: bytes, kind: Kind, bounds: Bounds) -> Remade:
    # Each library is loaded only for the files that need it.
    if kind.is_image:
        from telegut.messaging.uploads import images

        return images.remade(data, kind, bounds)
    if kind is Kind.PDF:
        from telegut.messaging.uploads import documents

        return documents.remade(data, bounds)
    from telegut.messaging.uploads import recordings

    return recordings.remade(data, kind, bounds)


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Read one order, carry it out, answer."""
    order = json.loads(source.readline())
    bound(order)
    try:
        made = remade(source.read(), Bounds(**order["bounds"]))
    except (Unusable, FileNotTaken) as refusal:
        code = refusal.code if isinstance(refusal, Unusable) else "unreadable"
        target.write(json.dumps({"problem": code}).encode() + b"\n")
        return
    target.write(json.dumps(_facts(made)).encode() + b"\n" + made.content + (made.thumbnail or b""))


def _facts(made: Remade) -> dict[str, Any]:
    facts = {
        field.name: getattr(made, field.name)
        for field in dataclasses.fields(made)
        if field.name not in ("content", "thumbnail")
    }
    return facts | {"sizes": [len(made.content), None if made.thumbnail is None else len(made.thumbnail)]}


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
