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


def _metadata(collected: str, received: str) -> dict[str, Any]:
    """Everything is said but how the laboratory extracts; the page then says that it does not know."""
    return {
        "age": 34,
        "sex": "female",
        "bmi": 23.1,
        "diet": "mixed, little fibre, coffee on an empty stomach",
        "smoking": "never",
        "alcohol": "a glass of wine at weekends",
        "physical_activity": "cycles to the station",
        "bowel_habit": "form 4 to 6, every day",
        "diseases": "none known",
        "medicines": "none; no antibiotics in the last year",
        "probiotics": "none",
        "collected_at": collected,
        "received_at": received,
        "kit": "tube with DNA preservative",
        "storage": "frozen on arrival",
        "laboratory": "Example Microbiome Laboratory",
        "accreditation": "ISO 15189",
        "amplification": "none (shotgun)",
        "platform": "short reads, paired",
        "pipeline": "MetaPhlAn 4",
        "database": "vJun23",
        "ordered_by": "Dr. Amara Okafor",
        "ordered_by_profession": "physician",
        "reason": "Context for the talk about food; no treatment depends on it.",
    }


async def tell(services: Services, clock: StoryClock) -> None:
    """Hand both files in; the worker reads them."""
    for number, (days, collected, sample, reads) in enumerate(SAMPLES):
        clock.at(days, 15, 0, AMARA.zone)
        file = Handed(f"{sample}.profile.txt", metaphlan_profile(number, sample, reads))
        metadata = _metadata(clock.day(collected, LENA.zone).isoformat(), clock.day(days, LENA.zone).isoformat())
        await services.reports.receive(caller(AMARA), LENA.id, [file], metadata)
