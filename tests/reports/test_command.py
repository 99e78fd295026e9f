"""``telegut report``: exit codes, one JSON object, reasons on standard error."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from telegut import bounded
from telegut.reports import command
from telegut.reports.isolation import Reader
from tests.reports import lab


def run(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "a file with any name"
    path.write_bytes(lab.metaphlan_4())
    return path


def test_json_is_one_object_and_nothing_else(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(profile, "--json")

    out, err = capsys.readouterr()
    assert "metaphlan-4" == json.loads(out)["format"]
    assert "" == err


def test_without_json_it_is_a_page_to_read(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(profile)

    out = capsys.readouterr().out
    assert "60.0000 %  Bacteroides" in out
    assert "10.0000 %  unassigned genus in Lachnospiraceae" in out
    assert "Unclassified  not stated" in out


def test_a_refusal_is_exit_2_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pathways.tsv"
    path.write_text("# Pathway\tS1_Abundance\nUNMAPPED\t5\n")

    assert 2 == run(path, "--json")

    out, err = capsys.readouterr()
    assert "" == out
    assert "pathways" in err


def test_a_refusal_says_what_the_file_was_taken_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "few.tsv"
    path.write_text("  5.00\t5\t5\tU\t0\tunclassified\n 95.00\t95\t95\tR\t1\troot\n")

    assert 2 == run(path)
    assert "Recognised as kraken" in capsys.readouterr().err


def test_several_samples_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "merged.tsv"
    path.write_bytes(lab.merged())

    assert 2 == run(path, "--json")
    assert "stool_1, mouth_1" in capsys.readouterr().err
    assert 0 == run(path, "--json", "--sample", "stool_1")
    assert ["stool_1", "mouth_1"] == json.loads(capsys.readouterr().out)["samples"]


def test_a_file_that_is_not_there_is_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run(tmp_path / "nothing.tsv")
    assert "nothing.tsv" in capsys.readouterr().err


def test_a_folder_is_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run(tmp_path)
    assert "Not read:" in capsys.readouterr().err


def test_a_file_that_is_never_read_to_its_end_is_refused(
    profile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_READER", Reader(time_s=0.001, memory_bytes=2**30))

    assert 2 == run(profile)
    assert "longer than any report" in capsys.readouterr().err


def test_a_reading_that_breaks_is_a_refusal(
    profile: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broke(*order: object, **bounds: object) -> bytes:
        raise bounded.Broke

    monkeypatch.setattr(bounded, "asked", broke)

    assert 2 == run(profile)
    assert "without an answer" in capsys.readouterr().err
