"""What pages count and decide by themselves, as tables: the front end's pure modules under node's test runner."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages.node import run_tables

MODELS: dict[str, dict[str, str]] = {
    "carrying": {
        "call/ladder": "begin, next, sends, told",
        "call/lobby": "lobbyWords, putBack",
        "call/looking": "look",
        "call/quality": "grades, load",
        "call/sending": "encodings",
        "call/silences": "Silences",
        "call/wording": "aloneWords, asCarried, awayWords, endsWords, ownWords, theirWords",
    },
    "deeds": {"call/deeds": "Deeds, takesBack"},
    "encryption": {
        f"call/encryption/{module}": "*" for module in ("sframe", "frames", "exchange", "keyring", "wordlist", "words")
    },
    "lines": {"lib/lines/pulse": "*", "lib/lines/poll": "*", "lib/lines/socket": "*"},
    "picture": {"call/picture": "*"},
    "repair": {"call/repair": "*"},
    "thread": {"thread/wall": "instantOn", "thread/mentions": "mentioned", "thread/state": "Log"},
    "week": {"week/model": "*", "week/keyboard": "*"},
}


@pytest.mark.parametrize("name", MODELS)
def test_every_line_of_its_tables_holds(name: str, tmp_path: Path) -> None:
    run_tables(name, MODELS[name], tmp_path)
