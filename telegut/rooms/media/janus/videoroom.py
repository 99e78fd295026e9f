"""
What is asked of Janus's videoroom plugin: a room, somebody who publishes there, somebody who is shown others.

Source: Janus documentation, "VideoRoom plugin", requests create, join, publish, subscribe, start, configure, destroy.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any, Final

from telegut.rooms.media.janus.client import Client, JanusRefused, Told

PLUGIN: Final = "janus.plugin.videoroom"
BITRATE: Final = 3_000_000
"""Bits a second that Janus asks publishers to stay below."""
KEY_FRAME_S: Final = 10


async def create(client: Client, handle: int, room: str, publishers: int) -> None:
    """
    Open *room*, unless it is open.

    Raises:
        MediaAway, JanusRefused: see `Client.message`.
    """
    body = {"request": "create", "room": room, "publishers": publishers, "bitrate": BITRATE, "is_private": True}
    codecs = {"audiocodec": "opus", "videocodec": "vp8", "audiolevel_event": True}
    with contextlib.suppress(JanusRefused):
        if (await client.message(handle, {"request": "exists", "room": room}))[0].get("exists"):
            return
    await client.message(handle, {**body, **codecs})


async def publish(client: Client, handle: int, room: str, feed: str, offer: str) -> str:
    """
    *feed* sends what *offer* says; the answer.

    Raises:
        MediaAway, JanusRefused: see `Client.message`.
    """
    await client.message(handle, {"request": "join", "ptype": "publisher", "room": room, "id": feed})
    return (await client.message(handle, {"request": "publish"}, {"type": "offer", "sdp": offer}))[1]


async def subscribe(
    client: Client, handle: int, room: str, streams: Iterable[tuple[str, str]]
) -> tuple[str, list[dict[str, Any]]]:
    """
    Be shown *streams* (feed and its mid, "" for all of them): Janus's offer, and which of its m-lines is whose.

    Raises:
        MediaAway, JanusRefused: see `Client.message`.
    """
    wanted = [{"feed": feed, **({"mid": mid} if mid else {})} for feed, mid in streams]
    body = {"request": "join", "ptype": "subscriber", "room": room, "streams": wanted}
    data, offer = await client.message(handle, body)
    return offer, list(data.get("streams", []))


async def start(client: Client, handle: int, answer: str) -> None:
    """
    Let it flow.

    Raises:
        MediaAway, JanusRefused: see `Client.message`.
    """
    await client.message(handle, {"request": "start"}, {"type": "answer", "sdp": answer})


async def configure(client: Client, handle: int, streams: list[dict[str, Any]]) -> None:
    """
    Send what *streams* say (``mid``, ``send``) from now on.

    Raises:
        MediaAway, JanusRefused: see `Client.message`.
    """
    await client.message(handle, {"request": "configure", "streams": streams})


async def publishers(client: Client, handle: int, room: str) -> list[str]:
    """
    The feeds that are published in *room*.

    Raises:
        MediaAway, JanusRefused: see `Client.message`.
    """
    data, _ = await client.message(handle, {"request": "listparticipants", "room": room})
    return [str(one["id"]) for one in data.get("participants", []) if one.get("publisher")]


async def destroy(client: Client, handle: int, room: str) -> None:
    """
    The room ends.

    Raises:
        MediaAway, JanusRefused: see `Client.message`.
    """
    await client.message(handle, {"request": "destroy", "room": room})


async def attach(client: Client, told: Told = lambda said: None) -> int:
    """A handle of the plugin."""
    return await client.attach(PLUGIN, told)
