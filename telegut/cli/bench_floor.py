"""aiohttp with nothing on top: the peer of sockets. It greets who says hello, and answers a GET."""

from __future__ import annotations

import asyncio
import resource
import socket

from aiohttp import WSMsgType, web

from telegut.cli.listening import BACKLOG


async def _socket(request: web.Request) -> web.StreamResponse:
    stream = web.WebSocketResponse(compress=False)
    await stream.prepare(request)
    async for message in stream:
        if message.type is WSMsgType.TEXT:
            await stream.send_str('{"type": "welcome", "cursor": "1"}')
    return stream


async def _get(_: web.Request) -> web.Response:
    return web.json_response({"items": []})


async def serve() -> None:
    """Listen on a free port of loopback, and say which."""
    app = web.Application()
    app.router.add_get("/events", _socket)
    app.router.add_get("/api/v1/conversations", _get)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    taken = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    await web.SockSite(runner, taken, backlog=BACKLOG).start()
    print(taken.getsockname()[1], flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    import uvloop

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(serve())


if __name__ == "__main__":
    main()
