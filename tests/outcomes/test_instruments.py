"""The wording of what is asked never changes without a new version."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

import pytest

from telegut.outcomes.instruments import INSTRUMENTS, Instrument

WORDING = {
    ("gad-7", 1): "fb053bbb30340d33",
    ("gut-symptoms", 1): "8b8e7256483d56fa",
    ("adherence", 1): "ecc94ccbb200af06",
}
"""SHA-256 of prompt and items. A change of wording is a new version with a new line, never a new value here."""


@pytest.mark.parametrize("one", INSTRUMENTS, ids=lambda one: one.id)
def test_wording_is_frozen_by_version(one: Instrument) -> None:
    words = json.dumps([one.prompt, [asdict(item) for item in one.items]], sort_keys=True)

    assert WORDING[one.id, one.version] == hashlib.sha256(words.encode()).hexdigest()[:16]
