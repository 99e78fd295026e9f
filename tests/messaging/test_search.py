"""Words are found in sealed messages, by nobody else, and lie nowhere in clear."""

from __future__ import annotations

import hashlib
import random
from uuid import UUID

import asyncpg
import pytest

from telegut.db.engine import Database
from telegut.errors import Invalid, NotFound
from telegut.messaging.rules import Audience
from telegut.messaging.search import rules
from telegut.messaging.search.service import Search
from telegut.settings import Settings
from tests import build
from tests.messaging.places import Place, place, writing

KEY, HERE, THERE = bytes(32), UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Probiotics and oats", "probiotic", True),
        ("Probiotics and oats", "PROBIOTICS", True),
        ("Probiotics and oats", "probioticx", False),
        ("Probiotics and oats", "oats pro", True),
        ("Probiotics and oats", "oats rye", False),
        ("Ein Müsli, bitte", "musli", True),
        ("Ein Musli, bitte", "Müsli", True),
        ("Die Straße", "strasse", True),
        ("ﬁne", "fine", True),
        ("I am ok", "ok", True),
        ("I am okay", "ok", False),
        ("a_b-c", "b", True),
        ("今日は元気です", "今日は", True),
    ],
)
def test_what_answers_a_query(text: str, query: str, found: bool) -> None:
    wanted = rules.terms(query)
    tokens = rules.tokens(KEY, HERE, text)

    assert found == rules.matches(text, wanted)
    assert not found or set(rules.asked(KEY, HERE, wanted)) <= tokens


def test_equal_words_of_two_conversations_have_nothing_in_common() -> None:
    assert set() == rules.tokens(KEY, HERE, "oats and rye") & rules.tokens(KEY, THERE, "oats and rye")


@pytest.mark.parametrize("query", ["", " ... ", "one two three four five six seven eight nine"])
def test_a_query_has_some_words_but_not_many(query: str) -> None:
    with pytest.raises(Invalid):
        rules.terms(query)


def test_a_snippet_shows_the_word() -> None:
    piece = rules.snippet("x " * 300 + "Roseburia " + "y " * 300, ["roseb"])

    assert ("Roseburia" in piece, len(piece) <= rules.SNIPPET_CHARACTERS + 2) == (True, True)


def _search(db: Database, page: int = 20) -> Search:
    return Search(db, build.VAULT, page=page, batch=2_000)


async def _seqs(search: Search, here: Place, who: build.Account, query: str) -> list[int]:
    """The numbers of everything found, page by page."""
    found, after = [], None
    while True:
        page = await search.find(who.caller, here.clinic.patient.id, query, after=after)
        found += [one.seq for one in page.hits]
        if page.next is None:
            return found
        after = page.next


async def test_every_word_that_was_written_is_found_where_it_was(
    db: Database, settings: Settings, database_url: str
) -> None:
    here = await place(db, settings)
    dice = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyzäé"
    vocabulary = ["".join(dice.choices(letters, k=dice.randint(3, 14))) for _ in range(60)]
    bodies = [" ".join(dice.choices(vocabulary, k=6)) for _ in range(50)]
    async with writing(database_url) as writer:
        sent = [await writer.send(here.send(here.clinic.patient, f"n{n}", body)) for n, body in enumerate(bodies)]
    search = _search(db, page=7)

    for word in dice.sample(vocabulary, 20):
        wanted = rules.terms(word)
        expected = [one.seq for one, body in zip(sent, bodies, strict=True) if rules.matches(body, wanted)]
        assert sorted(expected, reverse=True) == await _seqs(search, here, here.clinic.consultant, word)


async def test_edits_and_retractions_change_what_is_found(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    clinic, messaging, search = here.clinic, here.messaging, _search(db)
    who = clinic.patient
    for n, body in enumerate(("Oats help", "Rye helps", "Corn too")):
        await messaging.post(who.caller, here.conversation, f"a{n}", body)
    oats, rye, _ = await here.messages()
    assert [oats["seq"]] == await _seqs(search, here, clinic.nutritionist, "oats")

    await messaging.edit(who.caller, here.conversation, UUID(oats["id"]), "Barley helps")
    await messaging.retract(who.caller, here.conversation, UUID(rye["id"]))
    assert 1 == await search.catch_up()

    found = {word: await _seqs(search, here, clinic.nutritionist, word) for word in ("oats", "barley", "rye", "corn")}
    assert {"oats": [], "barley": [oats["seq"]], "rye": [], "corn": [oats["seq"] + 2]} == found
    assert 0 == await search.catch_up()


async def test_a_word_of_more_messages_than_a_statement_has_parameters_is_found(
    db: Database, settings: Settings, database_url: str
) -> None:
    here = await place(db, settings)
    who, search = here.clinic.patient, _search(db)
    await here.messaging.post(who.caller, here.conversation, "a1", "Ok")  # a word of one token
    (message,) = await here.messages()
    assert [message["seq"]] == await _seqs(search, here, who, "ok")

    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "insert into messaging_token (conversation, token, seq, patient)"
        " select conversation, token, number, patient from messaging_token, generate_series(1000, 34000) number"
    )
    await connection.close()

    assert [message["seq"]] == await _seqs(search, here, who, "ok")


async def test_nobody_finds_what_they_do_not_take_part_in(db: Database, settings: Settings) -> None:
    here, elsewhere = await place(db, settings), await place(db, settings)
    clinic, messaging, search = here.clinic, here.messaging, _search(db)
    side = await messaging.create(clinic.consultant.caller, clinic.patient.id, "A worry", [], Audience.TEAM)
    topic = await messaging.create(clinic.patient.caller, clinic.patient.id, "Private", [clinic.nutritionist.id])
    for one, who in ((here.conversation, clinic.patient), (side.id, clinic.consultant), (topic.id, clinic.patient)):
        await messaging.post(who.caller, one, "a1", "Herons by the sea")
    await elsewhere.messaging.post(elsewhere.clinic.patient.caller, elsewhere.conversation, "a1", "Herons by the sea")

    async def places(who: build.Account) -> set[UUID]:
        found = await search.find(who.caller, clinic.patient.id, "heron", after=None)
        return {one.conversation for one in found.hits}

    assert {here.conversation, topic.id} == await places(clinic.patient)
    assert {here.conversation, side.id} == await places(clinic.consultant)
    assert {here.conversation, side.id, topic.id} == await places(clinic.nutritionist)
    for stranger in (clinic.stranger_consultant, elsewhere.clinic.consultant, clinic.admin, clinic.auditor):
        with pytest.raises(NotFound):
            await places(stranger)


async def test_the_index_holds_no_word(db: Database, settings: Settings, database_url: str) -> None:
    here = await place(db, settings)
    said = ["herons", "melatonin", "roseburia"]
    await here.messaging.post(here.clinic.patient.caller, here.conversation, "a1", " ".join(said))
    assert 1 == await _search(db).catch_up()

    connection = await asyncpg.connect(database_url)
    tokens = [row["token"] for row in await connection.fetch("select token from messaging_token")]
    dump = b"".join(tokens)
    await connection.close()
    assert len(tokens) == sum(min(len(word), 8) - 2 for word in said)
    for word in said:
        hashes = [hashlib.new(name, word.encode()).digest()[:12] for name in ("md5", "sha1", "sha256", "sha512")]
        assert [] == [one for one in (word.encode(), word[:3].encode(), *hashes) if one in dump]
