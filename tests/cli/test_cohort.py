"""``telegut cohort``: a clinic's control group is checked without a database, and kept as a draft with one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from telegut.cli import run_command
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.reports.cohorts.tables import cohort
from tests import build
from tests.reports.cohorts.people import FACTS, table


@pytest.fixture
def where(database_url: str, root_key_file: Path, tmp_path: Path) -> list[str]:
    key, data = str(root_key_file), str(tmp_path)
    return ["--database-url", database_url, "--root-key-file", key, "--data", data, "--mode", "test", "--json"]


def _file(folder: Path, data: bytes, name: str = "people.tsv") -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


def _facts(folder: Path, **other: Any) -> str:
    return _file(folder, json.dumps({**FACTS, **other}).encode(), "facts.json")


def test_a_table_is_checked_without_a_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run_command(["cohort", "check", _file(tmp_path, table(40))])
    said = capsys.readouterr()

    assert "" == said.err
    assert "Can be taken: 40 people, 7 genera, depth 2,000,000 reads at least." == said.out.splitlines()[0]
    assert said.out.splitlines()[1].startswith("Please note: In ")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "not_text"),
        (b"name\tBlautia\nA\t1\n", "no_person_column"),
        (table(4), "too_few_people"),
        (table(9, extra="P3\t30\tf\t2000000\t1\t2\t3\t4\t5\t6\t7\n"), "person_twice"),
        (table(9, extra="P10\t30\tf\t2000000\t1\t2\tmuch\t4\t5\t6\t7\n"), "line: Line 11"),
        (table(9, extra="P10\t30\tf\t2000\t1\t2\t3\t4\t5\t6\t7\n"), "depths_differ"),
        (b"person\tBlautia\n" + b"x" * (8 * 1024**2), "too_large"),
    ],
)
def test_what_is_wrong_is_named_and_nobodys_values_are_printed(
    data: bytes, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == run_command(["cohort", "check", _file(tmp_path, data), "--json"])
    said = capsys.readouterr()

    assert "" == said.out
    assert f"Not taken: {name}" in said.err


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"name": "x"}', "inclusion"),
        (json.dumps({**FACTS, "mood": "fine"}).encode(), "mood"),
        (json.dumps({**FACTS, "database": "some database"}).encode(), "database: Name the database"),
    ],
)
def test_facts_that_cannot_be_matched_are_refused(
    facts: bytes, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _file(tmp_path, facts, "facts.json")

    assert 2 == run_command(["cohort", "check", _file(tmp_path, table(9)), "--facts", said])
    assert word in capsys.readouterr().err


async def test_a_group_is_kept_as_a_draft_of_who_loaded_it(
    db: Database, where: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clinic = await build.clinic(db)
    loading = ["cohort", "load", _file(tmp_path, table(30)), "--facts", _facts(tmp_path), "--as"]

    assert 0 == await asyncio.to_thread(run_command, [*loading, clinic.consultant.email.upper(), *where])
    kept = json.loads(capsys.readouterr().out)
    assert ("draft", 1, 30, str(clinic.consultant.id)) == (
        kept["state"],
        kept["version"],
        kept["about"]["n"],
        kept["loaded_by"],
    )
    assert 2 == await asyncio.to_thread(run_command, [*loading, clinic.patient.email, *where])
    assert "no consultant or administrator" in capsys.readouterr().err
    async with db.begin(Caller.system("test")) as tx:
        assert [clinic.consultant.id] == list((await tx.execute(select(cohort.c.loaded_by))).scalars())


async def test_a_patient_in_the_table_needs_to_have_agreed(
    db: Database, where: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clinic = await build.clinic(db)
    data = _file(tmp_path, table(9, extra=f"{clinic.patient.id}\t30\tf\t2000000\t1\t2\t3\t4\t5\t6\t7\n"))
    loading = ["cohort", "load", data, "--facts", _facts(tmp_path), "--as", clinic.admin.email, *where]

    assert 2 == await asyncio.to_thread(run_command, loading)
    said = capsys.readouterr()
    assert "is a patient here and has not agreed" in said.err
    assert "" == said.out
