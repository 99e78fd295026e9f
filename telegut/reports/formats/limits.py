"""How much of a file is read before we stop: the bounds that no lab's real file reaches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    Bounds of one reading.

    A Kraken 2 report of a stool sample has 5,000 to 20,000 lines and under 2 MB; a MetaPhlAn 4 profile has about
    1,000 lines. The defaults leave a factor of ten, and the server takes its own from the settings.
    """

    file_bytes: int = 32 * 1024 * 1024
    """A file as it arrives, perhaps compressed."""
    unpacked_bytes: int = 64 * 1024 * 1024
    """The same file after decompression (a "zip bomb" ends here)."""
    rows: int = 200_000
    """Lines that are not comments."""
    line_characters: int = 100_000
    """One line: merged tables are wide, nothing else is."""
    depth: int = 100
    """Steps from the root to the deepest clade of a Kraken report; the whole NCBI taxonomy stays under 50."""
    lineage_parts: int = 20
    """Ranks in one written lineage; MetaPhlAn writes eight."""
    name_characters: int = 2_000
    """One name or written lineage."""
    samples: int = 2_000
    """Columns of a merged table."""
    files: int = 4
    """Files given together."""
