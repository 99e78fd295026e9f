"""Steps of the set-up: said in plain words with their seconds, done once, never two at a time."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

WORDS_KEPT = 30
"""Lines of a failed program's output that are shown."""


class SetupFailed(Exception):
    """The set-up cannot go on; the message is for the person at the keyboard."""


@contextlib.contextmanager
def step(words: str) -> Iterator[None]:
    """Say what happens, and how long it took."""
    began = time.monotonic()
    print(f"· {words} …", end="", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print(file=sys.stderr, flush=True)
        raise
    print(f" {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> None:
    """Run a program silently; after so many *seconds* it is stopped.

    Raises:
        SetupFailed: it cannot be run, fails or is stopped; with the end of what it said.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=seconds,
        )
    except OSError as error:
        raise SetupFailed(f"{words[0]} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise SetupFailed(f"this took longer than {error.timeout:.0f} s: {' '.join(words)}") from error
    if done.returncode:
        said = done.stdout.decode(errors="replace").splitlines()[-WORDS_KEPT:]
        raise SetupFailed("\n".join([f"this failed: {' '.join(words)}", *said]))


@contextlib.contextmanager
def one_at_a_time(root: Path) -> Iterator[None]:
    """Wait until no other set-up of this checkout runs."""
    folder = cache(root)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("· another ./run is setting up; waiting for it", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def cache(root: Path) -> Path:
    """Where the set-up remembers what it has done.

    Raises:
        SetupFailed: the checkout cannot be written.
    """
    folder = root / ".cache"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise SetupFailed(f"cannot write to {root}: {error.strerror}") from error
    if not os.access(folder, os.W_OK):
        raise SetupFailed(f"cannot write to {folder}; it belongs to another account")
    return folder


def is_done(root: Path, name: str, fingerprint: str) -> bool:
    """Whether step *name* was last done for exactly this *fingerprint*."""
    stamp = cache(root) / f"{name}.done"
    return stamp.exists() and stamp.read_text() == fingerprint


def mark_done(root: Path, name: str, fingerprint: str) -> None:
    """Remember that step *name* was done for *fingerprint*."""
    (cache(root) / f"{name}.done").write_text(fingerprint)


def fingerprint(files: Iterable[Path], *words: str) -> str:
    """One hash of the files' names and contents, and of *words*."""
    found = hashlib.sha256("\0".join(words).encode())
    for file in sorted(files):
        content = file.read_bytes()
        found.update(f"\0{file}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()
