"""What tests need from the operating system: installed here where we may, else named in one line."""

from __future__ import annotations

import os
import shutil
import sys

from bootstrap.steps import SetupFailed, run, step

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def ensure_browser(*, allowed: bool) -> None:
    """See that there is a Chromium for the tests; without one those tests skip and say so."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    apt = shutil.which("apt-get")
    if not allowed or apt is None or os.geteuid() != 0:
        _say("browser tests are skipped: install the package chromium to run them")
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        with step("Installing the package chromium for the browser tests (apt-get)"):
            run([apt, "update", "-qq"], env=environment)
            run([apt, "install", "-y", "-qq", "--no-install-recommends", "chromium"], env=environment)
    except SetupFailed as failure:
        _say(f"browser tests are skipped: the package chromium could not be installed\n{failure}")


def _say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)
