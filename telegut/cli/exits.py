"""Why a command ended: its exit codes, and the one exception that carries one."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every command; `docs/running.md` explains what to do about each."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    DATA_IN_USE = 3
    ADDRESS_TAKEN = 4
    NO_DATABASE = 5
    NOT_WRITABLE = 6
    DISK_FULL = 7
    KEYS_MISSING = 8
    UNSAFE = 9
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        """One line for people."""
        return _MEANINGS[self]

    @classmethod
    def described(cls) -> str:
        """All codes with their meanings, for ``--help``."""
        return "exit codes:\n" + "\n".join(f"  {code.value:>3}  {code.meaning}" for code in cls)


_MEANINGS = {
    Exit.DONE: "done",
    Exit.FAILED: "it went wrong, or a check found something",
    Exit.USAGE: "wrong arguments or settings, or input that was refused",
    Exit.DATA_IN_USE: "another telegut uses the data folder",
    Exit.ADDRESS_TAKEN: "another program listens on the address, or it is not ours to listen on",
    Exit.NO_DATABASE: "the database cannot be reached, is too old or too new, or does not start",
    Exit.NOT_WRITABLE: "the data folder cannot be written",
    Exit.DISK_FULL: "the disk is full",
    Exit.KEYS_MISSING: "the keys are missing, or are those of another database",
    Exit.UNSAFE: "refused in production mode because it is not safe",
    Exit.INTERRUPTED: "interrupted",
}


class CommandFailed(Exception):
    """A command cannot go on; the message is one clear line that says what to do."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.exit = code
