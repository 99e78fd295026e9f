"""Lab files through a real server: the same numbers and the same refusals as from the command line."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient

from telegut.db.engine import Database
from tests import build
from tests.build import Clinic
from tests.reports import twins

pytestmark = pytest.mark.long

Client = TestClient[web.Request, web.Application]
SAMPLES = os.environ.get("TELEGUT_SAMPLES", "")
TOGETHER = (
    ("q2_mia_table.qza", "q2_mia_taxonomy.qza"),
    ("mothur_example.shared", "mothur_example.cons.taxonomy"),
    ("asv_tsv_dadaist2_feature-table.tsv", "asv_csv_dadaist2_taxonomy.csv"),
)
"""Real files that are parts of one report."""


async def posted(client: Client, clinic: Clinic, files: list[bytes], sample: str | None) -> dict[str, Any]:
    """What the API says of *files* once the worker is done."""
    form = FormData()
    for at, data in enumerate(files):
        form.add_field("file", data, filename=f"{at}.bin")
    form.add_field("metadata", "{}")
    if sample is not None:
        form.add_field("sample", sample)
    patient = clinic.patient
    path = f"/api/v1/patients/{patient.id}/reports"
    async with client.post(path, data=form, headers=patient.bearer) as answer:
        assert 202 == answer.status, await answer.text()
        report = (await answer.json())["id"]
    async with asyncio.timeout(120):
        while True:
            # By the care team, who are told everything: the family is not told what needs a clinical test.
            async with client.get(f"/api/v1/reports/{report}", headers=clinic.consultant.bearer) as answer:
                said: dict[str, Any] = await answer.json()
            if said["state"] != "received":
                return said
            await asyncio.sleep(0.1)


async def told(folder: Path, files: list[bytes], sample: str | None) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``telegut report --json``."""
    paths = []
    for at, data in enumerate(files):
        paths.append(folder / f"{at}.bin")
        paths[-1].write_bytes(data)
    chosen = [] if sample is None else ["--sample", sample]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "telegut", "report", "--json", *chosen, *(str(path) for path in paths)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def same(client: Client, clinic: Clinic, folder: Path, files: list[bytes]) -> str:
    """Check that both ways say the same of *files*; of several samples, the first is compared. Returns the state."""
    server = await posted(client, clinic, files, None)
    code, out, err = await told(folder, files, None)
    if server["state"] == "choose_sample":
        assert 2 == code
        assert all(name in err for name in server["samples"])
        sample = server["samples"][0]
        server, (code, out, err) = await posted(client, clinic, files, sample), await told(folder, files, sample)
    if server["state"] == "refused":
        assert (2, "") == (code, out)
        assert f"[{server['problem']['code']}]" in err
        return "refused"
    said = json.loads(out)
    assert said["taxa"] == server["taxa"]
    assert said["format"] == server["recognised"]["format"]
    assert said["method"] == server["method"]
    assert {name: said[name] for name in server["totals"]} == server["totals"]
    assert all(server["diversity"][name] == value for name, value in said["diversity"].items())
    codes = [one["code"] for one in server["warnings"]]
    assert all(one["code"] in codes for one in said["warnings"])
    return "ready"


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


async def test_every_twin_says_the_same_to_the_server_and_to_the_command(
    client: Client, clinic: Clinic, worker: None, tmp_path: Path
) -> None:
    found = {name: await same(client, clinic, tmp_path, files) for name, files in twins.EVERY.items() if files[0]}

    assert {"ready", "refused"} == set(found.values())


@pytest.mark.skipif(not SAMPLES, reason="TELEGUT_SAMPLES names no folder of real lab files")
async def test_every_real_file_says_the_same_to_the_server_and_to_the_command(
    client: Client, clinic: Clinic, worker: None, tmp_path: Path
) -> None:
    folder = Path(SAMPLES)
    alone = [(path.name,) for path in sorted(folder.iterdir()) if path.is_file()]
    for names in (*alone, *TOGETHER):
        state = await same(client, clinic, tmp_path, [(folder / name).read_bytes() for name in names])
        print(" + ".join(names), state)


async def test_the_web_process_never_loads_the_heavy_libraries() -> None:
    heavy = "{'h5py', 'numpy', 'scipy', 'pandas', 'biom', 'skbio'}"
    program = f"import sys, telegut.app; sys.exit(' '.join({heavy} & set(sys.modules)) or 0)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stderr=asyncio.subprocess.PIPE)
    _, err = await process.communicate()

    assert (0, b"") == (process.returncode, err)
