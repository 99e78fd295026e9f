"""``telegut report``: the interpretation of laboratory files, with no server and no database."""

from __future__ import annotations

import argparse

from telegut.reports import command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, the sample, and how to answer."""
    command.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Read the files; 0 when they were read, 2 when they were refused."""
    return command.run(args)
