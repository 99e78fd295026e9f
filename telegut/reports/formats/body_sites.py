"""
What a file says of the place that its sample was taken from.

A file that names another place than the gut in a field about the place is refused; a sample whose *name* sounds so is
read, with a remark, because names are made by people. What is in neither list says nothing. The fields are those of
MIxS (genomic standards consortium), of the Human Microbiome Project and of the Earth Microbiome Project's ontology.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

FIELDS = frozenset(
    {"body_site", "bodysite", "body_habitat", "body_product", "hmpbodysite", "hmpbodysubsite", "sample_type"}
    | {"env_material", "env_medium", "isolation_source", "sample_site", "material", "empo_3"}
)
_STOOL = re.compile(r"stool|f(a)?ec(al|es)|f(a)?eces|gut|rect(al|um)|colon|intestin|bowel|distal", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\b(?:saliva|oral|mouth|tongue|tooth|teeth|plaque|gingiva|buccal|palat|throat|tonsil|skin|retroauricular|antecubital"
    r"|axilla|forehead|palm|scalp|nares|nasal|nose|nostril|sputum|lung|vagin\w*|fornix|introitus|cervix|urine|blood|milk"
    r"|semen|soil|sediment|sea ?water|fresh ?water)\b",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"(?<![a-z])(mock|blank|(neg|pos)(ative|itive)?[ _-]?(control|ctrl)|ntc|zymo)(?![a-z])", re.I)


def is_field(name: str) -> bool:
    """Whether a column or key of this name tells the place."""
    return name.strip().casefold().replace(" ", "_") in FIELDS


def stated_in(facts: Mapping[str, object]) -> str | None:
    """What *facts* about a sample say of its place."""
    return next((str(value) for name, value in facts.items() if is_field(str(name)) and value), None)


def is_elsewhere(place: str) -> bool:
    """Whether *place* is for certain not stool."""
    return _ELSEWHERE.search(re.sub(r"[_:.-]", " ", place)) is not None and _STOOL.search(place) is None


def is_control(name: str) -> bool:
    """Whether a sample's *name* sounds like a laboratory's control."""
    return _CONTROL.search(name) is not None
