"""What open feeds are handed after a commit: the same, to the byte, as what they would have read; and only theirs."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import text

from telegut.clock import utc_now
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.messaging.events import PREFIXES
from telegut.messaging.extras import Extras
from telegut.messaging.telling import Telling
from telegut.messaging.writer import Writer
from telegut.realtime.service import Feed
from telegut.settings import Settings
from tests import build
from tests.messaging.places import LIMITS, Place, place

SYSTEM = Caller.system("test")


async def _told(here: Place, database_url: str, extras: Extras) -> tuple[Telling, int]:
    """What is told of one message of the patient's, and its place."""
    heard: list[Telling] = []
    writer = Writer(database_url, build.VAULT, now=utc_now, limits=LIMITS, tell=heard.append)
    writer.start()
    words = 'Grüße ✓ "quoted"\n\tand 2'
    await writer.send(replace(here.send(here.clinic.patient, "one", words), extras=extras, urgent=True))
    await writer.stop()
    (telling,) = heard
    return telling, 0


async def test_what_is_handed_on_is_what_the_mailbox_holds(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, settings)
    feed = Feed(db)
    for prefix in PREFIXES:
        feed.reader(prefix, here.messaging.complete)

    telling, at = await _told(here, database_url, Extras())

    for reader in (here.clinic.patient, here.clinic.consultant, here.clinic.nutritionist):
        ((number, found),) = telling.appended.of({reader.id})[reader.id]
        read = [one for one in await feed.after(reader.caller, number - 1) if one.seq == number]
        assert at == found
        assert [json.dumps(one.event, default=str) for one in read] == [telling.event(found, reader.id)]


async def test_who_may_not_see_it_and_what_is_more_than_words_is_not_handed_on(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)
    gone = here.clinic.nutritionist.id
    async with db.begin(SYSTEM) as tx:  # still a member by name: the job that follows the care team has not run yet
        await tx.execute(
            text("update accounts_care set until = now() where member = :member"),
            {"member": here.clinic.nutritionist.id},
        )

    telling, at = await _told(here, database_url, Extras())

    assert telling.event(at, here.clinic.consultant.id) is not None
    assert telling.event(at, gone) is None


async def test_a_message_that_names_somebody_is_read_from_the_mailbox(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)

    telling, at = await _told(here, database_url, Extras(mentions=(here.clinic.consultant.id,)))

    assert [None, None] == [telling.event(one, here.clinic.consultant.id) for one in (at, at + 1)]
    assert [at, at + 1] == [
        one for _, one in telling.appended.of({here.clinic.consultant.id})[here.clinic.consultant.id]
    ]
