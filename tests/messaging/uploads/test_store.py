"""The folder and the bucket keep the same promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.messaging.uploads.making import build_uploads
from telegut.messaging.uploads.s3 import Bucket, BucketStore, Request, signed
from telegut.messaging.uploads.store import Folder, ObjectMissing, Store, StoreAway
from telegut.settings import Settings
from tests import build
from tests.messaging.uploads import files
from tests.messaging.uploads.stores import s3_server


@pytest.fixture(scope="module")
async def bucket() -> AsyncIterator[Bucket]:
    """A bucket of a real server."""
    async with s3_server() as made:
        yield made


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Each of them."""
    if request.param == "folder":
        return Folder(tmp_path / "uploads")
    return BucketStore(request.getfixturevalue("bucket"), utc_now, time_s=30)


async def _names(store: Store, before: datetime) -> set[UUID]:
    return {one async for one in store.older_than(before)}


async def test_what_is_kept_is_read_again_in_pieces(store: Store) -> None:
    id, content = uuid4(), bytes(range(256)) * 40

    await store.put(id, content)

    assert content == await store.read(id, 0, len(content))
    assert content[5_000:5_100] == await store.read(id, 5_000, 100)
    assert content[-40:] == await store.read(id, len(content) - 40, 1_000)
    assert b"" == await store.read(id, len(content) + 5, 10)


async def test_what_is_removed_is_gone_and_removed_twice(store: Store) -> None:
    id = uuid4()
    await store.put(id, b"something")

    await store.remove(id)
    await store.remove(id)

    with pytest.raises(ObjectMissing):
        await store.read(id, 0, 10)


async def test_objects_are_found_by_their_age(store: Store) -> None:
    mine = {uuid4() for _ in range(3)}
    for id in mine:
        await store.put(id, b"something")

    assert mine <= await _names(store, utc_now() + timedelta(minutes=5))
    assert set() == mine & await _names(store, utc_now() - timedelta(minutes=5))


async def test_a_write_that_was_cut_off_is_swept_away(tmp_path: Path) -> None:
    store, id = Folder(tmp_path), uuid4()
    await store.put(id, b"whole")
    rest = tmp_path / id.hex[-2:] / f"{uuid4().hex}.part"
    rest.write_bytes(b"half")

    assert {id} == await _names(store, utc_now() + timedelta(minutes=5))
    assert not rest.exists()


async def test_a_folder_that_cannot_be_written_is_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("not a folder")

    with pytest.raises(StoreAway):
        await Folder(tmp_path / "uploads").put(uuid4(), b"something")


async def test_a_bucket_that_does_not_answer_is_a_store_that_is_away() -> None:
    nowhere = Bucket(url="http://127.0.0.1:1", name="files", region="us-east-1", key_id="us", secret="quiet")

    with pytest.raises(StoreAway):
        await BucketStore(nowhere, utc_now, time_s=5).read(uuid4(), 0, 10)


async def test_a_file_is_kept_and_served_from_a_bucket(bucket: Bucket, settings: Settings, db: Database) -> None:
    there = replace(
        settings, s3_url=bucket.url, s3_bucket=bucket.name, s3_key_id=bucket.key_id, s3_secret=bucket.secret
    )
    caller = (await build.person(db)).caller
    made = build_uploads(db, build.VAULT, utc_now, there)

    found = await made.uploads.receive(caller, None, "breakfast.heic", files.picture())
    await made.checking.check(found.id)
    served = await made.uploads.serve(caller, found.id)

    assert (await served.read(0, served.size)).startswith(b"\xff\xd8\xff")
    assert not (settings.data / "uploads").exists()


@pytest.mark.parametrize("query", [{}, {"list-type": "2", "prefix": "uploads/", "continuation-token": "a+b/c= ü"}])
def test_our_signature_is_the_one_of_amazon_s_own_library(query: dict[str, str]) -> None:
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    ours = Bucket(url="https://s3.example:9000", name="files", region="eu-1", key_id="us", secret="quiet")
    request = Request(method="PUT", path="/files/uploads/a b", query=query, body=b"something")
    at = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)

    class At(S3SigV4Auth):  # type: ignore[misc]
        """Theirs asks the clock; the moment is ours."""

        def add_auth(self, request: AWSRequest) -> None:
            request.context["timestamp"] = at.strftime("%Y%m%dT%H%M%SZ")
            self._modify_request_before_signing(request)
            text = self.canonical_request(request)
            self._inject_signature_to_request(request, self.signature(self.string_to_sign(request, text), request))

    address = f"{ours.url}/files/uploads/a%20b" + (f"?{request.query_text}" if query else "")
    theirs = AWSRequest("PUT", address, data=b"something", headers={"X-Amz-Date": at.strftime("%Y%m%dT%H%M%SZ")})
    At(Credentials("us", "quiet"), "s3", "eu-1").add_auth(theirs)

    mine = signed(ours, request, at)["authorization"]
    assert theirs.headers["Authorization"] == mine
