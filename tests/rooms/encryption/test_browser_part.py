"""What of encryption runs in browsers, under node: examples of RFC 9605, who can open what, words that are said."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

STATIC = Path(__file__).parents[3] / "static"
MODULES = ("sframe", "frames", "exchange", "keyring", "wordlist", "words")


def test_frames_keys_and_words_are_as_they_should_be(tmp_path: Path) -> None:
    entry = "".join(f'export * from "./src/call/encryption/{name}";' for name in MODULES)
    bundle = tmp_path / "encryption.mjs"
    esbuild = [str(STATIC / "node_modules/.bin/esbuild"), "--bundle", "--format=esm", "--platform=node", "--loader=ts"]
    made = subprocess.run(esbuild, input=entry, capture_output=True, text=True, cwd=STATIC, check=True)
    bundle.write_text(made.stdout)
    environment = {**os.environ, "ENCRYPTION_MODULE": bundle.as_uri()}

    run = subprocess.run(
        ["node", "--test", "--test-timeout=60000", "tests/encryption.test.mjs"],
        capture_output=True,
        text=True,
        cwd=STATIC,
        env=environment,
        check=False,
    )

    assert run.returncode == 0, run.stdout
