"""``docs/settings.md``: every setting, from the words beside it in `telegut.settings`. ``./run settings`` writes it."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Final

from telegut.cli.flags import Described, described
from telegut.settings import Settings

INTRODUCTION: Final = """# Settings

Every setting is an environment variable and a flag: `TELEGUT_LISTEN=127.0.0.1:9000 telegut serve` and
`telegut serve --listen 127.0.0.1:9000` are the same; the flag wins. Lists are separated by commas, durations are
seconds unless the name says otherwise. This page is made by `./run settings` from the words in `telegut/settings.py`.
"""


def page() -> str:
    """The whole page."""
    sections = itertools.groupby(described(), key=lambda one: one.section)
    return INTRODUCTION + "".join(_section(title, list(ones)) for title, ones in sections)


def _section(title: str, ones: list[Described]) -> str:
    rows = [
        f"| `{one.variable}` | {_default(one)} | {one.meaning.replace('``', '`').replace('|', '∣')} |" for one in ones
    ]
    head = ["", f"## {title[:1].upper()}{title[1:]}", "", "| variable | default | meaning |", "|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def _default(one: Described) -> str:
    value = getattr(Settings(), one.name)
    if value in (None, "", ()):
        return ""
    if isinstance(value, Path) and value.is_relative_to(Path.home()):
        return f"`~/{value.relative_to(Path.home())}`"
    if isinstance(value, tuple):
        return f"`{','.join(map(str, value))}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), "utf-8")
