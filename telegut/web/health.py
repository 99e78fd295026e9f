"""Probes, metrics, and the description of the API."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import text

from telegut.db.caller import Caller
from telegut.db.schema import expected_revision
from telegut.web import openapi
from telegut.web.api import OPERATIONS
from telegut.web.keys import DATABASE, SETTINGS
from telegut.web.render import render
from telegut.web.sockets import SOCKETS

Check = Callable[[web.Application], Awaitable[bool]]

CHECKS: web.AppKey[dict[str, Check]] = web.AppKey("checks")
"""What must hold before this process takes work; domains add their own by name."""

KEPT_S = 1.0
"""A good answer of ``/readyz`` is given again for this long."""
KEPT_BAD_S = 0.1
"""A bad one for this long: who waits for us should not wait longer than it takes."""


class Metrics:
    """What this process counts. Labels are routes and statuses, never ids."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("telegut_requests", "answered", ["method", "route", "status"], registry=self.registry)
        self.seconds = Histogram("telegut_request_seconds", "time to answer", ["route"], registry=self.registry)
        self.sockets = Gauge("telegut_open_sockets", "open sockets", registry=self.registry)


METRICS = web.AppKey("metrics", Metrics)


class _Kept:
    """The last answer of ``/readyz``, and when it was found."""

    def __init__(self) -> None:
        self.at = -KEPT_S
        self.found: dict[str, bool] = {}


_KEPT = web.AppKey("readiness", _Kept)


def install(app: web.Application) -> None:
    """Serve them in *app*."""
    app[METRICS] = Metrics()
    checks: dict[str, Check] = {"database": _database, "schema": _schema}
    app[CHECKS], app[_KEPT] = checks, _Kept()
    app.router.add_get("/livez", get_livez)
    app.router.add_get("/readyz", get_readyz)
    app.router.add_get("/metrics", get_metrics)
    app.router.add_get("/api/v1/openapi.json", get_openapi)
    app.router.add_get("/api/docs", get_docs)


async def get_livez(request: web.Request) -> web.Response:
    """The process runs; touches nothing."""
    return web.Response(text="ok\n")


async def get_readyz(request: web.Request) -> web.Response:
    """Whether everything it needs is there."""
    kept = request.app[_KEPT]
    if time.monotonic() - kept.at >= (KEPT_S if kept.found and all(kept.found.values()) else KEPT_BAD_S):
        names = request.app[CHECKS]
        found = await asyncio.gather(*(_held(request.app, one) for one in names.values()))
        kept.found, kept.at = dict(zip(names, found, strict=True)), time.monotonic()
    answers = kept.found
    good = all(answers.values())
    body = {"ready": good, "checks": {name: "ok" if held else "failed" for name, held in answers.items()}}
    headers = {} if good else {"Retry-After": "2"}
    return web.json_response(body, status=200 if good else 503, headers=headers)


async def _held(app: web.Application, check: Check) -> bool:
    try:
        async with asyncio.timeout(3):
            return await check(app)
    except Exception:
        # Whatever went wrong, the answer is the same: not ready.
        return False


async def _database(app: web.Application) -> bool:
    async with app[DATABASE].begin(Caller.system("readiness")) as tx:
        return bool(await tx.scalar(text("select true")))


async def _schema(app: web.Application) -> bool:
    async with app[DATABASE].engine.connect() as connection:
        found = await connection.scalar(text("select version_num from alembic_version"))
    return bool(found == expected_revision())


async def get_metrics(request: web.Request) -> web.Response:
    """Prometheus text format."""
    metrics = request.app[METRICS]
    metrics.sockets.set(request.app[SOCKETS].count)
    return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def get_openapi(request: web.Request) -> web.Response:
    """The description of the API, from the types that validate."""
    described = openapi.document(request.app[OPERATIONS], request.app[SETTINGS].origin)
    return web.Response(body=json.dumps(described).encode(), content_type="application/json")


async def get_docs(request: web.Request) -> web.Response:
    """The same for people."""
    operations: dict[str, list[object]] = {}
    for one in request.app[OPERATIONS]:
        operations.setdefault(one.tag, []).append(one)
    return await render(request, "web/api.html", {"operations": operations})
