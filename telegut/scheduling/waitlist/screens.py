"""The page of the waitlist: one's own place and offers; for staff the whole list, in order, and why."""

from __future__ import annotations

from telegut.web.pages import Pages

pages = Pages("scheduling")
