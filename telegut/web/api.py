"""
Endpoints: parse, call, answer. The types that validate are the types that OpenAPI shows.

A handler receives a `Call` whose body and query were already checked, and returns an `Answer`. Around every unsafe
verb there is one transaction that the services join, with the caller's ``Idempotency-Key`` stored in it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar
from uuid import UUID

from aiohttp import web
from aiohttp.web_request import FileField
from pydantic import BaseModel

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
)
from telegut.web import problems
from telegut.web.idempotency import Attempt, FirstAnswer, Ledger, attempt
from telegut.web.identity import identify
from telegut.web.keys import DATABASE, SETTINGS
from telegut.web.parse import check_text, parse_body, parse_query, read_form, read_limited, validated
from telegut.web.security import check_unsafe
from telegut.web.values import YEARS, Answer, Body, Instant, Page, Query, instant_text

__all__ = [
    "LEDGER",
    "OPERATIONS",
    "UNSAFE",
    "YEARS",
    "Answer",
    "Body",
    "Call",
    "Endpoints",
    "Instant",
    "Operation",
    "Page",
    "Query",
    "admit",
    "again",
    "check_text",
    "first_answer",
    "instant_text",
    "parse_body",
    "parse_query",
    "read_form",
    "read_limited",
    "to_response",
    "validated",
]

B = TypeVar("B")

LEDGER = web.AppKey("ledger", Ledger)
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


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
    """What may stand in the address; None: nothing. Anything else is refused."""
    answer: type[BaseModel] | None = None
    status: int = 200
    refusals: tuple[type[TelegutError], ...] = ()
    roles: frozenset[str] = frozenset()
    open: bool = False
    visit_scope: bool = False
    own_transaction: bool | Callable[[Call[Any]], bool] = False
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
        call: Call[Any] = Call(
            request=request, caller=caller, body=None, query=parse_query(operation.query or Query, request)
        )
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
    if operation.open or _manages_its_own(operation, call):
        # Sign-in answers hold secrets and are not kept; an own transaction keeps its key itself.
        return to_response(operation, await operation.handler(replace(call, attempt=this)))
    try:
        async with operation.turn(call) if operation.turn else nullcontext():
            return await request.app[DATABASE].run(caller, lambda tx: _in_transaction(operation, call, this, tx))
    except TelegutError as refusal:
        if this is not None:
            await _keep_refusal(request, caller, this, refusal)
        raise


def _manages_its_own(operation: Operation, call: Call[Any]) -> bool:
    own = operation.own_transaction
    return own if isinstance(own, bool) else own(call)


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
    query = parse_query(operation.query or Query, request)
    content = request.query_string.encode() + b"\0"
    if operation.multipart:
        form, digest = await read_form(request)
        return Call(request=request, caller=caller, body=None, query=query, form=form), content + digest
    raw = await read_limited(request, request.app[SETTINGS].body_limit_bytes)
    body = parse_body(operation.body, raw, request.content_type) if operation.body is not None else None
    if operation.body is None and raw.strip() not in (b"", b"{}"):
        raise Invalid(errors=[FieldError("", "takes no body")])
    return Call(request=request, caller=caller, body=body, query=query), content + raw


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
