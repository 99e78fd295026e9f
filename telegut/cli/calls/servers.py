"""
The servers that callers of a bench call, each a process of its own on one core: our media process, Janus, the echo.

Janus (Debian package ``janus``) has one event loop and its default settings else; as it refuses to use loopback, it and
whoever is measured beside it live in a network of their own (`network_for_janus`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from telegut.cli.bench_network import NoNetwork, own_network
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.itself import COMMAND
from telegut.db.binaries import child_setup
from telegut.rooms.media.control import socket_path

SERVER_CORE: Final = 0
CALLERS_CORE: Final = 1
JANUS_ADDRESS: Final = "10.77.0.1"
"""Of one end of a pair of interfaces in a network of our own; what is sent to it stays in there."""
JANUS_PORT: Final = 8188
READY_WITHIN_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server at work. order: how callers reach it (see `ways.way`)."""

    name: str
    pid: int
    order: Mapping[str, Any]


def pin(pid: int, core: int) -> None:
    """Let *pid*, which has just begun, run on *core* alone and, where it may, before all others (sched(7))."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(pid, {cores[core % len(cores)]})
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(os.sched_get_priority_min(os.SCHED_RR)))


@contextlib.asynccontextmanager
async def own() -> AsyncIterator[Server]:
    """Our media process, as ``telegut serve`` starts it, without the rest."""
    with tempfile.TemporaryDirectory(prefix="telegut-bench-") as folder:
        wanted = {"TELEGUT_DATA": folder, "TELEGUT_MEDIA_HOST": "127.0.0.1", "TELEGUT_MEDIA_PUBLIC_HOST": "127.0.0.1"}
        path = socket_path(Path(folder))
        async with _running([*COMMAND, "serve", "--only", "media"], wanted) as process:
            await _until(path.exists, process, "the media process")
            yield Server("telegut", process.pid, {"kind": "own", "path": str(path)})


@contextlib.asynccontextmanager
async def janus() -> AsyncIterator[Server]:
    """Janus with one event loop. Inside `network_for_janus`."""
    with tempfile.TemporaryDirectory(prefix="telegut-bench-janus-") as folder:
        for name, text in janus_configuration(Path(folder)).items():
            (Path(folder) / name).write_text(text)
        command = ["janus", "--configs-folder", folder, "--debug-level", "2"]
        async with _running(command, {}) as process:
            yield Server("janus", process.pid, {"kind": "janus", "url": f"ws://127.0.0.1:{JANUS_PORT}"})


@contextlib.asynccontextmanager
async def echo() -> AsyncIterator[Server]:
    """The floor: what it costs to open each packet, seal it again and send it back, with nothing else."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "telegut.cli.calls.echo"),
        stdout=asyncio.subprocess.PIPE,
        preexec_fn=child_setup(None, signal.SIGKILL),  # however the bench ends, it ends too
    )
    pin(process.pid, SERVER_CORE)
    try:
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        yield Server("echo", process.pid, {"kind": "echo", "port": port})
    finally:
        await _end(process)


def janus_configuration(folder: Path) -> dict[str, str]:
    """The files that Janus reads. Nothing but what videoroom needs is on."""
    return {
        "janus.jcfg": (
            f'general: {{\n configs_folder = "{folder}"\n event_loops = 1\n}}\n'
            "nat: {\n nice_debug = false\n}\n"
            'plugins: {\n disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,'
            "libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,libjanus_textroom.so,"
            'libjanus_videocall.so,libjanus_voicemail.so"\n}\n'
            'transports: {\n disable = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,'
            'libjanus_rabbitmq.so"\n}\n'
        ),
        "janus.transport.websockets.jcfg": (
            f'general: {{\n json = "compact"\n ws = true\n ws_port = {JANUS_PORT}\n ws_ip = "127.0.0.1"\n'
            " wss = false\n}\n"
            "admin: {\n admin_ws = false\n}\n"
        ),
        "janus.plugin.videoroom.jcfg": "general: {\n string_ids = true\n}\n",
    }


@contextlib.contextmanager
def network_for_janus() -> Iterator[None]:
    """
    A network of our own in which Janus finds an address that is not loopback.

    Raises:
        NoNetwork: there is no Janus here, or no such network can be made; the text says why.
    """
    if shutil.which("janus") is None:
        raise NoNetwork("no Janus on this machine: install the Debian package janus")
    if shutil.which("ip") is None:
        raise NoNetwork("no ip on this machine: install the package iproute2")
    with own_network():
        _do("nft", "flush", "ruleset")  # rules cost every packet something
        _do("ip", "link", "add", "media0", "type", "veth", "peer", "name", "media1")
        _do("ip", "address", "add", f"{JANUS_ADDRESS}/24", "dev", "media0")
        for name in ("media0", "media1"):
            _do("ip", "link", "set", name, "up")
        yield


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoNetwork(f"a network for Janus cannot be made here: {done.stderr.strip()[:200]}")


@contextlib.asynccontextmanager
async def _running(command: list[str], wanted: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TELEGUT_")}
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**environment, **wanted},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        preexec_fn=child_setup(None, signal.SIGKILL),  # however the bench ends, it ends too
    )
    pin(process.pid, SERVER_CORE)  # before it has threads, which inherit it
    try:
        yield process
    finally:
        await _end(process)


async def _until(ready: Any, process: asyncio.subprocess.Process, name: str) -> None:
    for _ in range(int(READY_WITHIN_S / 0.05)):
        if ready():
            return
        if process.returncode is not None:
            break
        await asyncio.sleep(0.05)
    raise CommandFailed(Exit.FAILED, f"{name} did not start.")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        # SIGTERM would have our media process wait for its calls, up to a minute; nobody is in them any more.
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                await process.wait()
    if process.returncode is None:
        process.kill()
    await process.wait()
