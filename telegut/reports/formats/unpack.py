"""From bytes as they arrive to lines of text: bounded decompression, encodings, line ends."""

from __future__ import annotations

import io
import zlib

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.refusals import DamagedFile, EmptyFile, NotAProfile, ReportTooLarge

_GZIP = b"\x1f\x8b"
_MEGABYTE = 1024 * 1024


def unpack(data: bytes, limits: Limits) -> bytes:
    """
    *data* itself, or what a gzip file holds; never more than the limits allow in memory.

    Raises:
        EmptyFile, ReportTooLarge, DamagedFile: as they say.
    """
    if len(data) > limits.file_bytes:
        raise ReportTooLarge(f"The file is larger than {limits.file_bytes // _MEGABYTE} MB.")
    if data.startswith(_GZIP):
        data = _gunzip(data, limits.unpacked_bytes)
    if len(data) > limits.unpacked_bytes:
        raise ReportTooLarge(f"The file is larger than {limits.unpacked_bytes // _MEGABYTE} MB.")
    if not data.strip():
        raise EmptyFile
    return data


def _gunzip(data: bytes, most: int) -> bytes:
    """All members of a gzip file (lab pipelines write several: bgzip), stopping before *most* is passed."""
    import gzip  # as zipfile and h5py: the reader's process starts for every file, and few need it

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            whole = packed.read(most + 1)
    except EOFError as exc:
        raise DamagedFile("The compressed file breaks off before its end.") from exc
    except (gzip.BadGzipFile, zlib.error) as exc:
        raise DamagedFile("The file says that it is compressed, and cannot be unpacked.") from exc
    if len(whole) > most:
        raise ReportTooLarge(f"Unpacked, the file is larger than {most // _MEGABYTE} MB.")
    return whole


def text_of(data: bytes) -> str:
    """
    The text of a file: UTF-8 (with or without a mark), UTF-16 with its mark, else Latin-1.

    Raises:
        NotAProfile: it is not text.
    """
    text = _decode(data)
    if "\0" in text:
        raise NotAProfile("This is not a text file, and none of the packed formats that we know.")
    return text


def lines_of(text: str, limits: Limits) -> list[str]:
    """
    The lines of *text* without their ends.

    Raises:
        ReportTooLarge: more or longer lines than the limits allow.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > limits.rows + 1_000:
        raise ReportTooLarge(f"The file has more than {limits.rows:,} lines.")
    if any(len(line) > limits.line_characters for line in lines):
        raise ReportTooLarge(f"A line of the file is longer than {limits.line_characters:,} characters.")
    return lines


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as exc:
            raise NotAProfile("The text of this file cannot be read.") from exc
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
