"""
Which files are taken, what becomes of them, and when they may be sent. Pure: no clock, no database.

What a file is, its first bytes say; its name and what the sender's program calls it decide nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from telegut.errors import FieldError, Gone, Invalid, TooMany, WrongType

NAME_MAX_CHARACTERS = 120


class State(StrEnum):
    """How far a file has come. The words are the public contract's."""

    PENDING = "pending"
    CLEAN = "clean"
    REFUSED = "refused"


class Kind(StrEnum):
    """What is taken."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    PDF = "application/pdf"
    OGG = "audio/ogg"
    WEBM = "audio/webm"
    MP4 = "audio/mp4"

    @property
    def is_image(self) -> bool:
        """Whether it is a picture."""
        return self.value.startswith("image/")


class FileNotTaken(WrongType):
    """Photos (JPEG, PNG, WebP, HEIC), PDF and voice notes can be sent. This file is none of them."""


class NoSuchUpload(Invalid):
    """One of these files is not there, or is not yours to send here."""


class UploadPending(Invalid):
    """One of these files is still being checked. The message was not sent; please try again in a moment."""


class UploadRefused(Invalid):
    """One of these files was refused when it was checked. The message was not sent."""


class UploadUsed(Invalid):
    """One of these files is in another message already."""


class TakenBack(Gone):
    """This file's message was taken back."""


class UploadQuota(TooMany):
    """That is more than can be kept in one day. Please try again tomorrow."""


class SpaceUsedUp(Invalid):
    """There is no room left for this patient's files. Please tell the clinic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most of everything: bytes of one file, files of a message, and files and bytes of a day and of a patient."""

    file_bytes: int
    message_files: int
    day_files: int
    day_bytes: int
    patient_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An upload as a send finds it. *patient* and *conversation*: for which it was meant, None for any."""

    owner: UUID
    state: State
    patient: UUID | None
    conversation: UUID | None
    message: UUID | None


_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
"""ISO/IEC 23008-12: major brands of still images in a HEIF file."""

_MP4_BRANDS = frozenset({b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"iso5", b"iso6", b"dash", b"MSNV"})
"""ISO/IEC 14496-12 and -14: major brands of what phones and browsers record."""


def kind_of(head: bytes) -> Kind:
    """
    What a file is that begins with *head* (its first 16 bytes at least, when it has so many).

    Raises:
        FileNotTaken: nothing that we take.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head.startswith(b"%PDF-"):
        return Kind.PDF
    if head.startswith(b"OggS"):
        return Kind.OGG
    if head.startswith(b"\x1aE\xdf\xa3"):
        return Kind.WEBM
    return _iso_kind(head)


def _iso_kind(head: bytes) -> Kind:
    if head[4:8] == b"ftyp":
        if head[8:12] in _HEIF_BRANDS:
            return Kind.HEIC
        if head[8:12] in _MP4_BRANDS:
            return Kind.MP4
    raise FileNotTaken


def shown_name(name: str) -> str:
    """The last part of a path, without what could break a header or a page; may be empty."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1].strip().strip(".")
    return "".join(sign for sign in last if sign.isprintable())[:NAME_MAX_CHARACTERS]


_ENDINGS = {
    Kind.JPEG: ".jpg",
    Kind.PNG: ".png",
    Kind.WEBP: ".webp",
    Kind.PDF: ".pdf",
    Kind.OGG: ".ogg",
    Kind.WEBM: ".webm",
    Kind.MP4: ".m4a",
}


def kept_name(name: str, kind: Kind) -> str:
    """*name* with the ending of what the file has become, so that a programme of that kind opens it."""
    stem = name.rsplit(".", 1)[0].rstrip() or {True: "photo"}.get(kind.is_image, "file")
    return stem + _ENDINGS[kind]


def check_sendable(upload: Waiting | None, *, sender: UUID, patient: UUID, conversation: UUID) -> None:
    """
    May *sender* put this upload into a message of *conversation*, which is about *patient*?

    Raises:
        NoSuchUpload: there is none of theirs, or it was meant for another place. UploadPending, UploadRefused: it is
            not clean. UploadUsed: another message has it.
    """
    if upload is None or upload.owner != sender:
        raise _about(NoSuchUpload)
    if upload.patient not in (None, patient) or upload.conversation not in (None, conversation):
        raise _about(NoSuchUpload)
    if upload.message is not None:
        raise _about(UploadUsed)
    if upload.state is State.PENDING:
        raise _about(UploadPending)
    if upload.state is State.REFUSED:
        raise _about(UploadRefused)


def check_list(uploads: Sequence[str], *, most: int) -> tuple[UUID, ...]:
    """
    The attachments that a send names.

    Raises:
        Invalid: one twice, or more than *most*. NoSuchUpload: no id at all.
    """
    if len(uploads) > most:
        raise Invalid(errors=[FieldError("attachments", f"{most} files fit into one message.")])
    try:
        ids = tuple(UUID(one) for one in uploads)
    except ValueError as exc:
        raise _about(NoSuchUpload) from exc
    if len(set(ids)) != len(ids):
        raise Invalid(errors=[FieldError("attachments", "The same file is there twice.")])
    return ids


def _about(refusal: type[Invalid]) -> Invalid:
    return refusal(errors=[FieldError("attachments", refusal().message)])
