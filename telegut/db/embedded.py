"""PostgreSQL as a child of telegut: made, started, adopted and stopped here; nothing to install or configure.

::

    home/  lock  postgres.log  data/  [programs/]

Root hands the work to another account, because PostgreSQL refuses root. When that account cannot walk to *home* (a
folder under a private home), the server gets an open handle of its data folder instead of a path; no folder's mode is
changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from telegut.db.address import DATABASE, address, answers, running_url
from telegut.db.binaries import Account, EmbeddedPostgresError, Installation, child_setup, installation_for, may_enter
from telegut.db.postmaster import Postmaster, recorded
from telegut.db.refusals import DataFolderBusy, DataFolderUnusable, DiskFull, reason, told

__all__ = [
    "DataFolderBusy",
    "DataFolderUnusable",
    "DiskFull",
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "running_url",
]

SOCKET_PATH_BYTES: Final = 107
"""The longest path of a Unix socket; unix(7), sun_path."""
SOCKET_NAME: Final = "/.s.PGSQL.5432"
LOG_BYTES: Final = 8 * 1024 * 1024
POLL_SECONDS: Final = 0.01
STOP_SECONDS: Final = 60.0

SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # DETAIL would put values of rows into the log
    "log_min_error_statement": "panic",
    "unix_socket_permissions": "0700",
}
FAST_AND_FORGETFUL: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
}
"""For tests: a crash of the machine may lose everything."""


class EmbeddedPostgres:
    """One PostgreSQL cluster in *home*, ours alone.

    Args:
        home: the folder that keeps it; made when missing.
        account: who runs PostgreSQL when we are root.
        durable: ``False`` is for tests: no fsync, faster, may lose everything when the machine crashes.
        follow: PostgreSQL stops when our process dies (Linux).
    """

    def __init__(self, home: Path, *, account: str = "nobody", durable: bool = True, follow: bool = True) -> None:
        self.home = home.absolute()
        self.data = self.home / "data"
        self.durable = durable
        self._account_name = account
        self._account: Account | None = None
        self._dies_with = signal.SIGINT if follow else None
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._adopted: Postmaster | None = None
        self._sockets: Path | None = None

    @property
    def url(self) -> str:
        """Where the database is: a Unix socket, and no password, because the socket's folder is ours alone."""
        if self._sockets is None:
            raise EmbeddedPostgresError("PostgreSQL is not running.")
        return address(self._sockets)

    @property
    def pid(self) -> int | None:
        """The server's process id, while it runs."""
        if self._adopted is not None:
            return self._adopted.pid if self._adopted.alive() else None
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    async def start(self) -> str:
        """Start the server, or adopt the one a killed telegut left behind; return its `url`.

        Raises:
            DataFolderBusy: another telegut holds *home*.
            DataFolderUnusable: *home* cannot be written, or belongs to another account or PostgreSQL version.
            DiskFull: there is no space left.
            EmbeddedPostgresError: the server does not start, for the reason given.
        """
        with told(self.home):
            self._take_lock()
            try:
                await self._bring_up()
            except BaseException:
                await self.stop(now=True)
                raise
        return self.url

    async def stop(self, *, now: bool = False) -> None:
        """Stop the server: end running statements and write everything down; *now* leaves that to the next start."""
        if (pid := self.pid) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT if now else signal.SIGINT)
            if not await self._gone(STOP_SECONDS):
                os.kill(pid, signal.SIGQUIT)
                await self._gone(STOP_SECONDS)
        self._process = self._adopted = None
        self._forget_sockets(self._sockets)
        self._sockets = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def restart(self, *, patience_s: float = 0.0) -> None:
        """Bring a dead server back at the same address, so that open programs find it again.

        Connections of the dead one may still hold its memory for a moment; *patience_s* is how long to go on trying.

        Raises:
            DiskFull, EmbeddedPostgresError: as `start`.
        """
        install = installation_for(self._account, self.home)
        deadline = asyncio.get_running_loop().time() + patience_s
        self._process = self._adopted = None
        with told(self.home):
            while True:
                try:
                    return await self._launch(install)
                except DiskFull:
                    raise
                except EmbeddedPostgresError:
                    if asyncio.get_running_loop().time() > deadline:
                        raise
                    await asyncio.sleep(10 * POLL_SECONDS)

    async def __aenter__(self) -> EmbeddedPostgres:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def _bring_up(self) -> None:
        self._account = self._account_to_use()
        predecessor = recorded(self.data)
        if predecessor is not None and await self._adopt(predecessor):
            return
        install = installation_for(self._account, self.home)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(install)
        self._check_version(install)
        self._sockets = self._socket_folder()
        await self._launch(install)

    def _take_lock(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        lock = (self.home / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise DataFolderBusy(
                f"Another telegut{f' (process {holder})' if holder else ''} is using {self.home.parent}. "
                "Stop it first, or choose another folder with --data."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _account_to_use(self) -> Account | None:
        """Ourselves (``None``) unless we are root; then the cluster's owner, or the account for a new cluster."""
        owner = self.data.stat() if self.data.exists() else None
        if os.geteuid() == 0:
            if owner is not None and owner.st_uid != 0:
                return Account(str(owner.st_uid), owner.st_uid, owner.st_gid)
            return Account.named(self._account_name)
        if owner is not None and owner.st_uid != os.geteuid():
            raise DataFolderUnusable(
                f"The database in {self.data} belongs to another account; start telegut as that one."
            )
        return None

    def _initialise(self, install: Installation) -> None:
        """Make the cluster beside its place and move it there whole: an interrupted start leaves nothing half made."""
        half = self.home / "data.new"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        if self._account is not None:
            os.chown(half, self._account.uid, self._account.gid)
        arguments = ["-U", DATABASE, "--auth=trust", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        with self._reachable(half) as (path, handles):
            made = subprocess.run(  # noqa: S603
                [install.program("initdb"), "-D", path, *arguments, *([] if self.durable else ["-N"])],
                preexec_fn=child_setup(self._account, signal.SIGTERM),
                pass_fds=handles,
                env=self._environment(),
                cwd="/",
                check=False,
                capture_output=True,
                text=True,
            )
        if made.returncode:
            shutil.rmtree(half, ignore_errors=True)
            raise reason(made.stderr, self.home)
        half.replace(self.data)

    def _check_version(self, install: Installation) -> None:
        made_by = int((self.data / "PG_VERSION").read_text().split(".")[0])
        if made_by != install.major:
            raise DataFolderUnusable(
                f"The database in {self.data} was made by PostgreSQL {made_by}, and this is {install.major}. "
                "Start the telegut that made it and back up, then restore into a new folder."
            )

    async def _launch(self, install: Installation) -> None:
        options = SETTINGS | ({} if self.durable else FAST_AND_FORGETFUL)
        log = self._open_log()
        written = log.tell()
        with log, self._reachable(self.data) as (path, handles):
            self._process = subprocess.Popen(  # noqa: S603, ASYNC220 - a fork; the loop it would use differs by platform
                [install.program("postgres"), "-D", path, "-k", str(self._sockets), *_as_options(options)],
                preexec_fn=child_setup(self._account, self._dies_with),
                pass_fds=handles,
                env=self._environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        while not await answers(self.url):
            if self._process.poll() is not None:
                raise reason(self._log_since(written), self.home)
            await asyncio.sleep(POLL_SECONDS)

    async def _adopt(self, predecessor: Postmaster) -> bool:
        """Take over a living server that a killed telegut left, or wait until it has gone.

        We hold the lock, so nobody else owns it. It usually is on its way down, told by its parent's death.
        """
        while predecessor.alive():
            if predecessor.sockets is not None and await answers(address(predecessor.sockets)):
                self._adopted, self._sockets = predecessor, predecessor.sockets
                return True
            await asyncio.sleep(POLL_SECONDS)
        self._forget_sockets(predecessor.sockets)
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # its process id may be somebody else's by now
        return False

    def _socket_folder(self) -> Path:
        for parent in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108
            folder = Path(tempfile.mkdtemp(prefix="tg-", dir=parent))
            if self._account is not None:
                os.chown(folder, self._account.uid, self._account.gid)
            if len(os.fsencode(f"{folder}{SOCKET_NAME}")) <= SOCKET_PATH_BYTES and may_enter(folder, self._account):
                return folder
            folder.rmdir()
        raise EmbeddedPostgresError(
            "There is no place for PostgreSQL's socket: the folder for temporary files is out of reach."
        )

    @contextlib.contextmanager
    def _reachable(self, folder: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
        """A path to *folder* that the server's account can open, and the handles that the child must keep for it."""
        if self._account is None or may_enter(folder, self._account):
            yield str(folder), ()
            return
        if sys.platform != "linux":
            raise DataFolderUnusable(
                f"The account {self._account.name} cannot reach {folder}; choose another folder with --data."
            )
        handle = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{handle}", (handle,)
        finally:
            os.close(handle)

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}

    def _open_log(self) -> IO[bytes]:
        path = self.home / "postgres.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        log = path.open("ab")
        log.seek(0, os.SEEK_END)
        return log

    def _log_since(self, position: int) -> str:
        with (self.home / "postgres.log").open("rb") as log:
            log.seek(position)
            return log.read(65536).decode(errors="replace")

    async def _gone(self, seconds: float) -> bool:
        deadline = asyncio.get_running_loop().time() + seconds
        while self.pid is not None:
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    @staticmethod
    def _forget_sockets(folder: Path | None) -> None:
        if folder is not None and folder.name.startswith("tg-"):
            shutil.rmtree(folder, ignore_errors=True)


def _as_options(options: dict[str, str]) -> list[str]:
    return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
