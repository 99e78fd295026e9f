"""What a process has computed: the time of all its threads, user and system, as the kernel's scheduler counts it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Seconds so far of *pid*'s threads: to the nanosecond where the kernel tells, else to a tick."""
    try:
        threads = Path(f"/proc/{pid}/task").iterdir()
        found = [int((thread / "schedstat").read_text().split()[0]) for thread in threads]
    except OSError:
        found = []
    if sum(found):
        return sum(found) / 1e9
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / _TICKS


def memory_mib(pid: int) -> float:
    """Its resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
