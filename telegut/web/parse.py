"""From bytes to values: JSON bodies, forms and query strings, or a refusal that says what does not fit."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any, Final, get_origin

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_request import FileField
from pydantic import BaseModel, ValidationError

from telegut.errors import FieldError, Invalid, TelegutError, TooLarge, Unparsable, WrongType
from telegut.web.values import Query


async def read_limited(request: web.Request, limit: int) -> bytes:
    """
    The body, unless it is larger than *limit* bytes.

    Raises:
        TooLarge: it is.
    """
    if (request.content_length or 0) > limit:
        raise TooLarge(f"We accept up to {limit // 1024} KiB here.")
    parts = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        parts += chunk
        if len(parts) > limit:
            raise TooLarge(f"We accept up to {limit // 1024} KiB here.")
    return bytes(parts)


async def read_form(request: web.Request) -> tuple[dict[str, list[str | FileField]], bytes]:
    """
    A multipart form and a digest of everything in it.

    Raises:
        WrongType: not multipart. TooLarge: over the upload limit. Unparsable: broken.
    """
    if not request.content_type.startswith("multipart/"):
        raise WrongType("Please send this as a form with a file (multipart/form-data).")
    try:
        posted = await request.post()
    except web.HTTPRequestEntityTooLarge as exc:
        raise TooLarge from exc
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError) as exc:
        raise Unparsable("The form could not be read.") from exc
    form: dict[str, list[str | FileField]] = {}
    digest = hashlib.sha256()
    for name, value in posted.items():
        check_text(name)
        digest.update(name.encode() + b"\0")
        if isinstance(value, FileField):
            digest.update(hashlib.sha256(value.file.read()).digest())
            value.file.seek(0)
            form.setdefault(name, []).append(value)
        else:
            text = value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")
            check_text(text, name)
            digest.update(text.encode())
            form.setdefault(name, []).append(text)
    return form, digest.digest()


def parse_body(model: type[BaseModel], raw: bytes, content_type: str) -> BaseModel:
    """
    *raw* as a *model*.

    Raises:
        WrongType: not JSON by its type. Unparsable: not JSON. Invalid: JSON that does not fit.
    """
    if content_type not in ("application/json", "application/octet-stream") and not content_type.endswith("+json"):
        raise WrongType("Please send JSON (application/json).")
    try:
        value = read_json(raw.decode(json.detect_encoding(raw)))
    except TelegutError:
        raise
    except (ValueError, RecursionError) as exc:
        raise Unparsable("The body is not JSON.") from exc
    check_text(value)
    return validated(model, value)


def read_json(text: str) -> Any:
    """
    What *text* says, by one decoder for all: `json.loads` with a hook makes one for each text.

    Raises:
        ValueError, RecursionError: it is not JSON, or too deep. Invalid: a name stands twice in an object.
    """
    return _DECODER.decode(text)


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """
    An object of JSON. What is said twice is not understood: readers differ on which one counts (RFC 8259, section 4).

    Raises:
        Invalid: a name stands there twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid(errors=[FieldError(twice, "is there twice")])
    return found


def _no_number(name: str) -> None:
    """
    ``NaN`` and ``Infinity``, which Python reads and JSON has not (RFC 8259, section 6).

    Raises:
        ValueError: always.
    """
    raise ValueError(name)


def _finite(text: str) -> float:
    """
    A number with a fraction or an exponent. ``1e999`` is JSON, and larger than any number that can be answered with.

    Raises:
        Invalid: it is.
    """
    value = float(text)
    if math.isinf(value):
        raise Invalid(f"{text[:20]} is larger than any number that we can keep.")
    return value


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_named_once, parse_constant=_no_number, parse_float=_finite)


def check_text(value: Any, place: str = "") -> None:
    """
    Refuse text that cannot be kept: U+0000, which PostgreSQL does not store, and halves of surrogate pairs.

    Raises:
        Invalid: naming where.
    """
    if isinstance(value, str):
        if not _is_kept(value):
            raise Invalid(errors=[FieldError(place, "has a character that cannot be kept")])
    elif isinstance(value, dict):
        for name, one in value.items():
            check_text(name, place)
            check_text(one, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            check_text(one, f"{place}.{number}" if place else str(number))


def _is_kept(text: str) -> bool:
    """Whether *text* can be kept; encoding it is a hundred times as fast as looking at each character of it."""
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def validated(model: type[BaseModel], value: Any) -> BaseModel:
    """
    *value* as a *model*.

    Raises:
        Invalid: with one error for each field that does not fit.
    """
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        found = [_field_error(dict(one), value) for one in exc.errors()[:50]]
        raise Invalid(errors=list({one.field: one for one in reversed(found)}.values())[::-1]) from exc


def _field_error(error: dict[str, Any], value: Any) -> FieldError:
    plain = {"extra_forbidden": "is not a known field", "model_type": "is an object", "missing": "is needed"}
    message = plain.get(error["type"], str(error["msg"]))
    return FieldError(_field(error["loc"], value, error["type"]), message.removeprefix("Value error, "))


def _field(place: tuple[str | int, ...], value: Any, kind: str) -> str:
    """The name of a field as it was sent: pydantic puts the kinds that it tried among the parts of *place*."""
    parts = []
    for at, part in enumerate(place, 1):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list | tuple) and isinstance(part, int):
            value = value[part] if part < len(value) else None
        elif kind != "missing" or at < len(place):
            continue
        parts.append(str(part))
    return ".".join(parts or map(str, place[:1]))


def parse_query(model: type[Query] | None, request: web.Request) -> Any:
    """
    The query string as a *model*; a field that is a list takes every value of its name.

    Raises:
        Invalid: an unknown name, or a value that does not fit.
    """
    if model is None:
        return None
    lists = {f.alias or name for name, f in model.model_fields.items() if _is_list(f.annotation)}
    values: dict[str, Any] = {}
    for name in request.query:
        given = request.query.getall(name)
        if name not in lists and len(given) > 1:
            raise Invalid(errors=[FieldError(name, "is there twice")])
        values[name] = given if name in lists else given[0]
    check_text(values)
    return validated(model, values)


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) in (list, tuple, set)
