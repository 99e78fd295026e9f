"""
Work that could take a process its time or its memory, done by a child process with bounds of its own.

The child is a module of ours that reads one order from its standard input and writes one answer to its standard output.
It bounds its own memory and processor time (`telegut.bounds`); the clock on the wall is kept by whoever asks. It knows
nothing of the environment: no settings, no secrets.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_PACKAGES: Final = os.pathsep.join([str(Path(__file__).resolve().parents[1]), *filter(None, sys.path)])
"""Where the child finds us and what we need: what the parent found at its start, and not each time anew (``-S``)."""


class TookTooLong(Exception):
    """The child had not answered when its time was over; it was ended."""


class Broke(Exception):
    """The child ended without an answer: by its own bounds, or killed."""


async def asked(module: str, order: bytes, *, time_s: float, environment: Mapping[str, str] | None = None) -> bytes:
    """
    What the child *module* answers to *order* within *time_s* seconds. It is never left running.

    Raises:
        TookTooLong: no answer in time.
        Broke: it ended without one.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-S",
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": _PACKAGES, "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(order), time_s)
    except TimeoutError:
        raise TookTooLong from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise Broke
    return said
