"""The bounds of a child process that `telegut.bounded` starts, said in its order and set by itself first of all."""

from __future__ import annotations

import resource
from collections.abc import Mapping
from typing import Any


def bounds(*, time_s: float, memory_bytes: int) -> dict[str, Any]:
    """What an order says for `bound`: bytes of address space, seconds of a processor (one more than on the wall)."""
    return {"memory_bytes": memory_bytes, "cpu_s": int(time_s) + 1}


def bound(order: Mapping[str, Any]) -> None:
    """Bound this process, a child, by what `bounds` put into its *order*; it writes no file."""
    for limit, most in (
        (resource.RLIMIT_AS, order["memory_bytes"]),
        (resource.RLIMIT_CPU, order["cpu_s"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
