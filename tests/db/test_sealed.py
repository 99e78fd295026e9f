"""Sealed columns: bound to their place, and unreadable without the key."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Column, MetaData, Table, update

from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.metadata import Id
from telegut.db.sealed import Erased, RootKey, SealedColumn, Tampered, Vault, patient_keys
from telegut.errors import Unavailable
from tests import build

NOTES = Table(
    "test_note", MetaData(), Column("id", Id), Column("body", SealedColumn()), Column("title", SealedColumn())
)
SYSTEM = Caller.system("test")


async def test_what_was_sealed_opens_in_its_place(db: Database) -> None:
    vault, row = Vault(build.ROOT_KEY), uuid4()
    async with db.begin(SYSTEM) as tx:
        key = await vault.create_key(tx, uuid4())
    sealed = vault.seal(NOTES.c.body, key, row, "slept badly")

    assert "slept badly" == vault.open(NOTES.c.body, key, row, sealed)
    assert sealed.find(b"slept") == -1


async def test_a_moved_or_changed_value_does_not_open(db: Database) -> None:
    vault, row = Vault(build.ROOT_KEY), uuid4()
    async with db.begin(SYSTEM) as tx:
        key, stranger = await vault.create_key(tx, uuid4()), await vault.create_key(tx, uuid4())
    sealed = vault.seal(NOTES.c.body, key, row, "slept badly")
    flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])

    for column, whose, at, value in [
        (NOTES.c.title, key, row, sealed),
        (NOTES.c.body, stranger, row, sealed),
        (NOTES.c.body, key, uuid4(), sealed),
        (NOTES.c.body, key, row, flipped),
        (NOTES.c.body, key, row, b"\x02" + sealed[1:]),
    ]:
        with pytest.raises(Tampered):
            vault.open(column, whose, at, value)


async def test_equal_texts_look_different(db: Database) -> None:
    vault, row = Vault(build.ROOT_KEY), uuid4()
    async with db.begin(SYSTEM) as tx:
        key = await vault.create_key(tx, uuid4())

    assert vault.seal(NOTES.c.body, key, row, "same") != vault.seal(NOTES.c.body, key, row, "same")


def test_a_sealed_column_refuses_open_text() -> None:
    with pytest.raises(TypeError):
        SealedColumn().process_bind_param(b"slept badly", None)  # type: ignore[arg-type]


async def test_a_second_process_opens_with_the_same_root_key(db: Database) -> None:
    patient, row = uuid4(), uuid4()
    first, second = Vault(build.ROOT_KEY), Vault(build.ROOT_KEY)
    async with db.begin(SYSTEM) as tx:
        sealed = first.seal(NOTES.c.body, await first.create_key(tx, patient), row, "oats")
        key = await second.key(tx, patient)

    assert "oats" == second.open(NOTES.c.body, key, row, sealed)


async def test_a_destroyed_key_erases(db: Database) -> None:
    patient = uuid4()
    async with db.begin(SYSTEM) as tx:
        await Vault(build.ROOT_KEY).create_key(tx, patient)
        await tx.execute(update(patient_keys).where(patient_keys.c.patient == patient).values(wrapped=None))
        with pytest.raises(Erased):
            await Vault(build.ROOT_KEY).key(tx, patient)


def test_a_key_file_is_made_once_and_only_for_us(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "root.key"
    made = RootKey.create(path)

    assert made == RootKey.load(path)
    assert 0o600 == path.stat().st_mode & 0o777
    with pytest.raises(FileExistsError):
        RootKey.create(path)


def test_a_broken_key_file_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    path.write_text("not a key")

    with pytest.raises(Unavailable):
        RootKey.load(path)
