"""Why the embedded PostgreSQL cannot run here, each in one clear sentence for the person who started telegut."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from telegut.db.binaries import EmbeddedPostgresError


class DataFolderBusy(EmbeddedPostgresError):
    """Another telegut is using this data folder."""


class DataFolderUnusable(EmbeddedPostgresError):
    """telegut cannot write to this data folder."""


class DiskFull(EmbeddedPostgresError):
    """There is no space left on the disk."""


@contextlib.contextmanager
def told(home: Path) -> Iterator[None]:
    """Turn what the operating system says about *home* into one clear sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(f"There is no space left on the disk that holds {home}.") from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}:
            raise DataFolderUnusable(f"telegut cannot write to {home}: {error.strerror}.") from error
        raise


def reason(output: str, home: Path) -> EmbeddedPostgresError:
    """What PostgreSQL's own output says, as one of our refusals."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return DiskFull(f"There is no space left on the disk that holds {home}.")
    spoken = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in spoken if "FATAL" in line or "PANIC" in line or "error:" in line] or spoken
    said = "; ".join(line.split(":  ", 1)[-1] for line in telling[-3:]) or "it gave no reason"
    return EmbeddedPostgresError(f"PostgreSQL did not start: {said}. More may be in {home / 'postgres.log'}.")
