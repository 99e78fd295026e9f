"""Pages about time."""

from __future__ import annotations

from telegut.web.pages import Pages

pages = Pages("scheduling")
