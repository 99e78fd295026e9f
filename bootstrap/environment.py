"""The Python environment in ``.venv``: exactly the pinned packages, checked against their hashes."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bootstrap.steps import SetupFailed, fingerprint, is_done, mark_done, run, step

INSTALLER = Path("bootstrap") / "installer.lock"
"""uv."""
BUILD = Path("bootstrap") / "build.lock"
"""The project's build system."""
CORE = Path("requirements.lock")
TESTS = Path("requirements-test.lock")
"""Everything of `CORE`, and what tests need."""


def prepare(root: Path, *, tests: bool) -> None:
    """Make ``.venv`` hold what telegut needs, and with *tests* what its tests need; skip what is done.

    Raises:
        SetupFailed: a step fails, or the machine lacks something; says what to do.
    """
    _make_venv(root)
    _install_tools(root)
    _install_packages(root, tests=tests)
    _install_project(root)
    _compile(root)


def python(root: Path) -> Path:
    """The environment's interpreter."""
    return root / ".venv" / "bin" / "python"


def installer(root: Path) -> list[str]:
    """The command that installs packages into ``.venv``: uv's, or pip's where uv does not run."""
    uv = _uv(root)
    if uv is None:
        return [str(python(root)), "-m", "pip", "install", "--disable-pip-version-check"]
    return [uv, "pip", "install", "--python", str(python(root)), "--compile-bytecode"]


def tool_environment(root: Path) -> dict[str, str]:
    """Variables for uv, pip and npm: ours, with caches inside the checkout when there is no home folder to write to."""
    found = dict(os.environ)
    home = Path(os.path.expanduser("~"))
    if not os.access(home, os.W_OK):
        found |= {"UV_CACHE_DIR": str(root / ".cache" / "uv"), "PIP_CACHE_DIR": str(root / ".cache" / "pip")}
        found |= {"npm_config_cache": str(root / ".cache" / "npm")}
    return found


def _make_venv(root: Path) -> None:
    if _answers(python(root)):
        return
    venv = root / ".venv"
    with step("Making a Python environment in .venv"):
        shutil.rmtree(venv, ignore_errors=True)
        for stamp in (root / ".cache").glob("*.done"):
            stamp.unlink()
        if importlib.util.find_spec("ensurepip") is not None:
            run([sys.executable, "-m", "venv", venv])
        elif (uv := shutil.which("uv")) is not None:
            run([uv, "venv", "--quiet", "--python", sys.executable, venv], env=tool_environment(root))
        else:
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            raise SetupFailed(f"this Python cannot make environments; run: apt-get install python{version}-venv")


def _answers(interpreter: Path) -> bool:
    if not interpreter.exists():
        return False
    asked = subprocess.run([interpreter, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"], check=False)
    return asked.returncode == 0


def _install_tools(root: Path) -> None:
    """The installer, or nothing where it does not run; then what builds the project."""
    wanted = fingerprint([root / INSTALLER, root / BUILD])
    if is_done(root, "tools", wanted):
        return
    by_pip = [str(python(root)), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--require-hashes"]
    if subprocess.run([python(root), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
        try:
            with step("Installing the installer (uv)"):
                run([*by_pip, "-r", root / INSTALLER], env=tool_environment(root))
        except SetupFailed:
            print("· uv does not run on this machine; pip installs instead, which takes longer", file=sys.stderr)
    run([*installer(root), "--require-hashes", "-r", root / BUILD], env=tool_environment(root))
    mark_done(root, "tools", wanted)


def _install_packages(root: Path, *, tests: bool) -> None:
    """The pinned packages; the list for tests holds the other one whole."""
    core, all_of_them = fingerprint([root / CORE], sys.version), fingerprint([root / TESTS], sys.version)
    if is_done(root, "packages-test", all_of_them) if tests else is_done(root, "packages", core):
        return
    lock = root / (TESTS if tests else CORE)
    count = sum("==" in line for line in lock.read_text().splitlines())
    with step(f"Installing {count} packages, pinned and hashed ({lock.name})"):
        run([*installer(root), "--require-hashes", "-r", lock], env=tool_environment(root))
    mark_done(root, "packages", core)
    if tests:
        mark_done(root, "packages-test", all_of_them)


def _install_project(root: Path) -> None:
    wanted = fingerprint([root / "pyproject.toml"], str(root))
    if is_done(root, "project", wanted):
        return
    with step("Installing telegut itself"):
        run(
            [*installer(root), "--no-deps", "--no-build-isolation", "--editable", root],
            env=tool_environment(root),
        )
    mark_done(root, "project", wanted)


def _compile(root: Path) -> None:
    """Compile our own modules now, so that no start has to; silent, because it takes a blink when nothing changed."""
    subprocess.run(
        [python(root), "-m", "compileall", "-q", "-q", root / "telegut"], check=False, stdout=subprocess.DEVNULL
    )


def _uv(root: Path) -> str | None:
    own = root / ".venv" / "bin" / "uv"
    found = str(own) if own.exists() else shutil.which("uv")
    if found is None:
        return None
    works = subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0
    return found if works else None
