"""Uploads as the settings want them: which store, which scanner, which limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from telegut.clock import Clock
from telegut.db.engine import Database
from telegut.db.sealed import Vault
from telegut.messaging.uploads.checking import Checking
from telegut.messaging.uploads.collecting import Collecting
from telegut.messaging.uploads.isolation import Reader
from telegut.messaging.uploads.remaking import Bounds
from telegut.messaging.uploads.rules import Limits
from telegut.messaging.uploads.s3 import Bucket, BucketStore
from telegut.messaging.uploads.scanner import Clamd
from telegut.messaging.uploads.service import Uploads
from telegut.messaging.uploads.store import Folder, Store
from telegut.settings import Settings

PATIENCE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class UploadServices:
    """People's half, and the worker's."""

    uploads: Uploads
    checking: Checking
    collecting: Collecting


def build_uploads(db: Database, vault: Vault, now: Clock, settings: Settings) -> UploadServices:
    """The services, as *settings* want them."""
    store = build_store(settings, now)
    scanner = Clamd(settings.clamd, settings.clamd_s) if settings.clamd else None
    return UploadServices(
        Uploads(db, vault, store, build_limits(settings), scanner is not None or settings.takes_unscanned),
        Checking(db, vault, store, scanner, build_reader(settings)),
        Collecting(db, store, now, timedelta(hours=settings.upload_unsent_hours), PATIENCE),
    )


def build_store(settings: Settings, now: Clock) -> Store:
    """Where the sealed bytes lie: a bucket when one is named, else a folder under the data folder."""
    if not settings.s3_url:
        return Folder(settings.data / "uploads")
    bucket = Bucket(
        url=settings.s3_url.rstrip("/"),
        name=settings.s3_bucket,
        region=settings.s3_region,
        key_id=settings.s3_key_id,
        secret=settings.s3_secret,
    )
    return BucketStore(bucket, now, time_s=settings.s3_s)


def build_limits(settings: Settings) -> Limits:
    """How much is taken."""
    return Limits(
        file_bytes=settings.upload_limit_bytes,
        message_files=settings.upload_message_files,
        day_files=settings.upload_day_files,
        day_bytes=settings.upload_day_bytes,
        patient_bytes=settings.upload_patient_bytes,
    )


def build_reader(settings: Settings) -> Reader:
    """The bounds within which a file is looked into."""
    return Reader(
        time_s=settings.upload_reader_s,
        memory_bytes=settings.upload_reader_memory_bytes,
        bounds=Bounds(
            pixels=settings.upload_pixels,
            image_side=settings.upload_image_side,
            thumbnail_side=settings.upload_thumbnail_side,
            pages=settings.upload_pdf_pages,
            objects=settings.upload_pdf_objects,
            seconds=settings.upload_recording_s,
        ),
    )
