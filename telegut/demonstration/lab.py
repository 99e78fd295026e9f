"""Lena's two lab files, handed in and read as any other."""

from __future__ import annotations

from typing import Any

from telegut.composition import Services
from telegut.demonstration.cast import AMARA, LENA, caller
from telegut.demonstration.lab_files import metaphlan_profile
from telegut.demonstration.story_clock import StoryClock
from telegut.reports.service import Handed

SAMPLES = ((-52, -58, "TG-0412", 12_104_772), (-6, -12, "TG-0561", 11_387_219))
"""Days ago of arrival and of collection, the lab's name for the sample, reads processed."""


def _metadata(collected: str) -> dict[str, Any]:
    return {
        "collected_on": collected,
        "lab": "Example Microbiome Laboratory",
        "ordered_by": "Dr. Amara Okafor",
        "age": 34,
        "sex": "female",
        "diet": "mixed, little fibre",
    }


async def tell(services: Services, clock: StoryClock) -> None:
    """Hand both files in; the worker reads them."""
    for number, (days, collected, sample, reads) in enumerate(SAMPLES):
        clock.at(days, 15, 0, AMARA.zone)
        file = Handed(f"{sample}.profile.txt", metaphlan_profile(number, sample, reads))
        metadata = _metadata(clock.day(collected, LENA.zone).isoformat())
        await services.reports.receive(caller(AMARA), LENA.id, [file], metadata)
