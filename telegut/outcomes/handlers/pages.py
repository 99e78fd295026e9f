"""The scores page and the daily check-in."""

from __future__ import annotations

from telegut.web.pages import Pages

pages = Pages("outcomes")
