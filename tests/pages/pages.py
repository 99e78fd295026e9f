"""Every page of telegut, as somebody for whom it is made. Add a line when you add a page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """
    One page: its path (names in braces are filled in by the world), who looks, and a selector that says it is ready.

    visitor: a role of `people_of`, or ``nobody``. expected: the status of the answer.
    """

    path: str
    visitor: str
    ready: str = "h1"
    expected: int = 200

    @property
    def name(self) -> str:
        """For test ids and file names."""
        shape = self.path.strip("/").replace("/", "-").replace("{", "").replace("}", "") or "first"
        return f"{shape}-{self.visitor}"


PAGES = [
    Shown("/sign-in", "nobody"),
    Shown("/account", "patient"),
    Shown("/account", "consultant"),
    Shown("/patients/{patient}/accesses", "patient"),
    Shown("/no-such-page", "nobody", expected=404),
    Shown("/no-such-page", "patient", expected=404),
]
