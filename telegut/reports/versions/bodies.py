"""The types of versions in the API."""

from __future__ import annotations

from uuid import UUID

from telegut.reports.versions.store import Version
from telegut.web.api import Answer, Instant


class VersionAnswer(Answer):
    """One interpretation; *content_hash* is the SHA-256 of what it says."""

    number: int
    parser_version: str
    content_hash: str
    interpreted_at: Instant
    signed_by: UUID | None
    signer: str | None
    signed_at: Instant | None

    @classmethod
    def of(cls, version: Version) -> VersionAnswer:
        """*version* for the wire."""
        return cls(
            number=version.number,
            parser_version=version.parser_version,
            content_hash=version.content_hash.hex(),
            interpreted_at=version.interpreted_at,
            signed_by=version.signed_by,
            signer=version.signer or None,
            signed_at=version.signed_at,
        )
