"""
The service worker, and the page that it shows without a connection.

A browser keeps that page and its looks, and nothing else: no page, no answer and no file of anybody's. The script
begins with the addresses of what is kept and a version over all of it, so that any change is a new worker, which
browsers take by themselves (Service Workers, W3C: an update compares bytes).
"""

from __future__ import annotations

import hashlib
import json

from aiohttp import web

from telegut.errors import NotFound
from telegut.messaging.replies import parse_helpline
from telegut.web.assets import ASSETS
from telegut.web.keys import SETTINGS
from telegut.web.render import render

PAGE = "/offline"
LOOKS = ("app.css", "icons.svg", "mark.svg")
_POLICY = "default-src 'none'; connect-src 'self'"
"""What the worker itself may do: fetch from us (it has no page to show things in)."""


def install(app: web.Application) -> None:
    """Serve them in *app*."""
    app.router.add_get(PAGE, get_page)
    app.router.add_get("/service-worker.js", get_worker)


async def get_page(request: web.Request) -> web.Response:
    """The same for everybody: whoever is signed in is not looked at."""
    numbers = [parse_helpline(one) for one in request.app[SETTINGS].emergency_numbers]
    return await render(request, "messaging/offline.html", {"helplines": numbers})


async def get_worker(request: web.Request) -> web.Response:
    """
    The script, at the root so that the whole of telegut is its scope.

    Raises:
        NotFound: the front end was not built with one.
    """
    assets = request.app[ASSETS]
    name = assets.names().get("service-worker.js")
    if name is None:
        raise NotFound
    script = assets.file(name).read_text("utf-8").partition("\n//# sourceMappingURL")[0]
    page = await get_page(request)
    urls = [assets.url(look) for look in LOOKS]
    version = hashlib.sha256("\n".join([script, *urls, page.text or ""]).encode()).hexdigest()[:16]
    kept = json.dumps({"version": version, "page": PAGE, "looks": urls})
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY}
    return web.Response(
        text=f"self.KEPT={kept};\n{script}\n", content_type="text/javascript", charset="utf-8", headers=headers
    )
