"""``python -m telegut`` and the console command ``telegut``."""

from __future__ import annotations

import sys

from telegut.cli import run_command


def main() -> None:
    """Run the command named by the arguments and leave with its exit code."""
    sys.exit(run_command(sys.argv[1:]))


if __name__ == "__main__":
    main()
