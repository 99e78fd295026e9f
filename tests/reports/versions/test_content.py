"""The hash of what a report says: reproducible anywhere, and of nothing else."""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegut.reports import command
from telegut.reports.answer import answer
from telegut.reports.formats.reading import read
from telegut.reports.rules import interpret
from telegut.reports.versions.canonical import canonical, number
from telegut.reports.versions.content import answer_hash, content, content_hash
from tests.reports import lab


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.5e-7, "1.5e-7"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e21, "1e+21"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (333333333.33333329, "333333333.3333333"),
        (-0.00001, "-0.00001"),
        (math.inf, "null"),
    ],
)
def test_numbers_are_written_as_ecmascript_writes_them(value: float, written: str) -> None:
    """Values of RFC 8785, appendix B, and what V8 prints for the others."""
    assert written == number(value)


def test_the_example_of_rfc_8785_has_its_bytes() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert expected.encode() == canonical(value)


def test_names_are_in_the_order_of_utf_16() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]

    assert ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"] == list(
        json.loads(canonical(dict.fromkeys(names, 0)))
    )


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_what_was_written_reads_back_as_the_same(value: object) -> None:
    written = canonical(value)
    back = json.loads(written, parse_int=float)  # digits after the shortest are zeros, as ECMAScript has them

    assert value == back
    assert written == canonical(back)


@given(st.lists(JSON, min_size=1, max_size=3), st.sampled_from(["%s", "b%", "\U0001f600", "a"]))
def test_a_long_table_is_written_as_its_rows_are(values: list[object], name: str) -> None:
    rows = [{name: values[at % len(values)], "\ufb33": at} for at in range(100)]
    apart = b"[" + b",".join(canonical(row) for row in rows) + b"]"

    assert apart == canonical(rows)
    assert apart[:-1] + b",{}]" == canonical([*rows, {}])


def test_half_a_surrogate_pair_is_written_all_the_same() -> None:
    assert b'"\xed\xa0\x80"' == canonical("\ud800")


def test_the_same_bytes_have_the_same_hash_in_every_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "profile.tsv"
    path.write_bytes(lab.metaphlan_4())
    script = "from telegut.reports import command, answer; import argparse; p = argparse.ArgumentParser();"
    script += f" command.add_arguments(p); command.run(p.parse_args([{str(path)!r}, '--json']))"
    said = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", script], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
            ).stdout
        )
        for seed in ("1", "2")
    ]
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    command.run(parser.parse_args([str(path), "--json"]))
    here = json.loads(capsys.readouterr().out)

    assert {here["content_hash"]} == {one["content_hash"] for one in said}
    assert answer_hash(here) == here["content_hash"]
    assert 64 == len(here["content_hash"])


def test_the_hash_is_of_what_is_said_and_of_nothing_else() -> None:
    said = answer(interpret(read([lab.metaphlan_4()], None)))
    before = answer_hash(said)

    assert before == answer_hash({**said, "parser_version": "99", "why": "other words", "notes": {"command": "x"}})
    handed_in_twice = [*said["warnings"], {"code": "same_file", "text": "again"}]
    assert before == answer_hash({**said, "warnings": handed_in_twice})
    assert before != answer_hash({**said, "denominator": "all_reads"})
    rows = [{**said["taxa"][0], "percent": math.nextafter(said["taxa"][0]["percent"], 0)}, *said["taxa"][1:]]
    assert before != answer_hash({**said, "taxa": rows})


def test_a_refusal_has_content_too() -> None:
    refused = {"state": "refused", "problem": {"code": "empty", "detail": "Nothing."}, "parser_version": "2"}

    assert {"state": "refused", "problem": refused["problem"]} == content(refused)
    assert content_hash(refused) == content_hash({**refused, "parser_version": "3"})
