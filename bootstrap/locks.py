"""``./run lock``: the pinned, hashed lists of packages. They name no host and no folder of any machine."""

from __future__ import annotations

from pathlib import Path

from bootstrap.environment import BUILD, CORE, INSTALLER, TESTS, installer, prepare, tool_environment
from bootstrap.pages import NODE_LOCK
from bootstrap.steps import run, step

HEADER = "# Made by ./run lock from {source}; do not edit. Installed with --require-hashes.\n"

SOURCES = {
    INSTALLER: "bootstrap/installer.in",
    BUILD: "bootstrap/build.in",
    NODE_LOCK: "bootstrap/node.in",
    CORE: "pyproject.toml",
    TESTS: "pyproject.toml with what tests need",
    Path("telegut/cli/synapse.lock"): "telegut/cli/synapse.in",
}


def refresh(root: Path, *, upgrade: bool) -> None:
    """Write every lock anew; versions stay unless they no longer fit, or *upgrade* is asked for.

    Raises:
        SetupFailed: something cannot be resolved.
    """
    prepare(root, tests=False)
    uv = installer(root)[0]
    for lock, source in SOURCES.items():
        with step(f"Writing {lock}"):
            words = ["pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
            words += ["--no-header", "--no-annotate", *(["--upgrade"] if upgrade else [])]
            words += ["--extra", "test", "--constraint", str(root / CORE)] if lock == TESTS else []
            words += ["--output-file", str(root / lock), str(root / source.split(" ")[0])]
            run([uv, *words], cwd=root, env=tool_environment(root))
            body = "".join(
                line for line in (root / lock).read_text().splitlines(keepends=True) if not line.startswith("#")
            )
            (root / lock).write_text(HEADER.format(source=source) + body)
