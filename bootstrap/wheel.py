"""Puts the built pages into the wheel: an installed telegut needs no Node. Run by the build system (hatchling)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Pages(BuildHookInterface[Any]):
    """``static/dist`` becomes ``telegut/static`` in a wheel; a checkout installed in place uses its own."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the pages.

        Raises:
            FileNotFoundError: they were not built.
        """
        if version == "editable":
            return
        built = Path(self.root) / "static" / "dist"
        if not (built / "manifest.json").exists():
            raise FileNotFoundError("the pages are not built: ./run build")
        build_data["force_include"][str(built)] = "telegut/static"
