"""``./run COMMAND``: set up what is missing, then do it."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from bootstrap import checks, environment, locks, pages, system  # noqa: E402 - found only now
from bootstrap.steps import SetupFailed, one_at_a_time, run  # noqa: E402

USAGE = """./run COMMAND sets up what is missing and does it.

  demo                          telegut with a demonstration clinic, to look around in
  serve                         the server itself
  test [--all] [--no-system]    install what tests need, check everything, run the tests; more words go to pytest
  check                         style, types, imports, TypeScript
  build                         the pages' scripts and styles
  lock [--upgrade]              refresh the pinned and hashed lists of packages
  settings                      refresh docs/settings.md
  setup                         set up and stop
  COMMAND                       telegut COMMAND; ./run --help lists them
"""


def main(arguments: list[str]) -> int:
    """Do what *arguments* say; does not return when another program takes over."""
    if not arguments or arguments[0] == "help":
        print(USAGE, end="", file=sys.stderr)
        return 0 if arguments else 2
    try:
        return _do(arguments[0], arguments[1:])
    except SetupFailed as failure:
        print(f"./run: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _do(command: str, rest: list[str]) -> int:
    match command:
        case "lock":
            with one_at_a_time(ROOT):
                locks.refresh(ROOT, upgrade="--upgrade" in rest)
            return 0
        case "test":
            return _test(rest)
        case "check":
            _set_up(tests=True)
            return checks.run(ROOT)
        case "settings":
            _set_up(tests=False)
            run([environment.python(ROOT), "-m", "telegut.cli.settings_page", ROOT / "docs" / "settings.md"], cwd=ROOT)
            return 0
        case "build" | "setup":
            _set_up(tests=False)
            return 0
        case "bench":
            _set_up(tests=True)  # what is measured beside it comes with the tests
            return _become(ROOT / ".venv" / "bin" / "telegut", [command, *rest])
        case _:
            _set_up(tests=False)
            return _become(ROOT / ".venv" / "bin" / "telegut", [command, *rest])


WORKERS = min(4, (os.cpu_count() or 1) + 1)
"""One more than cores: tests wait a quarter of their time, for browsers, databases and the disk."""
SIDE_BY_SIDE = ["-n", str(WORKERS), "--dist", "loadfile", "--no-loadscope-reorder", "--reruns", "2"]
SIDE_BY_SIDE += ["-raR"]
"""So many pytests, each with a database server of its own; the tests of one file stay together, and files go
in the order that ``tests/conftest.py`` gives them. Browsers and killed servers on a busy machine are tried again
twice, and the summary names each one: a broken thing fails every time."""


def _set_up(*, tests: bool) -> None:
    with one_at_a_time(ROOT):
        environment.prepare(ROOT, tests=tests)
        pages.build(ROOT, libraries=tests)


def _test(rest: list[str]) -> int:
    """Checks first, unless the words name what to run; pytest speaks last."""
    allowed = "--no-system" not in rest
    chosen = [word for word in rest if word != "--no-system"]
    everything = not [word for word in chosen if word != "--all"]
    with ThreadPoolExecutor(1) as beside:  # the browser comes while the rest is made ready and checked
        browser = beside.submit(system.ensure_browser, ROOT, allowed=allowed)
        _set_up(tests=True)
        if everything and (failed := checks.run(ROOT)):
            return failed
        browser.result()
    if "--all" in chosen:
        system.ensure_scanner(allowed=allowed)
        system.ensure_turn(allowed=allowed)
        system.ensure_media_peer(allowed=allowed)
    os.chdir(ROOT)
    side_by_side = SIDE_BY_SIDE if everything else []
    return _become(ROOT / ".venv" / "bin" / "pytest", [*side_by_side, *chosen])


def _become(program: Path, arguments: list[str]) -> int:
    """Let *program* take our place, so that signals and exit codes are its own."""
    python = str(ROOT / ".venv" / "bin" / "python")
    sys.stdout.flush()
    sys.stderr.flush()
    # Not the script's own first line: it would not take a path with a space.
    os.execv(python, [python, str(program), *arguments])  # noqa: S606


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
