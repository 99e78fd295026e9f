"""
The proof: nothing that leaves telegut holds a score of a gut, a ratio of phyla, a good or bad total, or an advice that
is tied to a taxon. Pages, every answer of the API (exports among them), their schemas, the words in the source, the
rows of the evidence base; and planted sentences, which must be found.

Source of the ban: Porcari et al., Lancet Gastroenterol Hepatol 2025;10:154-167, and the project's domain guide, 1.1.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from telegut.evidence.handlers.learn import LESSONS
from telegut.evidence.library import BUILT_IN
from telegut.evidence.wording import GENERA
from tests.access import ROWS
from tests.pages.pages import PAGES, Shown
from tests.pages.reading import blocks, sentences
from tests.pages.test_claims import page, until_read
from tests.pages.world import World
from tests.reports.patient.paper import paragraphs_of

ROOT = Path(__file__).parents[2]

TAXON = re.compile(GENERA.pattern + r"|\bbacteri\w+|\bmicrobes?\b|\bgenus\b|\bgenera\b|\btax(?:on|a)\b", re.IGNORECASE)
ADVICE = re.compile(
    r"\b(?:take|eat|try|buy|drink|swallow|avoid|increase|reduce|boost|feed|supplement|recommend\w*|should|needs? more"
    r"|you need|add more|cut down|helps? (?:you|with))\b",
    re.IGNORECASE,
)
PHYLA = r"(?:Firmicutes|Bacillota)", r"(?:Bacteroidetes|Bacteroidota)"
FORBIDDEN = {
    "a score": re.compile(
        r"dysbio\w+|eubiosis|\b(?:gut|microb\w+|biome|flora|health|wellness|diversity|bacteria\w*|balance)[ -]?"
        r"(?:score|index|grade|rating|points|age|type)\b|\bscores? (?:of|for) (?:your|the) (?:gut|flora|microb\w+)"
        r"|\b(?:your|the) gut is (?:healthy|unhealthy|well|ill)\b",
        re.IGNORECASE,
    ),
    "a ratio": re.compile(
        rf"\bF\s?[/:]\s?B\b|{PHYLA[0]}\W{{0,3}}(?:to|and|/|:|-)\W{{0,3}}{PHYLA[1]}"
        rf"|{PHYLA[1]}\W{{0,3}}(?:to|and|/|:|-)\W{{0,3}}{PHYLA[0]}|\bratio of (?:phyla|bacteria|groups)\b",
        re.IGNORECASE,
    ),
    "a good or bad total": re.compile(
        r"\b(?:good|bad|friendly|harmful|beneficial|healthy|unhealthy|protective) (?:gut )?"
        r"(?:bacteri\w+|microbes?|bugs|flora|germs)\b",
        re.IGNORECASE,
    ),
    "a range for everybody": re.compile(
        r"\b(?:too|abnormally) (?:low|high)\b|\b(?:below|above|outside) (?:the )?normal\b|\babnormal\b"
        r"|\bdeficien\w+|\bnormal range\b",
        re.IGNORECASE,
    ),
}

SAID_AGAINST_IT = {
    "Many reports print a “normal range”.",
    "A “healthy range” of 2017 may rest in part on babies, pets and people on antibiotics.",
    "What you want to reach, how you feel and what you eat say more than any microbe.",
    "A bacterium is never a reason.",
    "Preference, intake, symptom or goal. A bacterium is never a reason.",
}
"""Whole sentences that speak against such a thing. Nothing else is let through."""
KEYS = re.compile(r"score|ratio|dysbio|eubio|grade|rating|verdict|good|bad|optimal|normal", re.IGNORECASE)
"""Names that no field of a report, a plan or a row has."""
ABOUT_GUTS = ("/reports", "/evidence", "/care-plan", "/cohorts", "/comparison", "/exchange", "/protocols")
NOT_OURS = ("/original", "/thumbnail", "/films/")
"""What people handed in and get back as it was: the laboratory's file, pictures, films."""
WHAT_IS_REFUSED = {"wording.py", "findings_in_words.py", "no_groups.py", "summaries.py"}
"""Modules that list the words of others which are refused or left out."""
UNREADABLE = ("image/", "video/", "audio/", "application/zip", "application/octet-stream")


SPOKEN = re.compile(r"(?<![\w.])(?:_|ngettext)\(\s*\"([^\"]+)\"")
"""Words of templates and scripts that are shown."""


def faults(text: str) -> list[str]:
    """What is wrong with *text*, sentence by sentence."""
    found = []
    for one in sentences(text):
        if one.strip() in SAID_AGAINST_IT:
            continue
        found += [f"{name}: {one}" for name, shape in FORBIDDEN.items() if shape.search(one)]
        if TAXON.search(one) and ADVICE.search(one):
            found.append(f"advice tied to a taxon: {one}")
    return found


def in_page(html: str) -> list[str]:
    """Faults of a page; what it shows as a thing that must not be said is left out."""
    return [fault for one in blocks(html) if "[must-not-say]" not in one.within for fault in faults(one.words)]


def in_json(value: Any, *, guts: bool) -> list[str]:
    """Faults of an answer; *guts*: it is about a report, a plan or a row, so that its names count too."""
    if isinstance(value, dict):
        inside = [fault for name, one in value.items() if name != "must_not_say" for fault in in_json(one, guts=guts)]
        return inside + [f"a name: {name}" for name in value if guts and KEYS.search(name)]
    if isinstance(value, list):
        return [fault for one in value for fault in in_json(one, guts=guts)]
    return faults(value) if isinstance(value, str) else []


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as made:
        yield made


async def test_no_page(http: ClientSession, world: World) -> None:
    found = {}
    for shown in [*PAGES, *(Shown(f"/learn/{one.slug}", "patient") for one in LESSONS)]:
        status, text = await page(http, world, shown)
        found[shown.path] = in_page(text) if status == shown.expected else [f"answered {status}"]

    assert {} == {path: one for path, one in found.items() if one}


async def test_no_answer_and_no_export(http: ClientSession, world: World) -> None:
    await until_read(http, world)
    found, read = {}, 0
    for who in (world.clinic.consultant, world.clinic.patient):
        for path in _readable(world):
            async with http.get(world.url + path, headers=who.bearer) as answer:
                if answer.status != 200 or answer.content_type.startswith(UNREADABLE):
                    continue
                read += 1
                if answer.content_type == "application/pdf":
                    found[path] = [fault for line in paragraphs_of(await answer.read()) for fault in faults(line)]
                    continue
                found[path] = _in_answer(answer.content_type, await answer.text(), path)

    assert {} == {path: one for path, one in found.items() if one}
    assert read > 20


def _readable(world: World) -> Iterator[str]:
    """Every GET of the access matrix that the names of the world fill in."""
    named = {"patients": "patient", "reports": "report", "conversations": "conversation", "visits": "visit"}
    named |= {"appointments": "appointment"}
    places = {**world.places, "row": "DIET-SMILES", "earlier": world.places["report"]}
    for row in ROWS:
        method, path = row.operation.split(" ", 1)
        if method != "GET" or any(part in path for part in NOT_OURS):
            continue
        known = {**places, "id": world.places.get(named.get(path.split("/")[3], ""), "")}
        try:
            yield path.format_map(known)
        except KeyError:
            continue


def _in_answer(kind: str, text: str, path: str) -> list[str]:
    if kind.endswith("json"):
        return in_json(json.loads(text), guts=any(part in path for part in ABOUT_GUTS))
    if kind == "text/html":
        return in_page(text)
    assert kind.startswith("text/"), f"{path} answers with {kind}: teach this test to read it"
    return [fault for line in text.splitlines() for fault in faults(line)]


async def test_no_schema(http: ClientSession, world: World) -> None:
    async with http.get(f"{world.url}/api/v1/openapi.json") as answer:
        published = await answer.json()
    schemas = published["components"]["schemas"]
    names = {
        f"{path}: {name}"
        for path, operations in published["paths"].items()
        if any(part in path for part in ABOUT_GUTS)
        for schema in _schemas(operations, schemas)
        for name in schema.get("properties", {})
        if KEYS.search(name)
    }

    assert set() == names
    assert [] == [fault for one in _texts(published) for fault in faults(one)]


def _schemas(value: Any, schemas: dict[str, Any], seen: set[str] | None = None) -> Iterator[dict[str, Any]]:
    """Every schema that *value* leads to."""
    seen = set() if seen is None else seen
    if isinstance(value, list):
        for one in value:
            yield from _schemas(one, schemas, seen)
    if not isinstance(value, dict):
        return
    name = str(value.get("$ref", "")).rpartition("/")[2]
    if name in schemas and name not in seen:
        seen.add(name)
        yield schemas[name]
        yield from _schemas(schemas[name], schemas, seen)
    for one in value.values():
        yield from _schemas(one, schemas, seen)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value


def test_no_words_in_the_source() -> None:
    found = {}
    for path in sorted((ROOT / "telegut").glob("*/pages/**/*.html")):
        found[path.name] = [fault for words in SPOKEN.findall(path.read_text("utf-8")) for fault in faults(words)]
    for path in sorted((ROOT / "static" / "src").rglob("*.ts")):
        found[path.name] = [fault for words in SPOKEN.findall(path.read_text("utf-8")) for fault in faults(words)]
    for domain in ("reports", "evidence", "careplan", "home", "demonstration"):
        for path in sorted((ROOT / "telegut" / domain).rglob("*.py")):
            if path.name not in WHAT_IS_REFUSED:
                found[str(path.relative_to(ROOT))] = [fault for one in _constants(path) for fault in faults(one)]

    assert {} == {name: one for name, one in found.items() if one}
    assert len(found) > 100


def _constants(path: Path) -> Iterator[str]:
    """Texts of a module that somebody may read: no docstring, no pattern, nothing that must not be said."""
    tree = ast.parse(path.read_text("utf-8"))
    silent = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):  # docstrings, and the words under a name
            silent.add(id(node.value))
        if isinstance(node, ast.keyword) and node.arg == "must_not_say":
            silent |= {id(one) for one in ast.walk(node.value)}
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
            silent |= {id(one) for one in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


def test_no_row_of_the_evidence_base() -> None:
    found = {}
    for one in BUILT_IN.rows():
        row = one.row
        texts = (row.may_say, *row.points, row.effect, row.outcome, row.population)
        found[row.id] = [fault for text in texts for fault in faults(text)]

    assert {} == {id: one for id, one in found.items() if one}


@pytest.mark.parametrize(("sentence", "kind"), [
    ("Your gut score is 71.", "a score"),
    ("Dysbiosis was found.", "a score"),
    ("Your microbiome age is 48.", "a score"),
    ("Firmicutes/Bacteroidetes: 1.8", "a ratio"),
    ("The Bacteroidota to Bacillota balance is off.", "a ratio"),
    ("F/B 0.7", "a ratio"),
    ("You have 61 % good bacteria.", "a good or bad total"),
    ("Harmful microbes: 3 %", "a good or bad total"),
    ("Your Roseburia is too low.", "a range for everybody"),
    ("Outside normal", "a range for everybody"),
    ("Eat more onions to feed Bifidobacterium.", "advice tied to a taxon"),
    ("You should take a probiotic, because this genus is rare in you.", "advice tied to a taxon"),
])  # fmt: skip
def test_a_planted_sentence_is_found_everywhere(sentence: str, kind: str) -> None:
    assert any(fault.startswith(kind) for fault in faults(f"Good morning. {sentence} Until tomorrow."))
    assert in_page(f"<main><ul><li>Good morning</li><li><b>{sentence}</b></li></ul></main>")
    assert in_json({"items": [{"taxa": [{"sentence": sentence}]}]}, guts=True)


@pytest.mark.parametrize("name", ["gut_score", "fb_ratio", "dysbiosis_index", "good_percent", "normal_low"])
def test_a_planted_name_is_found(name: str) -> None:
    assert in_json({"diversity": {name: 1}}, guts=True)
