"""
Endpoints: parse, call, answer. The types that validate are the types that OpenAPI shows.

A handler receives a `Call` whose body and query were already checked, and returns an `Answer`. Around every unsafe
verb there is one transaction that the services join, with the caller's ``Idempotency-Key`` stored in it.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar, get_origin
from uuid import UUID

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_request import FileField
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    ValidationError,
)

from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.errors import (
    FieldError,
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
from telegut.web import problems
from telegut.web.idempotency import Attempt, FirstAnswer, Ledger, attempt
from telegut.web.identity import identify
from telegut.web.keys import DATABASE, SETTINGS
from telegut.web.security import check_unsafe

B = TypeVar("B")
T = TypeVar("T")

LEDGER = web.AppKey("ledger", Ledger)
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def instant_text(value: datetime) -> str:
    """RFC 3339 in UTC with ``Z``."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text_only(value: Any) -> Any:
    if not isinstance(value, (str, datetime)):
        raise ValueError("is an instant such as 2026-11-24T15:30:00Z")
    return value


YEARS = range(1900, 2201)
"""Years that an instant may lie in: people live in them, and arithmetic around them cannot leave the calendar."""


def _plausible(value: datetime) -> datetime:
    if value.year not in YEARS:
        raise ValueError(f"lies between the years {YEARS[0]} and {YEARS[-1]}")
    return value


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_text_only),
    AfterValidator(_plausible),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
]
"""An instant with its zone; printed in UTC."""


class Body(BaseModel):
    """What a client sends. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


class Query(BaseModel):
    """What a client asks for in the address. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Answer(BaseModel):
    """What we send."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Page(Answer, Generic[T]):
    """A list; *next* is the cursor of the following page, or null."""

    items: list[T]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[B]):
    """One request, already parsed."""

    request: web.Request
    caller: Caller
    body: B
    query: Any = None
    form: dict[str, list[str | FileField]] = field(default_factory=dict)
    attempt: Attempt | None = None

    @property
    def app(self) -> web.Application:
        """The application, with the services in it."""
        return self.request.app

    def uuid(self, name: str) -> UUID:
        """
        A path parameter that is an id.

        Raises:
            NotFound: it is not one, so there is nothing there.
        """
        try:
            return UUID(self.request.match_info[name])
        except ValueError as exc:
            raise NotFound from exc


Handler = Callable[[Call[Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One endpoint, as registered."""

    method: str
    path: str
    handler: Handler
    tag: str
    summary: str
    body: type[BaseModel] | None = None
    query: type[Query] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    refusals: tuple[type[TelegutError], ...] = ()
    roles: frozenset[str] = frozenset()
    open: bool = False
    visit_scope: bool = False
    own_transaction: bool = False
    multipart: bool = False
    turn: Callable[[Call[Any]], AbstractAsyncContextManager[None]] | None = None
    """What a change waits for before it takes a connection; see `telegut.scheduling.turns`."""


OPERATIONS: web.AppKey[list[Operation]] = web.AppKey("operations")


class Endpoints:
    """The endpoints of one domain."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.operations: list[Operation] = []

    def get(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Register a read."""
        return self._register("GET", path, options)

    def post(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Register a POST."""
        return self._register("POST", path, options)

    def put(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Register a PUT."""
        return self._register("PUT", path, options)

    def patch(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Register a PATCH."""
        return self._register("PATCH", path, options)

    def delete(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Register a DELETE."""
        return self._register("DELETE", path, options)

    def _register(self, method: str, path: str, options: dict[str, Any]) -> Callable[[Handler], Handler]:
        options["roles"] = frozenset(options.get("roles", ()))
        options["refusals"] = tuple(options.get("refusals", ()))

        def keep(handler: Handler) -> Handler:
            operation = Operation(method=method, path=path, handler=handler, tag=self.tag, **options)
            self.operations.append(operation)
            return handler

        return keep

    def install(self, app: web.Application) -> None:
        """Serve these endpoints in *app*."""
        for operation in self.operations:
            app.router.add_route(operation.method, operation.path, _serve(operation))
            if operation.method == "GET":
                app.router.add_route("HEAD", operation.path, _serve(operation))
            app[OPERATIONS].append(operation)


def _serve(operation: Operation) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        caller = await admit(request, operation.roles, is_open=operation.open, visit_scope=operation.visit_scope)
        if operation.method in UNSAFE:
            if not operation.open:
                await check_unsafe(request)
            return await _change(operation, request, caller)
        call: Call[Any] = Call(request=request, caller=caller, body=None, query=parse_query(operation.query, request))
        return to_response(operation, await operation.handler(call))

    return handle


async def admit(
    request: web.Request, roles: frozenset[str], *, is_open: bool = False, visit_scope: bool = False
) -> Caller:
    """
    The caller, when this is open to them.

    Raises:
        Unauthenticated: nobody vouches for the request, or only a personal link does and that is not enough.
        Refused: none of the caller's roles is among *roles*.
    """
    caller = await identify(request)
    if is_open:
        return caller
    if caller.account is None or (caller.scope is not None and not visit_scope):
        raise Unauthenticated
    if roles and caller.scope is None and not caller.roles & roles:
        raise Refused
    return caller


async def _change(operation: Operation, request: web.Request, caller: Caller) -> web.StreamResponse:
    call, content = await _parse(operation, request, caller)
    key = request.headers.get("Idempotency-Key")
    this = attempt(caller.account, f"{operation.method} {request.path}", key, content) if key is not None else None
    if operation.open or operation.own_transaction:
        # Sign-in answers hold secrets and are not kept; an own transaction keeps its key itself.
        return to_response(operation, await operation.handler(replace(call, attempt=this)))
    try:
        async with operation.turn(call) if operation.turn else nullcontext():
            return await request.app[DATABASE].run(caller, lambda tx: _in_transaction(operation, call, this, tx))
    except TelegutError as refusal:
        if this is not None:
            await _keep_refusal(request, caller, this, refusal)
        raise


async def _in_transaction(operation: Operation, call: Call[Any], this: Attempt | None, tx: Transaction) -> web.Response:
    ledger = call.app[LEDGER]
    if this is not None:
        first = await ledger.claim(tx, this)
        if first is not None:
            return again(first)
    response = to_response(operation, await operation.handler(replace(call, caller=call.caller.within(tx))))
    if not isinstance(response, web.Response):
        raise TypeError("a change answers with a plain response")
    if this is not None:
        await ledger.keep(tx, this, first_answer(response))
    return response


async def _keep_refusal(request: web.Request, caller: Caller, this: Attempt, refusal: TelegutError) -> None:
    """A refusal had no effect; it is kept so that the same key gets the same answer."""
    transient = isinstance(refusal, (Unauthenticated, TooMany, Unavailable, TooLarge))
    if transient or problems.status_of(refusal) >= 500 or refusal.code == "idempotency_key_reused":
        return
    response = problems.response(refusal)
    async with request.app[DATABASE].begin(caller) as tx:
        if await request.app[LEDGER].claim(tx, this) is None:
            await request.app[LEDGER].keep(tx, this, first_answer(response))


def first_answer(response: web.Response) -> FirstAnswer:
    """What has to be kept of *response*."""
    body = response.body if isinstance(response.body, bytes) else b""
    return FirstAnswer(response.status, body, response.content_type)


def again(first: FirstAnswer) -> web.Response:
    """The first answer once more."""
    return web.Response(
        status=first.status,
        body=first.body,
        content_type=first.content_type,
        headers={"Idempotency-Replayed": "true"},
    )


async def _parse(operation: Operation, request: web.Request, caller: Caller) -> tuple[Call[Any], bytes]:
    query = parse_query(operation.query, request)
    content = request.query_string.encode() + b"\0"
    if operation.multipart:
        form, digest = await read_form(request)
        return Call(request=request, caller=caller, body=None, query=query, form=form), content + digest
    raw = await read_limited(request, request.app[SETTINGS].body_limit_bytes)
    body = parse_body(operation.body, raw, request.content_type) if operation.body is not None else None
    if operation.body is None and raw.strip() not in (b"", b"{}"):
        raise Invalid(errors=[FieldError("", "takes no body")])
    return Call(request=request, caller=caller, body=body, query=query), content + raw


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
    import hashlib

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
        value = json.loads(raw)
    except (ValueError, RecursionError) as exc:
        raise Unparsable("The body is not JSON.") from exc
    check_text(value)
    return validated(model, value)


def check_text(value: Any, place: str = "") -> None:
    """
    Refuse text that cannot be kept: U+0000, which PostgreSQL does not store, and halves of surrogate pairs.

    Raises:
        Invalid: naming where.
    """
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= one <= "\udfff" for one in value):
            raise Invalid(errors=[FieldError(place, "has a character that cannot be kept")])
    elif isinstance(value, dict):
        for name, one in value.items():
            check_text(name, place)
            check_text(one, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            check_text(one, f"{place}.{number}".lstrip("."))


def validated(model: type[BaseModel], value: Any) -> BaseModel:
    """
    *value* as a *model*.

    Raises:
        Invalid: with one error for each field that does not fit.
    """
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        raise Invalid(errors=[_field_error(dict(one)) for one in exc.errors()[:50]]) from exc


def _field_error(error: dict[str, Any]) -> FieldError:
    plain = {"extra_forbidden": "is not a known field", "model_type": "is an object", "missing": "is needed"}
    message = plain.get(error["type"], str(error["msg"]))
    return FieldError(".".join(str(part) for part in error["loc"]), message.removeprefix("Value error, "))


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
        values[name] = request.query.getall(name) if name in lists else request.query[name]
    check_text(values)
    return validated(model, values)


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) in (list, tuple, set)


def to_response(operation: Operation, result: Any) -> web.StreamResponse:
    """A handler's result as an answer: a response as it is, None as 204, a model as JSON."""
    if isinstance(result, web.StreamResponse):
        return result
    if result is None:
        return web.Response(status=204)
    if isinstance(result, BaseModel):
        text = result.model_dump_json(by_alias=True)
        return web.Response(status=operation.status, body=text.encode(), content_type="application/json")
    raise TypeError(f"{operation.path} answered with {type(result).__name__}")
