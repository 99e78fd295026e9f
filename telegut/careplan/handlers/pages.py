"""The plan's page, and the panel beside a call."""

from __future__ import annotations

from telegut.web.pages import Pages

pages = Pages("careplan")
