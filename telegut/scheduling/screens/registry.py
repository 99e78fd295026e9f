"""Where the pages of scheduling are registered, and who they are for."""

from __future__ import annotations

from typing import Final

from telegut.web.pages import Pages

pages = Pages("scheduling")

TEAM: Final = frozenset({"consultant", "nutritionist"})
THEIR_SIDE: Final = frozenset({"patient", "guardian"})
