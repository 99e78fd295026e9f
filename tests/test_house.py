"""What linters cannot see: docstrings everywhere, pure files with tests of their own, events that are documented."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "telegut").rglob("*.py"))
PROTOCOL = (ROOT / "PROTOCOL.md").read_text("utf-8")
EVENT = re.compile(r"[a-z_]+\.[a-z_]+")


def _public(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Public classes, functions and methods; what is nested in a function, and overloads of the runtime, are not."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def _is_enum_hook(node: ast.AST) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in {"emit", "process_bind_param"}


def test_every_module_and_everything_public_says_what_it_is_for() -> None:
    silent = []
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        name = str(path.relative_to(ROOT))
        if ast.get_docstring(tree) is None:
            silent.append(name)
        silent += [
            f"{name}: {node.name}"
            for node in _public(tree)
            if ast.get_docstring(node) is None and not _is_enum_hook(node)
        ]

    assert [] == silent


@pytest.mark.parametrize("path", sorted((ROOT / "telegut").glob("*/rules.py")), ids=lambda path: path.parent.name)
def test_every_domain_tests_its_rules(path: Path) -> None:
    tests = list((ROOT / "tests" / path.parent.name).glob("test_*rules*.py"))

    assert tests, f"tests/{path.parent.name} has no test of its rules"


def _event_types(path: Path) -> Iterator[str]:
    """String constants of an ``events.py`` that are named in capitals or given to `Event`, and look like a type."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        value: ast.expr | None = None
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
            value = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Event" and node.args:
            value = node.args[0]
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and EVENT.fullmatch(value.value):
            yield value.value


def test_every_event_is_in_the_protocol() -> None:
    types = {one for path in (ROOT / "telegut").glob("*/events.py") for one in _event_types(path)}

    assert {"appointment.booked", "care_team.changed"} <= types
    assert [] == sorted(one for one in types if one not in PROTOCOL)


def test_no_file_is_called_after_nothing() -> None:
    banned = {"utils", "helpers", "common", "manager", "misc"}

    assert [] == [path.name for path in MODULES if path.stem in banned]
