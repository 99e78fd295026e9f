"""Has files made anew in a child process (`telegut.messaging.uploads.reader`), where a hostile one harms nothing."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from telegut.messaging.uploads.remaking import Bounds, Remade, Unusable

_PACKAGES = str(Path(__file__).resolve().parents[3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The bounds of one reading: seconds on the wall, bytes of address space, and what a file may have."""

    time_s: float
    memory_bytes: int
    bounds: Bounds

    async def remade(self, data: bytes) -> Remade:
        """
        *data* made anew.

        Raises:
            Unusable: it is refused; also when reading it took too long, or ended the child.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "telegut.messaging.uploads.reader",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": _PACKAGES, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(self._order() + data), self.time_s)
        except TimeoutError as exc:
            raise Unusable("too_complex") from exc
        finally:
            await _end(process)
        if process.returncode != 0:
            raise Unusable("too_complex")
        return _understood(said)

    def _order(self) -> bytes:
        order = {"memory_bytes": self.memory_bytes, "cpu_s": int(self.time_s) + 1, "bounds": asdict(self.bounds)}
        return json.dumps(order).encode() + b"\n"


def _understood(said: bytes) -> Remade:
    line, _, rest = said.partition(b"\n")
    facts: dict[str, Any] = json.loads(line)
    if "problem" in facts:
        raise Unusable(facts["problem"])
    size, thumbnail = facts.pop("sizes")
    return Remade(content=rest[:size], thumbnail=None if thumbnail is None else rest[size : size + thumbnail], **facts)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
