"""Has files made anew in a child process (`telegut.messaging.uploads.reader`), where a hostile one harms nothing."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from telegut import bounded
from telegut.bounds import bounds
from telegut.messaging.uploads.remaking import Bounds, Remade, Unusable


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
        try:
            said = await bounded.asked("telegut.messaging.uploads.reader", self._order() + data, time_s=self.time_s)
        except (bounded.TookTooLong, bounded.Broke) as exc:
            raise Unusable("too_complex") from exc
        return _understood(said)

    def _order(self) -> bytes:
        order = bounds(time_s=self.time_s, memory_bytes=self.memory_bytes) | {"bounds": asdict(self.bounds)}
        return json.dumps(order).encode() + b"\n"


def _understood(said: bytes) -> Remade:
    line, _, rest = said.partition(b"\n")
    facts: dict[str, Any] = json.loads(line)
    if "problem" in facts:
        raise Unusable(facts["problem"])
    size, thumbnail = facts.pop("sizes")
    return Remade(content=rest[:size], thumbnail=None if thumbnail is None else rest[size : size + thumbnail], **facts)
