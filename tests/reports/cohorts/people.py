"""A control group made here: people with seven genera, drawn with a fixed seed, as a table and as a group."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from telegut.reports.cohorts.group import About, Group, Values

GENERA = {
    "Bacteroides": (3.0, 0.6),
    "Faecalibacterium": (1.5, 0.8),
    "Roseburia": (0.5, 1.0),
    "Blautia": (1.0, 0.7),
    "Akkermansia": (-0.5, 1.4),
    "Bifidobacterium": (0.0, 1.2),
    "Alistipes": (1.2, 0.9),
}
"""Mean and spread of the natural logarithm of the percentage."""

FACTS: dict[str, Any] = {
    "name": "Adults without complaints",
    "unit": "percent",
    "inclusion": "adults without digestive complaints",
    "region": "shotgun",
    "pipeline": "MetaPhlAn 4.1",
    "database": "mpa_vJun23_CHOCOPhlAnSGB_202403",
    "denominator": "profile",
    "licence": "consent of every person, form 3",
    "source": "our own volunteers",
    "country": "Germany",
    "kit": "OMNIgene GUT",
    "extraction": "bead beating, PowerSoil Pro",
    "antibiotics": "none in six months",
}

SAID: dict[str, Any] = {
    "age": 40,
    "country": "Germany",
    "kit": "OMNIgene-Gut",
    "extraction": "Bead beating, PowerSoil Pro",
    "medicines": "none",
    "bowel_habit": "type 4",
    "collected_at": "2026-11-03",
}
"""What is said of a sample that was measured as `FACTS` say."""


def person(dice: random.Random) -> dict[str, float]:
    """One person's percentages."""
    return {name: min(dice.lognormvariate(*shape), 40.0) / 2.5 for name, shape in GENERA.items()}


def group(n: int, *, seed: int = 1, **about: Any) -> Group:
    """A group of *n* such people."""
    dice = random.Random(seed)
    people = [person(dice) for _ in range(n)]
    known = {name: FACTS[name] for name in FACTS if name in About.__dataclass_fields__}
    return Group(
        id="own",
        version=1,
        about=replace(About(**{**known, "n": n, "age_from": 20, "age_to": 70}), **about),
        genera={name: Values(tuple(sorted(one[name] for one in people))) for name in GENERA},
        complete=True,
    )


def table(n: int, *, seed: int = 1, extra: str = "") -> bytes:
    """The same people as a clinic would load them."""
    dice = random.Random(seed)
    lines = ["\t".join(["person", "age", "sex", "reads", *GENERA, "Unassigned"])]
    for at in range(n):
        named = person(dice)
        values = [f"{value:.5f}" for value in (*named.values(), 100 - sum(named.values()))]
        lines.append("\t".join([f"P{at + 1}", str(20 + at % 50), "fm"[at % 2], "2000000", *values]))
    return ("\n".join(lines) + "\n" + extra).encode()


def answer(percents: dict[str, float], **more: Any) -> dict[str, Any]:
    """A reading with these genera, measured as `FACTS` say."""
    return {
        "taxa": [
            {"name": name, "rank": "genus", "percent": value, "reads": None, "taxid": None, "lineage": name}
            for name, value in {**percents, "unassigned genus in Bacteria": 100 - sum(percents.values())}.items()
        ],
        "method": {"region": "shotgun", "pipeline": "MetaPhlAn 4", "database": "mpa_vJun23_CHOCOPhlAnSGB_202403"},
        "denominator": "profile",
        "total_reads": 2_000_000,
        "diversity": {"shannon": 2.0},
        **more,
    }
