"""
Structured logs that cannot hold what people said.

One JSON line an event on standard error. Fields come from an allow-list; a message from a library is reduced to its
origin and the type of its exception, because nobody can promise what such a text contains.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

ALLOWED_FIELDS = frozenset(
    {
        "account",
        "address",
        "attempt",
        "bytes",
        "code",
        "count",
        "duration_ms",
        "error",
        "event",
        "job",
        "kind",
        "level",
        "logger",
        "method",
        "mode",
        "pid",
        "process",
        "request_id",
        "route",
        "seconds",
        "signal",
        "status",
        "task",
        "timestamp",
        "version",
        "where",
    }
)
"""Everything a log line may say. None of it is text that a person wrote."""


def _only_allowed(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if "part" in event:
        event["logger"] = event.pop("part")
    return {name: value for name, value in event.items() if name in ALLOWED_FIELDS}


def where(error: BaseException) -> list[str]:
    """The places of a traceback, innermost last, without values or source text."""
    return [
        f"{one.filename.rsplit('/', 1)[-1]}:{one.lineno} {one.name}"
        for one in traceback.extract_tb(error.__traceback__)
    ][-8:]


class _Reduced(logging.Handler):
    """Library messages, reduced to who spoke and what kind of error it was."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        line: dict[str, Any] = {"event": "library", "logger": record.name, "level": record.levelname.lower()}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__name__
            line["where"] = where(record.exc_info[1])
        try:
            self.stream.write(json.dumps(line) + "\n")
        except (OSError, ValueError):  # nobody reads our log: the service goes on
            return


class _Lines(structlog.PrintLogger):
    """Our own events, a line each; where nobody takes them any more the service goes on."""

    def msg(self, message: str) -> None:
        """Write *message*."""
        with contextlib.suppress(OSError, ValueError):
            super().msg(message)

    log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg


def configure(process: str, *, stream: TextIO | None = None) -> None:
    """Send our own events and libraries' warnings to *stream* (standard error), named for *process*."""
    target = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: _Lines(target),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.clear_contextvars()
    root = logging.getLogger()
    root.handlers[:] = [_Reduced(target)]
    root.setLevel(logging.WARNING)


def get(name: str) -> Any:
    """A logger; *name* says which part of telegut speaks."""
    return structlog.get_logger(part=name)  # not ``logger``: structlog has another use for that name
