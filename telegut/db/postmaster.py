"""A PostgreSQL server that is already there: what its ``postmaster.pid`` says, and whether that is still true."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The server that says it owns a cluster."""

    pid: int
    data: Path
    sockets: Path | None

    def alive(self) -> bool:
        """Whether that process exists and really serves this cluster.

        A process id alone proves nothing: after a restart of a container another process may carry it.
        """
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return self._serves_linux() if sys.platform == "linux" else self._serves_elsewhere()

    def _serves_linux(self) -> bool:
        try:
            return Path(f"/proc/{self.pid}/cwd").samefile(self.data)  # PostgreSQL lives in its data folder
        except OSError:
            return False

    def _serves_elsewhere(self) -> bool:
        asked = subprocess.run(  # noqa: S603
            ["/bin/ps", "-p", str(self.pid), "-o", "comm="], capture_output=True, text=True, check=False
        )
        return "postgres" in asked.stdout


def recorded(data: Path) -> Postmaster | None:
    """The server that wrote *data*'s ``postmaster.pid``, dead or alive; ``None`` without such a file."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None
    folder = lines[4].strip() if len(lines) > 4 else ""
    return Postmaster(pid, data, Path(folder) if folder else None)
