"""The message writer on a real PostgreSQL: order, gaps, twins, refusals, a full queue, a lost connection."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from telegut.db.caller import VisitScope
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.errors import NotFound, TelegutError
from telegut.messaging.batch import Sent
from telegut.messaging.rules import ClientIdReused
from telegut.messaging.writer import Busy, Limits
from telegut.settings import Settings
from telegut.web.idempotency import IdempotencyKeyReused, attempt
from tests import build
from tests.messaging.places import place, writing


async def test_fifty_senders_at_once_leave_no_gap_and_keep_their_order(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)
    senders = [here.clinic.patient, here.clinic.consultant, here.clinic.nutritionist]

    async def talk(number: int) -> None:
        for turn in range(6):
            await writer.send(here.send(senders[number % 3], f"{number} {turn}", f"{number} {turn}"))

    async with writing(database_url) as writer:
        await asyncio.gather(*(talk(number) for number in range(50)))

    log = await here.log()
    said = [one["body"] for one in log if one["type"] == "message.sent"]
    assert list(range(1, len(log) + 1)) == [one["seq"] for one in log]
    assert 300 == len(said) == len(set(said))
    for number in range(50):
        assert [f"{number} {turn}" for turn in range(6)] == [one for one in said if one.split()[0] == str(number)]
    assert writer.groups < 300


async def test_two_writers_over_many_conversations_never_deadlock_a_sender(
    db: Database, database_url: str, settings: Settings
) -> None:
    places = [await place(db, settings) for _ in range(4)]

    async with writing(database_url) as first, writing(database_url) as second:
        sends = [
            (writer, here.send(here.clinic.patient, f"{name} {turn}"))
            for turn in range(40)
            for name, writer, order in (("one", first, places), ("two", second, places[::-1]))
            for here in order
        ]
        sent = await asyncio.gather(*(writer.send(one) for writer, one in sends))

    assert 320 == len({one.id for one in sent})
    for here in places:
        assert list(range(1, 85)) == [one["seq"] for one in await here.log()]  # 4 joined, 80 were sent


async def test_pipelined_sends_keep_their_order(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, settings)

    async with writing(database_url) as writer:
        waiting = [writer.submit(here.send(here.clinic.patient, str(n), str(n))) for n in range(100)]
        sent = await asyncio.gather(*waiting)

    assert [str(n) for n in range(100)] == [one["body"] for one in await here.messages()]
    assert sorted(one.seq for one in sent) == [one.seq for one in sent]


async def test_twins_are_one_message(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, settings)
    send = here.send(here.clinic.patient, "the same", "Once")

    async with writing(database_url) as first, writing(database_url) as second:
        sent = await asyncio.gather(*(writer.send(send) for writer in [first, second] * 10))

    assert ["Once"] == [one["body"] for one in await here.messages()]
    assert 1 == len({(one.id, one.seq, one.sent_at) for one in sent})
    assert 19 == sum(one.again for one in sent)


@pytest.mark.parametrize("together", [True, False])
async def test_the_same_client_id_with_other_words_is_refused(
    together: bool, db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)
    sends = [here.send(here.clinic.patient, "the same", "Once"), here.send(here.clinic.patient, "the same", "Twice")]

    async with writing(database_url) as writer:
        if not together:
            await writer.send(sends[0])
        outcomes = await asyncio.gather(*(writer.send(one) for one in sends), return_exceptions=True)

    assert isinstance(outcomes[0], Sent)
    assert isinstance(outcomes[1], ClientIdReused)
    assert ["Once"] == [one["body"] for one in await here.messages()]


async def test_the_same_client_id_of_two_people_is_two_messages(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)

    async with writing(database_url) as writer:
        await writer.send(here.send(here.clinic.patient, "1", "Mine"))
        await writer.send(here.send(here.clinic.consultant, "1", "Mine too"))

    assert ["Mine", "Mine too"] == [one["body"] for one in await here.messages()]


async def test_strangers_and_former_members_are_refused_without_harm_to_others(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)
    clinic = here.clinic
    await build.care(db, clinic.patient, clinic.consultant)  # the nutritionist has just left

    async with writing(database_url) as writer:
        outcomes = await asyncio.gather(
            *(
                writer.send(here.send(who, "1"))
                for who in (clinic.stranger_consultant, clinic.nutritionist, clinic.coordinator, clinic.patient)
            ),
            writer.send(replace(here.send(clinic.patient, "2"), conversation=new_id())),
            return_exceptions=True,
        )

    kinds = [type(one) for one in outcomes]
    assert [NotFound, NotFound, NotFound, Sent, NotFound] == kinds
    assert 1 == len(await here.messages())


async def test_somebody_on_a_personal_link_writes_only_while_admitted(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)
    patient = here.clinic.patient

    def linked(client_id: str, admitted: bool, of: object) -> object:
        scope = VisitScope(new_id(), of, admitted)  # type: ignore[arg-type]
        send = here.send(patient, client_id)
        return replace(send, caller=replace(send.caller, scope=scope, session=None))

    async with writing(database_url) as writer:
        outcomes = await asyncio.gather(
            writer.send(linked("waiting", False, patient.id)),  # type: ignore[arg-type]
            writer.send(linked("elsewhere", True, here.clinic.stranger_patient.id)),  # type: ignore[arg-type]
            writer.send(linked("inside", True, patient.id)),  # type: ignore[arg-type]
            return_exceptions=True,
        )

    assert [NotFound, NotFound, Sent] == [type(one) for one in outcomes]


async def test_an_idempotency_key_is_kept_with_its_message(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, settings)
    patient = here.clinic.patient
    first = replace(here.send(patient, "1"), attempt=attempt(patient.id, "POST …", "key", b"one"))
    other = replace(here.send(patient, "2"), attempt=attempt(patient.id, "POST …", "key", b"two"))

    async with writing(database_url) as writer:
        sent = await writer.send(first)
        again = await writer.send(first)
        with pytest.raises(IdempotencyKeyReused):
            await writer.send(other)
        together = await asyncio.gather(writer.send(first), writer.send(other), return_exceptions=True)

    assert (sent.id, sent.seq) == (again.id, again.seq)
    assert [Sent, IdempotencyKeyReused] == [type(one) for one in together]
    assert 1 == len(await here.messages())


async def test_a_full_queue_says_so_and_stores_what_it_took(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)

    async with writing(database_url, Limits(waiting=5, batch=2, retry_s=5)) as writer:
        taken, refused = [], 0
        for n in range(20):
            try:
                taken.append(writer.submit(here.send(here.clinic.patient, str(n), str(n))))
            except Busy:
                refused += 1
        await writer.room(5)
        await asyncio.gather(*taken)

    assert (5, 15) == (len(taken), refused)
    assert ["0", "1", "2", "3", "4"] == [one["body"] for one in await here.messages()]


async def test_a_lost_connection_loses_and_doubles_nothing(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, settings)
    killer = await asyncpg.connect(database_url)

    async def cut() -> None:
        for _ in range(10):
            await killer.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'telegut message writer' and datname = current_database()"
            )
            await asyncio.sleep(0.02)

    async def talk(sender: build.Account, name: str) -> list[int]:
        return [(await writer.send(here.send(sender, f"{name} {n}", f"{name} {n}"))).seq for n in range(60)]

    async with writing(database_url, replace(Limits(4096, 256, 30.0))) as writer:
        clinic = here.clinic
        first, second, _ = await asyncio.gather(talk(clinic.patient, "a"), talk(clinic.consultant, "b"), cut())
    await killer.close()

    log = await here.log()
    assert list(range(1, len(log) + 1)) == [one["seq"] for one in log]
    assert 120 == len({one["body"] for one in log if one["type"] == "message.sent"}) == len(first) + len(second)


async def test_a_message_that_cannot_be_stored_takes_no_other_with_it(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)
    poisoned = here.send(here.clinic.patient, "a\x00b")  # checked at the door; the database cannot hold it

    async with writing(database_url) as writer:
        outcomes = await asyncio.gather(
            writer.send(here.send(here.clinic.patient, "1", "Before")),
            writer.send(poisoned),
            writer.send(here.send(here.clinic.consultant, "2", "After")),
            return_exceptions=True,
        )

    assert isinstance(outcomes[1], Exception)
    assert not isinstance(outcomes[1], TelegutError)
    assert ["Before", "After"] == [one["body"] for one in await here.messages()]


async def test_a_sender_who_goes_away_does_not_take_the_message_back(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)

    async with writing(database_url) as writer:
        leaving = asyncio.ensure_future(writer.send(here.send(here.clinic.patient, "1", "Handed over")))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)

    assert ["Handed over"] == [one["body"] for one in await here.messages()]


async def test_every_send_leaves_a_row_in_the_audit_trail_and_in_each_mailbox(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)

    async with writing(database_url) as writer:
        sent = await writer.send(here.send(here.clinic.patient, "1", "Seen by all"))

    connection = await asyncpg.connect(database_url)
    audited = await connection.fetch("select account, action, what from db_audit where object = $1", sent.id)
    told = await connection.fetch("select account, facts from realtime_item where type = 'message.sent'")
    await connection.close()
    assert [(here.clinic.patient.id, "write", "message")] == [tuple(row) for row in audited]
    circle = {here.clinic.patient.id, here.clinic.guardian.id, here.clinic.consultant.id, here.clinic.nutritionist.id}
    assert circle == {row["account"] for row in told}
    assert not any("Seen" in row["facts"] for row in told)
