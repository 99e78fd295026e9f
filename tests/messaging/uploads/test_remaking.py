"""What becomes of good files, and why the others are refused. Most run in this process; the last in one of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import av
import pikepdf
import pytest
from PIL import Image

from telegut.messaging.uploads.isolation import Reader
from telegut.messaging.uploads.reader import remade
from telegut.messaging.uploads.remaking import PROBLEMS, Bounds, Unusable
from telegut.messaging.uploads.rules import FileNotTaken, Kind, kind_of
from tests.messaging.uploads import files

BOUNDS = Bounds(pixels=1_000_000, image_side=640, thumbnail_side=32, pages=5, objects=500, seconds=3.0)
READER = Reader(time_s=30, memory_bytes=1_536 * 1_048_576, bounds=BOUNDS)


@pytest.mark.parametrize(
    ("form", "becomes"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/jpeg"), ("HEIF", "image/jpeg")]
)
def test_a_picture_keeps_its_pixels_and_nothing_else(form: str, becomes: str) -> None:
    made = remade(files.picture(form), BOUNDS)

    with Image.open(BytesIO(made.content)) as seen:
        left, right = (seen.convert("RGB").getpixel((x, 40)) for x in (20, 100))
        beside = dict(seen.getexif())
    assert (becomes, 120, 80) == (made.type, made.width, made.height)
    assert {} == beside
    assert files.OWNER.encode() not in made.content
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[0] > 200 > 60 > left[2]
    assert right[2] > 200 > 60 > right[0]


def test_a_picture_taken_upright_stands_upright() -> None:
    small, large = (remade(files.picture(size=size, turned=True), BOUNDS) for size in ((120, 80), (1000, 500)))

    assert (80, 120, 320, 640) == (small.width, small.height, large.width, large.height)


def test_a_large_picture_becomes_smaller_and_has_a_thumbnail() -> None:
    made = remade(files.picture(size=(1000, 500)), BOUNDS)

    assert made.thumbnail is not None
    with Image.open(BytesIO(made.thumbnail)) as small:
        assert ((640, 320), (32, 16)) == ((made.width, made.height), small.size)


def test_what_hides_behind_a_picture_is_gone() -> None:
    made = remade(files.picture("PNG") + b"<script>alert(1)</script>", BOUNDS)

    assert b"<script>" not in made.content


def test_what_hides_around_a_document_is_gone() -> None:
    made = remade(files.document() + b"\nPK\x03\x04 and an archive", BOUNDS)

    assert b"archive" not in made.content


def test_a_document_keeps_its_pages_and_loses_its_author() -> None:
    made = remade(files.document(3), BOUNDS)

    with pikepdf.open(BytesIO(made.content)) as seen:
        assert (3, 3, 0) == (made.pages, len(seen.pages), len(seen.docinfo))


@pytest.mark.parametrize(
    ("form", "codec", "becomes"),
    [("webm", "libopus", "audio/webm"), ("ogg", "libopus", "audio/ogg"), ("mp4", "aac", "audio/mp4")],
)
def test_a_voice_note_keeps_its_sound_and_nothing_else(form: str, codec: str, becomes: str) -> None:
    made = remade(files.recording(form, codec), BOUNDS)

    with av.open(BytesIO(made.content), "r") as heard:
        sounds = [str(stream.type) for stream in heard.streams]
        heard_s = sum(frame.samples for frame in heard.decode(heard.streams.audio[0])) / 48_000
    assert (becomes, ["audio"]) == (made.type, sounds)
    assert made.duration_s == pytest.approx(1.0, abs=0.1)
    assert heard_s == pytest.approx(1.0, abs=0.1)
    assert files.OWNER.encode() not in made.content


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example", "MAILTO:me@elsewhere.example", "www.elsewhere.example"]
)
def test_a_document_may_begin_at_a_page_and_have_links(target: str) -> None:
    made = remade(files.turning(target), BOUNDS)

    with pikepdf.open(BytesIO(made.content)) as seen:
        assert "/GoTo" == str(seen.Root.OpenAction.S)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a picture of ten gigabytes": (files.huge_png, "too_large"),
    "a picture with more pixels than we take": (lambda: files.picture(size=(1001, 1000)), "too_large"),
    "half a picture": (lambda: files.picture()[:900], "unreadable"),
    "a web page that begins like a picture": (lambda: b"\xff\xd8\xff<html><script>alert(1)</script>", "unreadable"),
    "a WebP that is none": (lambda: b"RIFF\x24\0\0\0WEBPVP8 nothing of the kind", "unreadable"),
    "a HEIC that is none": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "unreadable"),
    "a document that runs a program": (files.scripted, "active_content"),
    "a document that starts a program": (files.launching, "active_content"),
    "a document that opens an address": (files.visiting, "active_content"),
    "a document that opens an address with a page": (lambda: files.visiting("AA"), "active_content"),
    "a document that sends itself": (files.submitting, "active_content"),
    "a document with a link to a script": (lambda: files.turning("javascript:alert(1)"), "active_content"),
    "a document with a link to a file": (lambda: files.turning(" File:///etc/passwd"), "active_content"),
    "a document with a hidden script": (
        lambda: files.turning("\ufeffjava\tscript:x"),
        "active_content",
    ),
    "a document with a link to a share": (lambda: files.turning("\\\\evil\\share"), "active_content"),
    "a document with a part elsewhere": (files.elsewhere, "active_content"),
    "a document with a file in it": (files.carrying, "active_content"),
    "a locked document": (files.locked, "encrypted"),
    "an encrypted document": (files.locked_without_password, "encrypted"),
    "a long document": (lambda: files.document(6), "too_large"),
    "a document that is none": (lambda: b"%PDF-1.7\n<script>alert(1)</script>", "unreadable"),
    "a long recording": (lambda: files.recording(seconds=3.5), "too_large"),
    "a film": (files.film, "not_a_voice_note"),
    "a recording that is none": (lambda: b"OggS" + bytes(2000), "unreadable"),
    "a recording without a sound": (lambda: files.recording()[:200], "unreadable"),
}


@pytest.mark.parametrize(("made", "why"), HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_is_not_what_it_says_or_could_act_is_refused(made: Callable[[], bytes], why: str) -> None:
    with pytest.raises(Unusable) as refusal:
        remade(made(), BOUNDS)

    assert why == refusal.value.code
    assert why in PROBLEMS


@pytest.mark.parametrize(
    "head",
    [
        files.EICAR,
        b"",
        b"GIF89a",
        b"MZ\x90\0",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"PK\x03\x04",
        b"#!/bin/sh",
    ],
)
def test_other_kinds_are_not_taken(head: bytes) -> None:
    with pytest.raises(FileNotTaken):
        kind_of(head)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_kind_is_known_by_its_first_bytes(form: str) -> None:
    assert {"JPEG": Kind.JPEG, "PNG": Kind.PNG, "WEBP": Kind.WEBP, "HEIF": Kind.HEIC}[form] == kind_of(
        files.picture(form)[:16]
    )


async def test_the_child_gives_back_the_file_and_its_thumbnail() -> None:
    made = await READER.remade(files.picture("HEIF"))

    assert made == remade(files.picture("HEIF"), BOUNDS)


async def test_a_reading_that_takes_too_long_is_a_refusal() -> None:
    with pytest.raises(Unusable) as refusal:
        await replace(READER, time_s=0.05).remade(files.picture("PNG"))

    assert "too_complex" == refusal.value.code


async def test_a_reading_that_needs_too_much_memory_is_a_refusal() -> None:
    small = replace(READER, memory_bytes=200 * 1_048_576, bounds=replace(BOUNDS, pixels=100_000_000))

    with pytest.raises(Unusable) as refusal:
        await small.remade(files.huge_png(8_000))

    assert "too_complex" == refusal.value.code
