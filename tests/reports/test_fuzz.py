"""
Any change of any lab's file ends in a value or a named refusal, in bounded time and memory.

Twins of every family are mutated byte by byte: a little here, for minutes in the long test. Real files are used where
``TELEGUT_SAMPLES`` names a folder of them.
"""

from __future__ import annotations

import os
import random
import resource
import time
from pathlib import Path

import pytest

from telegut.reports.formats.limits import Limits
from telegut.reports.reader import outcome
from tests.reports import own_tables, twins

SMALL = Limits(file_bytes=2_000_000, unpacked_bytes=2_000_000, rows=20_000)
PUT = [
    b"\t",
    b"\n",
    b"nan",
    b"-1",
    b"1e308",
    b"99999999999999",
    b'"',
    b"{",
    b"]",
    b"\0",
    b";;;;",
    b"|||",
    b",",
    b"\xff\xfe",
]
SAMPLES = os.environ.get("TELEGUT_SAMPLES", "")
LONGEST_S = 20.0
"""No mutated file of a few kilobytes takes so long, even beside a busy machine's other work."""
MOST_MEMORY_KB = 1_500_000


def mutated(data: bytes, chance: random.Random) -> bytes:
    """*data* with one to twenty changes: a byte, a cut, a piece twice, something that parsers stumble over."""
    made = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        kind, at = chance.random(), chance.randrange(len(made) + 1)
        if kind < 0.4 and at < len(made):
            made[at] = chance.randrange(256)
        elif kind < 0.6:
            del made[at : at + chance.randrange(1, 400)]
        elif kind < 0.8:
            made[at:at] = made[at : at + chance.randrange(1, 300)]
        else:
            made[at:at] = chance.choice(PUT)
    return bytes(made)


def ends_well(files: list[bytes]) -> str:
    """The state in which *files* end; of several samples, the first is read too."""
    began = time.monotonic()
    said = outcome(files, None, SMALL)
    if said["state"] == "choose_sample":
        said = outcome(files, said["samples"][0], SMALL)
    if said["state"] == "ready":
        assert said["answer"]["taxa"]
        assert all(0 <= row["percent"] <= 102 for row in said["answer"]["taxa"])
    else:
        assert said["problem"]["code"]
    if "table" in said:
        told = {"name": "a draft", "mapping": said["table"]["draft"]}
        assert outcome(files, None, SMALL, told)["state"] in {"ready", "refused", "choose_sample"}
    assert time.monotonic() - began < LONGEST_S
    return str(said["state"])


def mutate_all(rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(rounds):
        for files in twins.EVERY.values():
            at = chance.randrange(len(files))
            ends_well([mutated(data, chance) if place == at else data for place, data in enumerate(files)])


def test_every_twin_ends_as_it_should() -> None:
    assert {"ready"} == {outcome(files, None, SMALL)["state"] for files in twins.READ.values()}
    assert {"choose_sample"} == {outcome(files, None, SMALL)["state"] for files in twins.ASKED.values()}
    for files, code in twins.REFUSED.values():
        assert code == outcome(files, None, SMALL)["problem"]["code"]


def test_a_little_damage_to_every_twin_ends_well() -> None:
    mutate_all(8, seed=39)


@pytest.mark.long
def test_much_damage_to_every_twin_ends_well() -> None:
    mutate_all(250, seed=int(os.environ.get("TELEGUT_FUZZ_SEED", "2026")))

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < MOST_MEMORY_KB


@pytest.mark.long
def test_hostile_tables_end_well() -> None:
    wide = b"Genus;" + b";".join(b"S%d" % at for at in range(60_000)) + b"\n"
    quotes = b"Genus,Percent\n" + b'"Bacteroides,3\n' * 20_000
    deep = b"lineage\treads\n" + b";".join([b"k__Bacteria"] * 5_000) + b"\t5\nk__B\t1\nk__C\t2\n"
    same = b"Genus,Genus,Genus\n" + b"Bacteroides,1,2\n" * 5_000
    for data in (wide * 4, quotes, deep, same, own_tables.GERMAN * 2_000, b"a,1\n" * 19_000, b"," * 90_000 + b"\n"):
        ends_well([data])


@pytest.mark.long
@pytest.mark.skipif(not SAMPLES, reason="TELEGUT_SAMPLES names no folder of real lab files")
def test_damage_to_real_files_ends_well() -> None:
    files = [path.read_bytes() for path in sorted(Path(SAMPLES).iterdir()) if path.is_file()]
    chance = random.Random(7)
    until = time.monotonic() + 60
    for data in files:
        ends_well([data])
    while time.monotonic() < until:
        data = chance.choice(files)
        ends_well([mutated(data, chance)] if len(data) < 200_000 else [mutated(data[:200_000], chance)])
