"""
What each part in a visit may see, as one table. Pure.

====================  =======  ===========  ======  ====  ===========
part                  picture  whole names  record  chat  appointment
====================  =======  ===========  ======  ====  ===========
a practitioner        yes      yes          yes     yes   yes
patient, guardian     yes      yes          yes     yes   yes
interpreter           yes      –            –       –     yes
supporter             yes      –            –       –     –
student               yes      –            –       –     –
====================  =======  ===========  ======  ====  ===========

The record is what is beside the video: report, plan, thread, diary. Being admitted is needed besides; a practitioner
also has to be in the patient's care team, which `telegut.accounts.care` decides. An interpreter or supporter may be
shown what a host shows there at this moment, when the patient agreed to that: `telegut.rooms.guests.panels`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

INTERPRETER: Final = "interpreter"
SUPPORTER: Final = "supporter"
STUDENT: Final = "student"
COMPANIONS: Final = frozenset({INTERPRETER, SUPPORTER, STUDENT})
"""Parts that hear and see everybody and are on nobody's side: translating, being there for the patient, learning."""
ASKED_FIRST: Final = frozenset({STUDENT})
"""Parts that need the patient's own yes before they come in."""
ASKED_FIRST_IN_A_GROUP: Final = frozenset({STUDENT, SUPPORTER})
"""In a group the support of one hears what the others tell; an interpreter is bound to silence by their profession."""
SHOWN_PANELS: Final = frozenset({INTERPRETER, SUPPORTER})
"""Parts to whom a host may show, with the patient's yes, what is shown beside the video. Learning is no reason."""


class What(StrEnum):
    """What there is to see in a visit."""

    PICTURE = "picture"
    WHOLE_NAMES = "whole_names"
    RECORD = "record"
    CHAT = "chat"
    APPOINTMENT = "appointment"


_COMPANIONS_SEE: Final = {
    INTERPRETER: frozenset({What.PICTURE, What.APPOINTMENT}),
    SUPPORTER: frozenset({What.PICTURE}),
    STUDENT: frozenset({What.PICTURE}),
}


def sees(role: str, what: What) -> bool:
    """Whether who has this part is shown *what* while in the room."""
    return role not in COMPANIONS or what in _COMPANIONS_SEE[role]
