"""The command line: ``telegut COMMAND``. One module a command; nothing is imported that the command does not need."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Final, Protocol, cast

from telegut.cli.exits import CommandFailed, Exit

COMMANDS: Final = {
    "serve": "run the server: web, media and worker processes, and the database unless one is named",
    "demo": "the same with a demonstration clinic, to look around in",
    "migrate": "bring the database to the schema that this telegut needs",
    "seed": "fill an empty database with a known clinic",
    "clinic": "add the first people and kinds of visit of a new clinic",
    "report": "read laboratory files and say what was measured",
    "cohort": "check a clinic's own control group, or load it as a draft",
    "doctor": "look at this installation and say what is missing",
    "zone-check": "list the visits whose hour an update of zone data would move",
    "disclose": "print a conversation for a legal request, with the words that were taken back",
    "bench": "measure this installation",
}
"""Every command, and what it does."""


class Command(Protocol):
    """What each command's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Describe the command's arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it; return the exit code."""


def run_command(argv: Sequence[str]) -> int:
    """Run ``telegut ARGV``; return its exit code. What goes wrong in a way we know is one line on standard error."""
    name = _named(argv)
    if name is None:
        parser = _overview()
        parser.parse_args(argv)
        parser.print_help(sys.stderr)
        return Exit.USAGE
    args = parser_of(name).parse_args(argv[1:])
    try:
        return _command(name).run(args)
    except CommandFailed as failure:
        print(f"telegut {name}: {failure}", file=sys.stderr)
        return failure.exit
    except BrokenPipeError:
        return Exit.FAILED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


def parser_of(name: str) -> argparse.ArgumentParser:
    """What the command *name* understands."""
    parser = argparse.ArgumentParser(
        prog=f"telegut {name}",
        description=f"{COMMANDS[name].capitalize()}.",
        epilog=Exit.described(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _command(name).add_arguments(parser)
    return parser


def _command(name: str) -> Command:
    return cast(Command, importlib.import_module(f"telegut.cli.{name.replace('-', '_')}"))


def _named(argv: Sequence[str]) -> str | None:
    return argv[0] if argv and argv[0] in COMMANDS else None


def _overview() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {does}" for name, does in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="telegut",
        description="Telehealth for personalised gut-microbiota therapy and mental well-being.",
        epilog=f"commands:\n{listed}\n\n`telegut COMMAND --help` tells more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", nargs="?", choices=list(COMMANDS), metavar="COMMAND", help="what to do")
    return parser
