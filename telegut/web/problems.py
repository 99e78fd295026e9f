"""Refusals become RFC 9457 problem documents here, and nowhere else."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from telegut.errors import (
    Conflict,
    Gone,
    Invalid,
    NotFound,
    Refused,
    TelegutError,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    Unparsable,
    WrongType,
)

STATUS: dict[type[TelegutError], int] = {
    Unparsable: 400,
    Unauthenticated: 401,
    Refused: 403,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    TooLarge: 413,
    WrongType: 415,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
}

TITLES: dict[int, str] = {
    400: "This could not be read",
    401: "Please sign in",
    403: "Not yours to do",
    404: "Not found",
    405: "Not possible here",
    409: "Somebody else was first",
    410: "This has ended",
    413: "Too large",
    414: "The address is too long",
    415: "Not an accepted type",
    422: "This does not make sense",
    429: "Too many requests",
    431: "A header is too long",
    500: "Something went wrong on our side",
    503: "Not available right now",
    504: "This took too long",
}

CONTENT_TYPE = "application/problem+json"


def status_of(error: TelegutError) -> int:
    """The HTTP status of a refusal."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 500


def document(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """The members of a problem document (RFC 9457, section 3.1), with our ``code``."""
    return {
        "type": f"https://telegut.example/problems/{code}",
        "title": TITLES.get(status, TITLES[500]),
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }


def of(error: TelegutError) -> dict[str, Any]:
    """The problem document of a refusal."""
    more: dict[str, Any] = {}
    if isinstance(error, Invalid):
        errors = [{"field": one.field, "message": one.message} for one in error.errors]
        more |= error.extension
        more["errors"] = errors or [{"field": "", "message": error.message}]
    if isinstance(error, Conflict) and error.current is not None:
        more["current"] = dict(error.current)
    return document(status_of(error), error.code, error.message, **more)


def response(error: TelegutError) -> web.Response:
    """The refusal as an answer."""
    answer = plain(status_of(error), of(error))
    if isinstance(error, (TooMany, Unavailable)):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def plain(status: int, problem: dict[str, Any]) -> web.Response:
    """*problem* as an answer."""
    return web.Response(status=status, body=json.dumps(problem, default=str).encode(), content_type=CONTENT_TYPE)
