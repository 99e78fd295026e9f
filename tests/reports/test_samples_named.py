"""A sample that was named with a file and is not in it is asked for; a table is as large as it says, every id once."""

from __future__ import annotations

import io
from typing import Any

import h5py
import pytest

from telegut.demonstration.lab_files import metaphlan_profile
from telegut.reports.formats.limits import Limits
from telegut.reports.reader import outcome
from tests.reports import lab, tables


def read(data: bytes, sample: str | None = None) -> dict[str, Any]:
    return outcome([data], sample, Limits())


@pytest.mark.parametrize("data", [
    lab.merged(), tables.feature_table(), tables.biom_1(), tables.biom_2(), tables.level_csv(),
])  # fmt: skip
def test_a_wrong_name_of_several_asks_for_the_right_one(data: bytes) -> None:
    asked, wrong = read(data), read(data, "nobody")

    assert ("choose_sample", "unknown_sample") == (wrong["state"], wrong["problem"]["code"])
    assert (asked["samples"], asked["recognised"]) == (wrong["samples"], wrong["recognised"])
    for name in asked["samples"]:
        assert name not in asked["problem"]["detail"] + wrong["problem"]["detail"]


def test_a_wrong_name_of_one_asks_whether_it_is_that_one() -> None:
    one = metaphlan_profile(0, "S1", 12_100_000)

    assert ("choose_sample", ["S1"]) == tuple(read(one, "nobody")[name] for name in ("state", "samples"))
    assert "ready" == read(one, "S1")["state"]


def test_a_name_for_a_file_that_names_none_is_refused() -> None:
    said = read(lab.kraken(lab.gut()), "S1")

    assert ("refused", "unknown_sample") == (said["state"], said["problem"]["code"])


def twice(kind: str) -> bytes:
    """A table of version 1 with an id twice."""
    rows = [{"id": name, "metadata": {"taxonomy": ["k__Bacteria", "g__Blautia"]}} for name in ("o1", "o1")]
    columns = [{"id": "s1", "metadata": None}, {"id": "s1", "metadata": None}]
    data = [[0, 0, 6000], [1, 1, 4000]]
    if kind == "row":
        return tables.biom_1(rows=rows, columns=[{"id": "s1"}, {"id": "s2"}], data=data, shape=[2, 2])
    return tables.biom_1(rows=[rows[0], {**rows[1], "id": "o2"}], columns=columns, data=data, shape=[2, 2])


def of_version_2(shape: tuple[int, int]) -> bytes:
    packed = io.BytesIO(tables.biom_2())
    with h5py.File(packed, "r+") as file:
        file.attrs["shape"] = shape
    return packed.getvalue()


@pytest.mark.parametrize(("data", "words"), [
    (tables.biom_1(shape=[1_000_000_000, 1_000_000_000]), "1000000000 by 1000000000"),
    (tables.biom_1(shape=[1, 2]), "says that it is 1 by 2"),
    (tables.biom_1(shape=["many"]), "says that it is many"),
    (twice("row"), "The row 'o1' is there twice"),
    (twice("sample"), "The sample 's1' is there twice"),
    (of_version_2((3, 2)), "says that it is 3 by 2"),
])  # fmt: skip
def test_a_table_that_contradicts_itself_is_refused_by_name(data: bytes, words: str) -> None:
    said = read(data)

    assert ("refused", "damaged_file") == (said["state"], said["problem"]["code"])
    assert words in said["problem"]["detail"]


def test_a_table_that_declares_nothing_is_read() -> None:
    assert "choose_sample" == read(tables.biom_1(shape=None))["state"]
