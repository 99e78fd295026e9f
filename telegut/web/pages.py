"""Pages for people: the same callers and services as the API, answered in HTML."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import quote

from aiohttp import web

from telegut.errors import Unauthenticated
from telegut.web.api import Call, Query, admit, parse_query
from telegut.web.security import ensure_guest

PageHandler = Callable[[Call[None]], Awaitable[web.StreamResponse]]


class Pages:
    """The pages of one domain. Pages only read; changes go through the API (sign-in and sign-out excepted)."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self._routes: list[tuple[str, Callable[[web.Request], Awaitable[web.StreamResponse]]]] = []

    def get(
        self,
        path: str,
        *,
        roles: Iterable[str] = (),
        open: bool = False,
        visit_scope: bool = False,
        query: type[Query] | None = None,
    ) -> Callable[[PageHandler], PageHandler]:
        """Register a page; somebody who is not signed in is sent to the sign-in page first, unless it is *open*."""
        wanted = frozenset(roles)

        def keep(handler: PageHandler) -> PageHandler:
            async def handle(request: web.Request) -> web.StreamResponse:
                try:
                    caller = await admit(request, wanted, is_open=open, visit_scope=visit_scope)
                except Unauthenticated:
                    raise web.HTTPFound(f"/sign-in?next={quote(request.path_qs, safe='/')}") from None
                if caller.session is None:
                    ensure_guest(request)
                return await handler(Call(request=request, caller=caller, body=None, query=parse_query(query, request)))

            self._routes.append((path, handle))
            return handler

        return keep

    def install(self, app: web.Application) -> None:
        """Serve these pages in *app*."""
        for path, handle in self._routes:
            app.router.add_get(path, handle)
