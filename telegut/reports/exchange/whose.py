"""
Whose report it is, as a FHIR R4 Patient in the bundle for another clinic. Pure.

Only a bundle that somebody asked for holds it (the patient, who acts for them, or the care team); each resource by
itself refers to ``Patient/…`` and names nobody. It holds what tells the receiver whose it is and no more: the name, our
number, and the sex where it was stated with the sample. Dates of birth and addresses are not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

_URI: Final = "urn:ietf:rfc:3986"
"""The system of identifiers that are URIs (hl7.org/fhir/R4/identifier-registry)."""
_GENDERS: Final = {
    "female": "female",
    "f": "female",
    "w": "female",
    "woman": "female",
    "weiblich": "female",
    "male": "male",
    "m": "male",
    "man": "male",
    "männlich": "male",
    "other": "other",
    "diverse": "other",
    "divers": "other",
    "nonbinary": "other",
    "non-binary": "other",
}
"""Words of people for FHIR's administrative gender; any other word is left out rather than guessed."""


def patient(id: UUID, name: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The resource. *metadata* of the report: the sex, as somebody stated it."""
    gender = _GENDERS.get(str(metadata.get("sex") or "").strip().casefold())
    return {
        "resourceType": "Patient",
        "id": str(id),
        "identifier": [{"system": _URI, "value": f"urn:uuid:{id}"}],
        **({"name": [{"text": name}]} if name.strip() else {}),
        **({"gender": gender} if gender else {}),
    }
