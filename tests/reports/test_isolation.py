"""The reader as a child process: what it answers, and what stops it."""

from __future__ import annotations

import gzip

from telegut.reports.formats.limits import Limits
from telegut.reports.isolation import Reader
from telegut.reports.reader import outcome
from tests.reports import lab

READER = Reader(time_s=120, memory_bytes=512 * 1024**2)


async def test_the_child_says_what_the_function_says() -> None:
    for data, sample in [(lab.metaphlan_4(), None), (lab.merged(), None), (lab.merged(), "stool_1"), (b"", None)]:
        assert outcome([data], sample, Limits()) == await READER.outcome([data], sample)


async def test_its_limits_reach_the_child() -> None:
    reader = Reader(time_s=120, memory_bytes=512 * 1024**2, limits=Limits(rows=5))

    assert "report_too_large" == (await reader.outcome([lab.kraken(lab.gut())], None))["problem"]["code"]


async def test_running_out_of_time_is_a_refusal() -> None:
    reader = Reader(time_s=0.001, memory_bytes=512 * 1024**2)

    assert "report_too_large" == (await reader.outcome([lab.metaphlan_4()], None))["problem"]["code"]


async def test_running_out_of_memory_is_a_refusal() -> None:
    bomb = gzip.compress(bytes(1024**2) * 160)
    limits = Limits(unpacked_bytes=1024**3)
    reader = Reader(time_s=120, memory_bytes=96 * 1024**2, limits=limits)

    said = await reader.outcome([bomb], None)

    assert ("refused", "report_too_large") == (said["state"], said["problem"]["code"])
