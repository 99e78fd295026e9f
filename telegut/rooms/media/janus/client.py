"""
A connection to a Janus server: one session, many handles, requests and events over one WebSocket.

Source: Janus documentation, "Janus WebSockets API" and "Plugin API"; Janus 1.1.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from typing import Any, Final, cast

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse

from telegut.rooms.media.control import MediaAway

PROTOCOL: Final = "janus-protocol"
ANSWER_WITHIN_S: Final = 10.0
STAY_EVERY_S: Final = 20.0
"""Janus forgets a session that said nothing for 60 s."""

Body = dict[str, Any]
Told = Callable[[Body], None]


class JanusRefused(Exception):
    """Janus does not do what was asked; the text is its own."""


class Client:
    """One session. Everything that was asked while the connection broke ends with `MediaAway`."""

    def __init__(self, url: str, secret: str = "") -> None:
        self._url = url
        self._secret = secret
        self._http: ClientSession | None = None
        self._socket: ClientWebSocketResponse | None = None
        self._session = 0
        self._asked: dict[str, asyncio.Future[Body]] = {}
        self._handles: dict[int, Told] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.over = asyncio.Event()
        """Set when the connection is gone."""

    async def open(self) -> None:
        """
        Connect.

        Raises:
            MediaAway: nobody is there.
        """
        try:
            self._http = ClientSession()
            self._socket = await self._http.ws_connect(self._url, protocols=[PROTOCOL], max_msg_size=0)
        except (ClientError, OSError) as exc:
            await self.close()
            raise MediaAway from exc
        self._tasks.append(asyncio.create_task(self._listen(self._socket), name="janus"))
        self._session = int((await self.ask({"janus": "create"}))["data"]["id"])
        self._tasks.append(asyncio.create_task(self._stay(), name="janus stays"))

    async def close(self) -> None:
        """Let go; Janus ends what hung on the session."""
        for task in self._tasks:
            task.cancel()
        self.over.set()
        if self._socket is not None:
            with contextlib.suppress(ClientError, OSError):
                await self._socket.close()
        if self._http is not None:
            await self._http.close()

    async def attach(self, plugin: str, told: Told) -> int:
        """A handle of *plugin*; *told* is given its events."""
        handle = int((await self.ask({"janus": "attach", "plugin": plugin}))["data"]["id"])
        self._handles[handle] = told
        return handle

    async def detach(self, handle: int) -> None:
        """The handle and its connection end."""
        self._handles.pop(handle, None)
        with contextlib.suppress(MediaAway, JanusRefused):
            await self.ask({"janus": "detach", "handle_id": handle})

    async def message(self, handle: int, body: Body, jsep: Body | None = None) -> tuple[Body, str]:
        """
        What the plugin says to *body*, and the description that comes with it ("" without).

        Raises:
            MediaAway: Janus does not answer. JanusRefused: it says no.
        """
        asked: Body = {"janus": "message", "handle_id": handle, "body": body}
        said = await self.ask(asked if jsep is None else {**asked, "jsep": jsep})
        data = cast(Body, said.get("plugindata", {}).get("data", {}))
        if "error" in data:
            raise JanusRefused(str(data["error"]))
        return data, str(said.get("jsep", {}).get("sdp", ""))

    async def ask(self, body: Body) -> Body:
        """
        Send *body*, and wait for what it leads to (an acknowledgement is no answer).

        Raises:
            MediaAway: Janus does not answer. JanusRefused: it says no.
        """
        socket, name = self._socket, secrets.token_hex(8)
        if socket is None or self.over.is_set():
            raise MediaAway
        answer = self._asked[name] = asyncio.get_running_loop().create_future()
        extra: Body = {"session_id": self._session} if self._session else {}
        if self._secret:
            extra["apisecret"] = self._secret
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await socket.send_json({**body, **extra, "transaction": name})
                said: Body = await answer
        except (TimeoutError, ClientError, OSError) as exc:
            raise MediaAway from exc
        finally:
            self._asked.pop(name, None)
        if said["janus"] == "error":
            raise JanusRefused(str(said["error"].get("reason", "")))
        return said

    async def _listen(self, socket: ClientWebSocketResponse) -> None:
        try:
            async for message in socket:
                self._heard(cast(Body, message.json()))
        finally:
            self.over.set()
            for answer in self._asked.values():
                if not answer.done():
                    answer.set_exception(MediaAway())

    def _heard(self, said: Body) -> None:
        if said.get("janus") == "ack":
            return
        answer = self._asked.get(said.get("transaction", ""))
        if answer is not None:
            if not answer.done():
                answer.set_result(said)
        elif (told := self._handles.get(said.get("sender", 0))) is not None:
            told(said)

    async def _stay(self) -> None:
        while True:
            await asyncio.sleep(STAY_EVERY_S)
            with contextlib.suppress(MediaAway, JanusRefused):
                await self.ask({"janus": "keepalive"})
