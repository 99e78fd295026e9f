"""What `deploy/` and the documents say about settings, ports, commands and packages is what the code does."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from telegut.cli import COMMANDS, flags, listening, parser_of, settings_page
from telegut.cli.exits import Exit
from telegut.settings import Settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
FILES = sorted(file for file in DEPLOY.iterdir() if file.is_file())
NAMES = {f"TELEGUT_{field.name.upper()}" for field in dataclasses.fields(Settings)}
TOOLS = ("installer", "build", "node")
LOCKS = ["requirements.lock", "requirements-test.lock", *(f"bootstrap/{one}.lock" for one in TOOLS)]
ONLY_FOR_THE_PROXY = {"TELEGUT_UPSTREAM"}
"""What Caddy is told; telegut itself does not know it."""


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def assignments(name: str) -> dict[str, str]:
    """The ``NAME=value`` lines of a file, those commented out too."""
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text(name), re.MULTILINE))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_named_in_deploy_exists(file: Path) -> None:
    named = set(re.findall(r"TELEGUT_[A-Z_]+[A-Z]", file.read_text("utf-8")))

    assert named - NAMES - ONLY_FOR_THE_PROXY == set()


def test_the_example_settings_are_settings_that_fit() -> None:
    filled = {name: value or "filled-in" for name, value in assignments("deploy/env.example").items()}
    settings = Settings.load(filled)

    assert settings.mode == "production"
    assert settings.is_https
    listening.check_safe(settings)


def test_every_setting_is_documented_as_it_is() -> None:
    assert text("docs/settings.md") == settings_page.page(), "run ./run settings"


def test_every_setting_has_a_meaning() -> None:
    assert [one.variable for one in flags.described() if not one.meaning] == []


def test_the_unit_runs_a_command_that_parses() -> None:
    unit = text("deploy/telegut.service")
    (line,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    program, command, *words = shlex.split(line)
    args = parser_of(command).parse_args(words)

    assert program == "/opt/telegut/.venv/bin/telegut"
    assert args.setting_data == "/var/lib/telegut"
    assert "StateDirectory=telegut" in unit
    assert "EnvironmentFile=/etc/telegut/telegut.env" in unit


def test_the_unit_does_not_retry_what_cannot_get_better() -> None:
    (line,) = re.findall(r"^RestartPreventExitStatus=(.*)$", text("deploy/telegut.service"), re.MULTILINE)

    assert {Exit(int(code)) for code in line.split()} == {
        Exit.USAGE,
        Exit.NOT_WRITABLE,
        Exit.KEYS_MISSING,
        Exit.UNSAFE,
    }


def test_the_unit_waits_longer_than_telegut_itself() -> None:
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", text("deploy/telegut.service"), re.MULTILINE)
    (grace,) = re.findall(r"stop_grace_period: (\d+)s", text("deploy/compose.yaml"))

    assert min(int(seconds), int(grace)) > Settings().shutdown_s + 10


def test_the_image_runs_a_command_that_parses() -> None:
    dockerfile = text("deploy/Dockerfile")
    entry = json.loads(re.findall(r"^ENTRYPOINT (.*)$", dockerfile, re.MULTILINE)[0])
    command, *words = json.loads(re.findall(r"^CMD (.*)$", dockerfile, re.MULTILINE)[0])

    assert entry == ["/opt/telegut/.venv/bin/telegut"]
    assert parser_of(command).parse_args(words).setting_data == "/var/lib/telegut"
    assert "USER telegut" in dockerfile
    assert f"./run {'setup'}" in dockerfile


def test_ports_agree() -> None:
    example, compose = assignments("deploy/env.example"), text("deploy/compose.yaml")
    web = Settings().listen.rsplit(":", 1)[1]
    media = example["TELEGUT_MEDIA_PORT"]

    assert example["TELEGUT_LISTEN"].endswith(f":{web}")
    assert f"TELEGUT_LISTEN: 0.0.0.0:{web}" in compose
    assert f"TELEGUT_UPSTREAM: telegut:{web}" in compose
    assert f"{{$TELEGUT_UPSTREAM:127.0.0.1:{web}}}" in text("deploy/Caddyfile")
    assert f'"{media}:{media}/udp"' in compose
    assert f"EXPOSE {web}/tcp {media}/udp" in text("deploy/Dockerfile")


def test_the_proxy_of_the_compose_file_is_the_one_that_is_trusted() -> None:
    compose = text("deploy/compose.yaml")
    (trusted,) = re.findall(r"TELEGUT_TRUSTED_PROXIES: (\S+)", compose)
    settings = Settings(listen="0.0.0.0:8080", public_url="https://clinic.example", trusted_proxies=(trusted,))

    assert f"ipv4_address: {trusted}" in compose
    listening.check_safe(settings)


def test_the_proxy_lets_our_largest_upload_through_and_writes_no_addresses_down() -> None:
    caddyfile = text("deploy/Caddyfile")
    (megabytes,) = re.findall(r"max_size (\d+)MB", caddyfile)

    assert int(megabytes) * 1_000_000 >= Settings().upload_limit_bytes + 65_536
    assert re.search(r"^\s*log\b", caddyfile, re.MULTILINE) is None


def test_turn_takes_our_credentials_and_opens_no_private_network() -> None:
    turn, example = text("deploy/turnserver.conf"), assignments("deploy/env.example")
    (nonce,) = re.findall(r"^stale-nonce=(\d+)$", turn, re.MULTILINE)
    (plain,) = re.findall(r"^listening-port=(\d+)$", turn, re.MULTILINE)
    (tls,) = re.findall(r"^tls-listening-port=(\d+)$", turn, re.MULTILINE)

    assert "use-auth-secret" in turn.splitlines()
    assert int(nonce) <= Settings().turn_lifetime_s <= 600
    urls = example["TELEGUT_TURN_URLS"].split(",")
    assert [re.split(r"[:?]", url)[2] for url in urls] == [plain, plain, tls]
    for line in ("no-cli", "no-tcp-relay", "no-multicast-peers", "denied-peer-ip=127.0.0.0-127.255.255.255"):
        assert line in turn.splitlines()


def test_the_documents_explain_every_exit_code_and_every_command() -> None:
    running = text("docs/running.md")

    assert [code for code in Exit if f"| {code.value} | {code.meaning} |" not in running] == []
    assert [name for name in COMMANDS if f"`telegut {name}" not in running] == []


def test_every_dependency_has_a_line_that_says_why() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    package = json.loads(text("static/package.json"))
    tools = [word for name in TOOLS for word in text(f"bootstrap/{name}.in").split()]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    names = {re.split(r"[\[~=<>;! ]", one)[0] for one in [*wanted, *tools]}
    names |= {word.partition("==")[0] for word in text("telegut/cli/synapse.in").split() if "==" in word}
    names |= {*package["dependencies"], *package["devDependencies"]}
    explained = set(re.findall(r"^\| ([^ |]+) \| [^|]{10,} \|$", text("docs/dependencies.md"), re.MULTILINE))

    assert explained - {"package"} == names


@pytest.mark.parametrize("name", LOCKS)
def test_locks_name_no_host_and_no_folder_and_hash_everything(name: str) -> None:
    lines = [line for line in text(name).splitlines() if not line.startswith("#")]
    pinned = [line for line in lines if "==" in line.split(";")[0]]

    assert [line for line in lines if "://" in line or line.startswith(("-", "/", "."))] == []
    assert pinned
    assert all(line.endswith("\\") for line in pinned)
    assert all(line.strip().startswith("--hash=sha256:") for line in lines if line not in pinned)


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    for name, wanted in [
        ("requirements.lock", project["dependencies"]),
        ("requirements-test.lock", [*project["dependencies"], *project["optional-dependencies"]["test"]]),
    ]:
        pinned = set(re.findall(r"^([a-z0-9-]+)==", text(name), re.MULTILINE))
        names = {re.sub(r"[-_.]+", "-", re.split(r"[\[~=<>;! ]", one)[0]) for one in wanted}  # as PEP 503 writes them
        assert names - pinned == set(), "run ./run lock"


def test_both_locks_agree() -> None:
    core, tests = (
        dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text(name), re.MULTILINE))
        for name in ("requirements.lock", "requirements-test.lock")
    )

    assert {name: tests.get(name) for name in core} == core
