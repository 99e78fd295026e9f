"""Settings on the command line: every ``TELEGUT_*`` variable is a flag too, described by its own docstring."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import inspect
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telegut import settings as settings_module
from telegut.cli.exits import CommandFailed, Exit
from telegut.errors import Invalid
from telegut.settings import Settings


@dataclass(frozen=True, slots=True)
class Described:
    """One setting as people read about it."""

    name: str
    section: str
    default: str
    meaning: str

    @property
    def flag(self) -> str:
        """Its flag."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return f"TELEGUT_{self.name.upper()}"


def described() -> list[Described]:
    """Every setting with the text below it in `telegut.settings`, in that order, under the section's comment."""
    source = inspect.getsource(settings_module)
    lines = source.splitlines()
    (body,) = (
        node.body for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == "Settings"
    )
    found: list[Described] = []
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            meaning = ast.get_docstring(ast.Module([after], [])) if after is not None else None
            default = ast.unparse(node.value) if node.value is not None else ""
            found.append(
                Described(node.target.id, _section(lines, node.lineno), default, " ".join((meaning or "").split()))
            )
    return found


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Give *parser* a flag for every setting."""
    parser.usage = "%(prog)s [options] [settings]"
    groups: dict[str, Any] = {}
    for one in described():
        if one.section not in groups:
            groups[one.section] = parser.add_argument_group(f"settings: {one.section}")
        groups[one.section].add_argument(
            one.flag, dest=f"setting_{one.name}", metavar="VALUE", help=one.meaning.replace("%", "%%").replace("``", "")
        )


def load(args: argparse.Namespace, **fixed: Any) -> Settings:
    """The settings of the environment with the flags, and *fixed*, on top.

    Raises:
        CommandFailed: a value does not fit its setting.
    """
    flags = {
        name.removeprefix("setting_"): value
        for name, value in vars(args).items()
        if name.startswith("setting_") and value is not None
    }
    try:
        return Settings.load(os.environ, **{**flags, **fixed})
    except Invalid as refusal:
        raise CommandFailed(Exit.USAGE, f"a setting does not fit: {refusal}") from refusal


def as_environment(settings: Settings) -> dict[str, str]:
    """*settings* as variables for a child process: whatever differs from the default, and the data folder always."""
    ours: dict[str, str] = {}
    defaults = Settings()
    for one in dataclasses.fields(settings):
        value = getattr(settings, one.name)
        if value is not None and (value != getattr(defaults, one.name) or one.name == "data"):
            ours[f"TELEGUT_{one.name.upper()}"] = _as_text(value)
    return ours


def child_environment(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """*environ* for a child: the caller's without its own ``TELEGUT_*``, which *settings* replace."""
    return {name: value for name, value in environ.items() if not name.startswith("TELEGUT_")} | as_environment(
        settings
    )


def _as_text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value.absolute() if isinstance(value, Path) else value)


def _section(lines: list[str], line_number: int) -> str:
    return next(_headings(lines[:line_number]), "general")


def _headings(lines: list[str]) -> Iterator[str]:
    for line in reversed(lines):
        if line.strip().startswith("# ---"):
            yield line.strip().removeprefix("# ---").strip()
