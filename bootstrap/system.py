"""What tests need from the operating system: installed here where we may, else named in one line."""

from __future__ import annotations

import os
import shutil
import sys

from bootstrap.steps import SetupFailed, run, step

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def ensure_browser(*, allowed: bool) -> None:
    """See that there is a Chromium for the tests; without one those tests skip and say so."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    _install("chromium", "browser tests are skipped", allowed=allowed)


def ensure_scanner(*, allowed: bool) -> None:
    """See that there is a clamd for the long tests; they bring their own signatures, and skip without it."""
    if shutil.which("clamd") is None:
        _install("clamav-daemon", "tests with a real virus scanner are skipped", allowed=allowed)


def _install(package: str, else_: str, *, allowed: bool) -> None:
    apt = shutil.which("apt-get")
    if not allowed or apt is None or os.geteuid() != 0:
        _say(f"{else_}: install the package {package} to run them")
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        with step(f"Installing the package {package} for the tests (apt-get)"):
            run([apt, "update", "-qq"], env=environment)
            run([apt, "install", "-y", "-qq", "--no-install-recommends", package], env=environment)
    except SetupFailed as failure:
        _say(f"{else_}: the package {package} could not be installed\n{failure}")


def _say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)
