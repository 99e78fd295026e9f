"""The built front end: hashed names by the manifest, served so that browsers may keep them for ever."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from telegut.errors import NotFound

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
LOOK_EVERY_S = 1.0
"""A page has dozens of addresses; a newer build is noticed this much later at most."""
_FOR_EVER = "public, max-age=31536000, immutable"


def built_folder() -> Path:
    """Where the bundle is: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    packaged = package / "static"
    return packaged if packaged.is_dir() else package.parent / "static" / "dist"


class NotBuilt(RuntimeError):
    """The front end has not been built, or lacks this file; ``./run build`` makes it."""


class Assets:
    """Names of one build. A newer manifest on disk is noticed, so that a rebuild needs no restart."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self._clock = clock
        self._names: dict[str, str] = {}
        self._read_at = -1
        self._looked_at = -LOOK_EVERY_S

    def url(self, name: str) -> str:
        """
        The address of *name*, such as ``app.css`` or ``today.js``.

        Raises:
            NotBuilt: there is no such file in the build.
        """
        names = self._manifest()
        if name not in names:
            raise NotBuilt(f"{name} is not in static/dist; build the front end with ./run build")
        return f"/static/{names[name]}"

    def names(self) -> dict[str, str]:
        """Every name of the build with its hashed file."""
        return dict(self._manifest())

    @property
    def build(self) -> int:
        """Which build this is: another one has another number."""
        self._manifest()
        return self._read_at

    def _manifest(self) -> dict[str, str]:
        if self._clock() - self._looked_at < LOOK_EVERY_S:
            return self._names
        path = self.folder / "manifest.json"
        try:
            changed = path.stat().st_mtime_ns
        except FileNotFoundError:
            return {}
        if changed != self._read_at:
            self._names = json.loads(path.read_text("utf-8"))
            self._read_at = changed
        self._looked_at = self._clock()
        return self._names

    def file(self, name: str) -> Path:
        """
        The built file *name*.

        Raises:
            NotFound: there is none, or the name is no plain file name.
        """
        path = self.folder / name
        if _NAME.fullmatch(name) is None or not path.is_file():
            raise NotFound
        return path


ASSETS: web.AppKey[Assets] = web.AppKey("assets", Assets)


def install(app: web.Application, assets: Assets | None = None) -> None:
    """Serve *assets*, by default those of this installation, under ``/static/``."""
    app[ASSETS] = assets or Assets(built_folder())
    app.router.add_get("/static/{name}", _get_asset)


async def _get_asset(request: web.Request) -> web.StreamResponse:
    name = request.match_info["name"]
    path = request.app[ASSETS].file(name)
    # The manifest itself has no hash in its name; everything else does.
    headers = {"Cache-Control": "no-cache" if name == "manifest.json" else _FOR_EVER}
    return web.FileResponse(path, headers=headers)
