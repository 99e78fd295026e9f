"""
What a connection answers where there is no request yet: a line that is too long, or one that is no HTTP at all.

aiohttp says such things in plain text, with a piece of what it was sent, and logs its exception. Here they are problem
documents like every refusal, that repeat nothing; the log line has a status and the type of the error.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from telegut import logs
from telegut.web import problems

log = logs.get("web")

ADDRESS_BYTES: Final = 8_192
"""The longest address with its query. RFC 9112, section 3, wants at least 8,000 octets to be taken."""
FIELD_BYTES: Final = 8_190
"""The longest header field: aiohttp's own limit. Another number than that of addresses: by it an error says which."""

_SAID: Final = {
    400: ("unreadable", "This is not a request that telegut can read."),
    414: ("address_too_long", f"This address is longer than {ADDRESS_BYTES} bytes. Send what is long in the body."),
    431: ("header_too_long", f"A header of this request is longer than {FIELD_BYTES} bytes."),
    500: ("internal", "Something went wrong on our side. Nothing was lost; we have a note of it."),
    504: ("too_slow", "This took too long. Please try again."),
}
_HEADERS: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Server": "telegut"}


class Runner(web.AppRunner):
    """Runs an application whose connections answer so."""

    def __init__(self, app: web.Application, *, shutdown_timeout: float) -> None:
        super().__init__(
            app,
            access_log=None,  # a line for each request is written by `telegut.web.middleware`
            shutdown_timeout=shutdown_timeout,
            max_line_size=ADDRESS_BYTES,
            max_field_size=FIELD_BYTES,
        )

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        made.__class__ = _Server  # aiohttp has no setting for the kind of a connection
        return made


class _Server(web.Server):
    """Makes connections of our kind."""

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    """A connection of a client."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """
        The answer to what no handler of ours has seen; the connection ends with it. *message* is not repeated.

        Raises:
            ConnectionError: a part of another answer is on its way already.
        """
        status = refused_with(status, exc)
        log.warning("unreadable", status=status, error=type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("Another answer has begun already.")
        code, said = _SAID.get(status, _SAID[500])
        answer = problems.plain(status, problems.document(status, code, said))
        answer.headers.update(_HEADERS)
        answer.force_close()
        return answer


def refused_with(status: int, exc: BaseException | None) -> int:
    """The status for what the parser says: which line was too long is told by the limit that it names."""
    if isinstance(exc, LineTooLong):
        return 414 if exc.args[1] == ADDRESS_BYTES else 431
    return status
