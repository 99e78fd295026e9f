"""``telegut serve``: the server, or one of its processes alone."""

from __future__ import annotations

import argparse

from telegut.cli import flags


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which processes, and every setting."""
    parser.add_argument(
        "--only",
        choices=("web", "media", "worker"),
        help="be this one process instead of supervising all three; needs a database that is there",
    )
    parser.add_argument(
        "--handle", type=int, metavar="NUMBER", help="with --only web: an open listening socket to use, by its number"
    )
    flags.add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    settings = flags.load(args)
    if args.only:
        from telegut.cli.processes import run_process

        return run_process(args.only, settings, args.handle)
    from telegut.cli.supervisor import supervise

    return supervise("serve", settings)
