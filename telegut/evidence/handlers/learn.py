"""The pages that teach: for everybody who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from telegut.errors import NotFound
from telegut.evidence.four_groups import GENERA, GROUPS
from telegut.evidence.handlers.keys import EVIDENCE
from telegut.evidence.library import Library
from telegut.evidence.words import certainty
from telegut.web.api import Call
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.words import gettext as _

pages = Pages("evidence")


@dataclass(frozen=True, slots=True)
class Lesson:
    """One page: its place in the address, and the rows it shows."""

    slug: str
    icon: str
    rows: tuple[str, ...]


LESSONS: Final = (
    Lesson("your-sample", "microscope", ("TEST-CONSENSUS", "TEST-WITHIN", "TEST-TRANSIT")),
    Lesson("four-groups", "chart-line", ("TEST-FOUR-GROUPS", "TEST-OTHER-LIMITS", "TEST-RANGES-2017")),
    Lesson("one-stool-seven-companies", "files", ("TEST-SEVEN-LABS", "TEST-CONSENSUS")),
    Lesson("seen-together", "scale", ("OBS-GBM", "OBS-JIANG", "TEST-TRANSIT")),
    Lesson("how-to-read-a-trial", "book-open", ("DIET-SMILES", "PSYB-DIET", "PROB-META-18")),
)
"""In the order in which somebody would read them."""
BY_SLUG: Final = {one.slug: one for one in LESSONS}


def titles() -> dict[str, tuple[str, str]]:
    """Title and one line of each page."""
    return {
        "your-sample": (_("Your sample, and what it cannot tell"), _("One look, on one day.")),
        "four-groups": (_("Why we do not show a range for your lab"), _("The same bacteria in four healthy groups.")),
        "one-stool-seven-companies": (_("One stool, seven companies"), _("What came back from the labs.")),
        "seen-together": (_("Seen together is not the same as cause"), _("Storks, ice cream and bacteria.")),
        "how-to-read-a-trial": (_("How to read a study"), _("Five questions to ask.")),
    }


@pages.get("/learn")
async def get_learn(call: Call[None]) -> web.Response:
    """What there is to read."""
    return await render(call.request, "evidence/learn.html", {"lessons": LESSONS, "titles": titles()})


@pages.get("/learn/{slug}")
async def get_lesson(call: Call[None]) -> web.Response:
    """One page; every claim on it is a row's."""
    lesson = BY_SLUG.get(call.request.match_info["slug"])
    if lesson is None:
        raise NotFound
    library = await call.app[EVIDENCE].library(call.caller)
    return await render(call.request, f"evidence/learn/{lesson.slug}.html", _shown(lesson, library))


def _shown(lesson: Lesson, library: Library) -> dict[str, Any]:
    place = LESSONS.index(lesson)
    return {
        "title": titles()[lesson.slug][0],
        "line": titles()[lesson.slug][1],
        "rows": {id: library.shown(id) for id in lesson.rows},
        "sure": certainty(),
        "following": LESSONS[(place + 1) % len(LESSONS)],
        "titles": titles(),
        "groups": GROUPS,
        "genera": GENERA,
    }
