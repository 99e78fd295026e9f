"""Steps: done once, retold when their inputs change, and clear when they fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from bootstrap import steps


def test_a_step_is_done_until_what_it_reads_changes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("one")
    steps.mark_done(tmp_path, "step", steps.fingerprint([source]))

    assert steps.is_done(tmp_path, "step", steps.fingerprint([source]))
    source.write_text("two")
    assert not steps.is_done(tmp_path, "step", steps.fingerprint([source]))
    assert not steps.is_done(tmp_path, "another step", steps.fingerprint([source]))


def test_a_fingerprint_tells_where_one_file_ends_and_the_next_begins(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("xy")
    second.write_text("z")
    before = steps.fingerprint([first, second])
    first.write_text("x")
    second.write_text("yz")

    assert before != steps.fingerprint([first, second])


def test_a_failed_program_is_named_with_its_last_words() -> None:
    with pytest.raises(steps.SetupFailed, match=r"(?s)this failed: sh -c .*line 40$") as failed:
        steps.run(["sh", "-c", "for i in $(seq 40); do echo line $i; done; exit 3"])

    assert "line 10\n" not in str(failed.value)


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(steps.SetupFailed, match="no-such-program cannot be run"):
        steps.run(["no-such-program"])


def test_a_step_says_what_it_does_and_how_long_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    with steps.step("Doing something"):
        pass

    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "· Doing something … 0.0 s\n")


def test_a_program_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(steps.SetupFailed, match="this took longer than 0 s: sleep 600"):
        steps.run(["sleep", "600"], seconds=0.05)
