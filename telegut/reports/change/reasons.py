"""The words of a comparison over time. There are three, and a reason beside "cannot tell"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Words = Literal["within usual variation", "more than usual", "cannot tell"]

WITHIN: Words = "within usual variation"
MORE: Words = "more than usual"
CANNOT: Words = "cannot tell"

Code = Literal[
    "method_differs",
    "method_not_stated",
    "antibiotic_between",
    "stool_form_differs",
    "not_known_for_children",
    "not_known_for_this_method",
    "not_known_for_this_group",
    "too_shallow",
    "depth_not_stated",
    "earlier_is_later",
    "not_read",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why it cannot be told: a stable *code* and a sentence for a person."""

    code: Code
    text: str
