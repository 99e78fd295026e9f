"""A child process that is asked once: its answer, its end without one, its time; and what binds it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from telegut import bounded
from telegut.bounds import bounds

TOOL = "json.tool"  # reads one order, writes one answer, like ours


async def test_the_answer_of_the_child_is_given() -> None:
    said = await bounded.asked(TOOL, b'{"a": [1, 2]}', time_s=60)

    assert {"a": [1, 2]} == json.loads(said)


async def test_a_child_that_ends_without_an_answer_broke() -> None:
    with pytest.raises(bounded.Broke):
        await bounded.asked(TOOL, b"no JSON", time_s=60)


async def test_a_child_that_takes_too_long_is_ended() -> None:
    before = _children()

    with pytest.raises(bounded.TookTooLong):
        await bounded.asked(TOOL, b"{}", time_s=0.001)

    assert before == _children()


async def test_a_child_is_bound_before_it_reads() -> None:
    order = json.dumps(bounds(time_s=1, memory_bytes=2**30) | {"cpu_s": 0, "sizes": []}).encode() + b"\n"

    with pytest.raises(bounded.Broke):  # no processor time at all
        await bounded.asked("telegut.reports.reader", order, time_s=60)


def _children() -> set[str]:
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())
