"""Whoever claims something says where it comes from, and says it so that people can read it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from telegut.evidence.handlers.learn import LESSONS
from telegut.evidence.library import BUILT_IN
from tests.evidence.reading_level import grade
from tests.pages.pages import PAGES, Shown
from tests.pages.reading import Block, blocks, sentences
from tests.pages.world import World

GRADE_AT_MOST = 8.0
"""Domain guide, section 8.2: grade 6 to 8."""

CLAIM = re.compile(
    r"\bstud(?:y|ies)\b|\btrials?\b|\btested\b|\bproven?\b|\bproved\b|\bscientists?\b|\bexperts?\b"
    r"|\bresearch(?:ers)? (?:found|finds?|shows?|says?|saw)\b"
    r"|\bevidence\b|\bhealthy (?:people|adults|women|men)\b|\b\d[\d,]* (?:of|in|out of) \d"
    r"|\b\d[\d,]* (?:healthy )?(?:people|women|men|adults|patients)\b|\d ?%|\bp(?:er)? ?cent\b",
    re.IGNORECASE,
)
"""What a sentence looks like that says something about the world."""

OF_THE_FILE = [re.compile(one) for one in (
    r"(?:under )?[\d.,]+ %",  # a share of this sample
    r"[A-Z0-9][\w ,()-]* (?:under )?[\d.]+ %",  # a name and its share
    r"Steps done \d+ % of the steps of the day",
    r"It makes up (?:about [\d,]+ in [\d,]+ parts|less than 1 in [\d,]+ parts) of .*",
    r"[\d.]+ % .*(?:reads|of this|in this).*",
    r"\d+ of \d+ (?:done|days done or partly)",  # how this person's steps went
    r"Week \d+ of \d+: .*",
    r"\d+ of \d+ items?.*",
)]  # fmt: skip
"""Statements of fact about the file or the record in front of the reader."""
OF_THE_PAGE = {
    "Good to know",
    "Reports and research",
    "Percent",
    "Percent of the sample",
    "How to read a study",
    "What experts say",
    "What studies say",
    "Short pages about gut tests and studies. Each says where its facts come from.",
    "Short pages: what a stool sample can and cannot tell, and how to read a study.",
    "Next: How to read a study",
    "No study is named for this step.",
    "You do not need to know maths to read a study. Ask five things.",
    "The same bacteria in four healthy groups.",
    "Many reports print a “normal range”. We do not, unless people were measured in the very same way as you. Here is"
    " why.",
}
"""Headings, links and what a page says of itself."""
OF_PEOPLE = frozenset({".plan-words", ".consent-words", "textarea"})
"""What somebody wrote, and questions that are asked."""
ABOUT_GUTS = ("/learn", "/evidence", "/plan", "/reports", "/today", "/check-in", "/scores", "/patients/{patient}")
WALKED = [
    *(one for one in PAGES if one.visitor != "nobody" and any(part in one.path for part in ABOUT_GUTS)),
    *(Shown(f"/learn/{one.slug}", "patient") for one in LESSONS),
]


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as made:
        yield made


_PAGES: dict[tuple[str, str, str], tuple[int, str]] = {}
"""Every page is asked for once, however many tests read it."""


async def page(http: ClientSession, world: World, shown: Shown) -> tuple[int, str]:
    """Status and text of a page as its visitor gets it; a report's once it has been read."""
    key = (world.url, shown.path, shown.visitor)
    if key not in _PAGES:
        if "report" in shown.path:
            await until_read(http, world)
        cookie = world.cookies.get(shown.visitor)
        sent = {cookie["name"]: cookie["value"]} if cookie else {}
        async with http.get(world.address(shown.path), cookies=sent) as answer:
            _PAGES[key] = answer.status, await answer.text()
    return _PAGES[key]


async def fetch(http: ClientSession, world: World, shown: Shown) -> list[Block]:
    """The page's words."""
    status, text = await page(http, world, shown)
    if status != shown.expected:
        return [Block(f"A study of this page: it answers {status}.", "", frozenset())]
    return blocks(text)


async def until_read(http: ClientSession, world: World) -> None:
    """Wait for the worker, which reads the report of the world."""
    async with asyncio.timeout(60):
        while True:
            address = world.address("/api/v1/reports/{report}")
            async with http.get(address, headers=world.clinic.consultant.bearer) as answer:
                if (await answer.json())["state"] != "received":
                    return
            await asyncio.sleep(0.1)


def unfounded(found: list[Block]) -> list[str]:
    """Blocks that claim something and carry no row."""
    return [
        one.words
        for one in found
        if not one.evidence
        and CLAIM.search(one.words)
        and one.words not in OF_THE_PAGE
        and not one.within & OF_PEOPLE
        and not any(shape.fullmatch(one.words) for shape in OF_THE_FILE)
    ]


async def test_every_claim_carries_its_row(http: ClientSession, world: World) -> None:
    found = [
        f"{shown.path} as {shown.visitor}: {words}"
        for shown in WALKED
        for words in unfounded(await fetch(http, world, shown))
    ]

    assert not found, "\n".join(found)


async def test_every_row_that_a_page_carries_is_there_with_what_stands_beside_it(
    http: ClientSession, world: World
) -> None:
    for shown in WALKED:
        stamps = {one.evidence for one in await fetch(http, world, shown) if one.evidence}
        for stamp in stamps:
            name, version = stamp.rsplit(" ", 1)
            assert (name, int(version)) in BUILT_IN.versions, shown.path
            beside = {row.stamp for row in BUILT_IN.shown(name).beside}
            assert beside <= stamps, f"{shown.path}: {name} stands alone"


@pytest.mark.parametrize("sentence", [
    "A study found that oats help.", "Tested in many countries.", "8 of 10 people feel better.",
    "It helps 40 % of all.", "Experts recommend it.", "In 1,054 people it worked.",
])  # fmt: skip
def test_a_planted_claim_is_found(sentence: str) -> None:
    assert [sentence] == unfounded(blocks(f"<main><p>Good morning.</p><p>{sentence}</p></main>"))
    assert [] == unfounded(blocks(f'<main><div data-evidence="DIET-SMILES 1"><p>{sentence}</p></div></main>'))


@pytest.mark.parametrize("slug", [one.slug for one in LESSONS])
async def test_pages_that_teach_can_be_read(http: ClientSession, world: World, slug: str) -> None:
    found = await fetch(http, world, Shown(f"/learn/{slug}", "patient"))
    # Sources and tables of figures are for who wants to check; the page itself is for everybody.
    body = [one for one in found if "[lesson]" in one.within and not one.within & {"details", "table", "figure"}]

    assert grade([line for one in body for line in sentences(one.words)]) <= GRADE_AT_MOST


async def test_the_patients_report_can_be_read(http: ClientSession, world: World) -> None:
    found = await fetch(http, world, Shown("/reports/{report}", "patient"))
    left_out = {"details", "table", "code", "select", "header", "nav", ".bar-name", ".bar-value"}
    body = [one for one in found if "main" in one.within and not one.within & left_out]

    assert grade([line for one in body for line in sentences(one.words)]) <= GRADE_AT_MOST


def test_the_sentences_of_rows_can_be_read() -> None:
    for one in BUILT_IN.rows():
        said = [line for text in (one.row.may_say, *one.row.points) for line in sentences(text)]
        # One sentence with the name of an illness in it is soon long; pages as a whole stay below.
        assert grade(said) <= 13, one.row.id
