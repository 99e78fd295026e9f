"""What tests need from the operating system: installed here where we may, else named in one line."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

from bootstrap.steps import SetupFailed, is_done, mark_done, run, step

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WINDOWLESS = "chromium-headless-shell"
"""Chromium without windows and without cameras: it does what it can in a third of the time. Debian has a package."""
FETCH_SECONDS = 120.0
"""How long a package that only saves time may take to arrive."""


def ensure_browser(root: Path, *, allowed: bool) -> None:
    """
    See that there is a Chromium for the tests; without one those tests skip and say so.

    The one without windows comes beside it where it can be had; *root*'s stamps remember where it cannot.
    """
    if not any(shutil.which(name) for name in BROWSERS):
        _install("chromium", "browser tests are skipped", allowed=allowed)
    if shutil.which(WINDOWLESS) or not _may_install(allowed) or is_done(root, "windowless", "not here"):
        return
    if not _install_if_there_is(WINDOWLESS):
        mark_done(root, "windowless", "not here")


def ensure_scanner(*, allowed: bool) -> None:
    """See that there is a clamd for the long tests; they bring their own signatures, and skip without it."""
    if shutil.which("clamd") is None:
        _install("clamav-daemon", "tests with a real virus scanner are skipped", allowed=allowed)


def ensure_turn(*, allowed: bool) -> None:
    """See that there are a TURN server and packet rules for tests of calls through bad networks; they skip without."""
    for program, package in (("turnserver", "coturn"), ("nft", "nftables")):
        if shutil.which(program) is None:
            _install(package, "tests of calls through bad networks are skipped", allowed=allowed)


def ensure_media_peer(*, allowed: bool) -> None:
    """See that there is a Janus for the long test of rooms on it; that test skips without, benches do without."""
    if shutil.which("janus") is None:
        _install("janus", "rooms on a real Janus are not tested", allowed=allowed)


def _may_install(allowed: bool) -> bool:
    return allowed and shutil.which("apt-get") is not None and os.geteuid() == 0


def _install_if_there_is(package: str) -> bool:
    """Install what would only save time: one line when it is done, and none when it is not to be had."""
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=60", package]
    lists = ["apt-get", "update", "-qq"]
    began = time.monotonic()
    for before in ([], [lists]):
        try:
            # Only what fetches is stopped half way: what unpacks would leave the machine half done.
            for command in (*before, [*install, "--download-only"]):
                run(command, env=_quietly(), seconds=FETCH_SECONDS)
            run(install, env=_quietly())
        except SetupFailed:
            continue
        _say(f"Installed the package {package} for the tests (apt-get) … {time.monotonic() - began:.1f} s")
        return True
    return False


def _install(package: str, else_: str, *, allowed: bool) -> None:
    if not _may_install(allowed):
        _say(f"{else_}: install the package {package} to run them")
        return
    try:
        with step(f"Installing the package {package} for the tests (apt-get)"):
            run(["apt-get", "update", "-qq"], env=_quietly())
            run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], env=_quietly())
    except SetupFailed as failure:
        _say(f"{else_}: the package {package} could not be installed\n{failure}")


def _quietly() -> dict[str, str]:
    return os.environ | {"DEBIAN_FRONTEND": "noninteractive"}


def _say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)
