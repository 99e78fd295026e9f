"""Lab files of a stated size for benchmarks, made here: a Kraken report, and a BIOM table in HDF5."""

from __future__ import annotations

import io
import random
from typing import Final

_ABOVE: Final = (
    (0, "R", 1, "root"),
    (1, "R1", 131567, "cellular organisms"),
    (2, "D", 2, "Bacteria"),
    (3, "P", 1239, "Bacillota"),
    (4, "C", 186801, "Clostridia"),
    (5, "O", 186802, "Eubacteriales"),
)
_SPECIES: Final = 6
_GENERA: Final = 5
_FIRST_TAXID: Final = 3_000_000
_UNCLASSIFIED: Final = 2_000_000


def kraken_report(rows: int) -> bytes:
    """A Kraken 2 report of *rows* lines: families of five genera of six species, as crowded as PlusPF's."""
    chance = random.Random(20_250_101)
    below: list[tuple[int, str, str, int, int]] = []
    number = 0
    while len(below) < rows - len(_ABOVE) - 1:
        genera = [(f"Genus{number + at}", [chance.randrange(1, 500) for _ in range(_SPECIES)]) for at in range(_GENERA)]
        number += _GENERA
        below.append((6, "F", f"Family{number}aceae", sum(sum(reads) for _, reads in genera), 0))
        for name, reads in genera:
            below.append((7, "G", name, sum(reads), 0))
            below += [(8, "S", f"{name} species{at}", one, one) for at, one in enumerate(reads)]
    below = below[: rows - len(_ABOVE) - 1]
    total = sum(own for *_, own in below)
    everything = total + _UNCLASSIFIED
    lines = [_line(_UNCLASSIFIED, _UNCLASSIFIED, everything, "U", 0, "unclassified")]
    lines += [_line(total, 0, everything, rank, taxid, "  " * step + name) for step, rank, taxid, name in _ABOVE]
    lines += [
        _line(reads, own, everything, rank, _FIRST_TAXID + at, "  " * step + name)
        for at, (step, rank, name, reads, own) in enumerate(below)
    ]
    return ("\n".join(lines) + "\n").encode()


def biom_table(features: int, samples: int) -> bytes:
    """A BIOM 2 table of *features* with lineages in *samples*, a third of the cells filled."""
    import h5py

    chance = random.Random(20_250_102)
    starts, places, numbers = [0], list[int](), list[float]()
    for _ in range(samples):
        there = sorted(chance.sample(range(features), features // 3))
        places += there
        numbers += [float(chance.randrange(1, 60)) for _ in there]
        starts.append(len(places))
    kept = io.BytesIO()
    with h5py.File(kept, "w") as file:
        file.attrs["type"] = "OTU table"
        file["observation/ids"] = [f"{at:032x}".encode() for at in range(features)]
        file["observation/metadata/taxonomy"] = [_lineage(at) for at in range(features)]
        file["sample/ids"] = [f"S{at}".encode() for at in range(samples)]
        for name, values in (("data", numbers), ("indices", places), ("indptr", starts)):
            file[f"sample/matrix/{name}"] = values
    return kept.getvalue()


def _line(reads: int, own: int, whole: int, rank: str, taxid: int, name: str) -> str:
    return f"{reads * 100 / whole:6.2f}\t{reads}\t{own}\t{rank}\t{taxid}\t{name}"


def _lineage(at: int) -> list[bytes]:
    groups = {"p": at % 10, "c": at % 30, "o": at % 60, "f": at % 120, "g": at % 600, "s": at}
    names = [("k", "Bacteria"), *((letter, f"Group{letter.upper()}{number}") for letter, number in groups.items())]
    return [f"{letter}__{name}".encode() for letter, name in names]
