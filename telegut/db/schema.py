"""Whether a database has the schema this code needs. Knows the steps by their file names, not by Alembic."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

STEP: Final = re.compile(r"(\d{4}_\w+)\.py")

State = Literal["empty", "behind", "current", "ahead"]


@cache
def steps() -> tuple[str, ...]:
    """Every migration step, in order; a step's revision is its file's name."""
    names = (STEP.fullmatch(file.name) for file in files("telegut.migrations").joinpath("versions").iterdir())
    return tuple(sorted(name.group(1) for name in names if name))


def expected_revision() -> str:
    """The newest step, which this code needs."""
    return steps()[-1]


def judge(installed: str | None) -> State:
    """What *installed* (``None``: no schema yet) means to this code; ``ahead``: a newer telegut made it."""
    if installed is None:
        return "empty"
    if installed == expected_revision():
        return "current"
    return "behind" if installed in steps() else "ahead"


async def installed_revision(value_of: Callable[[str], Awaitable[Any]]) -> str | None:
    """The newest step that a database has; ``None`` when it has no schema yet.

    *value_of* runs a statement and gives its first value, so that any driver will do.
    """
    if await value_of("SELECT to_regclass('public.alembic_version')::text") is None:
        return None
    revision: str | None = await value_of("SELECT version_num FROM public.alembic_version")
    return revision
