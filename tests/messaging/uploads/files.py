"""Good and hostile files, made here."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from io import BytesIO
from typing import Any, Literal

import av
import pikepdf
from PIL import Image, ImageDraw

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless file that every scanner knows, as the EICAR institute publishes it."""

OWNER = "Lena Hartmann of Kastanienallee"
"""What a camera writes beside a picture."""

ORIENTATION, ARTIST, GPS = 0x0112, 0x013B, 0x8825
"""Exif 2.32: the tags of how the camera was held, who owns it, and where it was."""


@cache
def picture(form: str = "JPEG", size: tuple[int, int] = (120, 80), *, turned: bool = False) -> bytes:
    """A picture, red on its left and blue on its right, with a place and an owner in its EXIF."""
    made = Image.new("RGB", size, "red")
    ImageDraw.Draw(made).rectangle((size[0] // 2, 0, *size), fill="blue")
    exif = Image.Exif()
    exif[ARTIST] = OWNER
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    if turned:
        exif[ORIENTATION] = 6  # the camera was held upright: turn by 90° to the right
    out = BytesIO()
    if form == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    made.save(out, form, exif=exif.tobytes())
    return out.getvalue()


def huge_png(side: int = 50_000) -> bytes:
    """A few kilobytes that say they are ten gigabytes of pixels, and unpack to ten megabytes at least."""
    row = zlib.compressobj(9)
    empty = bytes(65_536)
    packed = b"".join(row.compress(empty) for _ in range(160)) + row.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def document(pages: int = 1, **root: Any) -> bytes:
    """A PDF with an author, and what is given in its catalogue."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    made.docinfo["/Author"] = OWNER
    for name, value in root.items():
        made.Root[f"/{name}"] = made.make_indirect(value)
    return _pdf(made)


def scripted() -> bytes:
    """A PDF that runs a program when it is opened."""
    return document(OpenAction=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('hello')"))


def visiting(key: Literal["OpenAction", "AA"] = "OpenAction") -> bytes:
    """A PDF that opens an address by itself, behind turning to its first page."""
    away = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://elsewhere.example/seen")
    first = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=pikepdf.Array([0, pikepdf.Name.Fit]), Next=away)
    return document(OpenAction=first) if key == "OpenAction" else document(AA=pikepdf.Dictionary(O=away))


def turning(target: str = "https://elsewhere.example") -> bytes:
    """A PDF that begins at a page of its own, and has a link that leads to *target* when it is clicked."""
    link = pikepdf.Dictionary(A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=target))
    first = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=pikepdf.Array([0, pikepdf.Name.Fit]))
    return document(OpenAction=first, Link=link)


def elsewhere() -> bytes:
    """A PDF of which a part is in another file of whoever opens it."""
    made = pikepdf.new()
    made.add_blank_page()
    made.Root.Part = pikepdf.Stream(made, b"", F=pikepdf.String("secrets.txt"))
    return _pdf(made)


def launching() -> bytes:
    """A PDF that starts a program, hidden in an array of an annotation of a page."""
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    return document(Hidden=pikepdf.Array([pikepdf.Array([pikepdf.Dictionary(A=action)])]))


def submitting() -> bytes:
    """A PDF with a form that sends itself somewhere."""
    return document(AA=pikepdf.Dictionary(S=pikepdf.Name.SubmitForm, F="https://elsewhere.example"))


def carrying() -> bytes:
    """A PDF with another file in it."""
    made = pikepdf.new()
    made.add_blank_page()
    made.attachments["other.txt"] = b"another file"
    return _pdf(made)


def locked() -> bytes:
    """A PDF with a password."""
    made = pikepdf.new()
    made.add_blank_page()
    return _pdf(made, encryption=pikepdf.Encryption(owner="a", user="b"))


def locked_without_password() -> bytes:
    """A PDF that everybody can open, and that is encrypted all the same."""
    made = pikepdf.new()
    made.add_blank_page()
    return _pdf(made, encryption=pikepdf.Encryption(owner="a", user=""))


def _pdf(made: pikepdf.Pdf, **options: Any) -> bytes:
    out = BytesIO()
    made.save(out, **options)
    return out.getvalue()


@cache
def recording(form: str = "webm", codec: str = "libopus", seconds: float = 1.0) -> bytes:
    """A voice note with its speaker's name in the title."""
    out = BytesIO()
    with av.open(out, "w", format=form) as sink:
        sink.metadata["title"] = OWNER
        sound = sink.add_stream(codec, rate=48_000)
        assert isinstance(sound, av.AudioStream)
        sound.layout = "mono"
        for start in range(0, int(seconds * 48_000), 960):
            frame = av.AudioFrame(format="flt" if codec == "libopus" else "fltp", layout="mono", samples=960)
            frame.planes[0].update(bytes(frame.planes[0].buffer_size))
            frame.sample_rate, frame.pts = 48_000, start
            sink.mux(sound.encode(frame))
        sink.mux(sound.encode(None))
    return out.getvalue()


def film() -> bytes:
    """A recording with a picture that moves."""
    out = BytesIO()
    with av.open(out, "w", format="webm") as sink:
        seen = sink.add_stream("libvpx", rate=10)
        assert isinstance(seen, av.VideoStream)
        seen.width, seen.height, seen.pix_fmt = 32, 32, "yuv420p"
        sink.mux(seen.encode(av.VideoFrame(32, 32, "yuv420p")))
        sink.mux(seen.encode(None))
    return out.getvalue()
