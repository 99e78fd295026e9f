"""
What a patient reads where no place beside a group of people is shown to them: what is so, and never where they lie.

Each state has its own sentence, because "there is no group" is untrue where there is one that does not match fully, is
of other people, or was withdrawn. None names a reason of the laboratory's work, which only a clinician can weigh
(`comparison`), and none says anything of the person.
"""

from __future__ import annotations

from typing import Final, Literal

from telegut.reports.statements import WITHOUT_COMPARISON
from telegut.web.words import gettext as _

Lack = Literal["none_alike", "method_not_stated", "other_people", "nearly", "withdrawn"]
"""
Why a patient is shown no place: no group was measured the same way; nobody states how the sample was; the groups that
were measured the same way are of other ages; the match is provisional; the group is used no longer.
"""

_WORDS: Final[dict[Lack, str]] = {
    "none_alike": WITHOUT_COMPARISON,
    "method_not_stated": (
        "We cannot say whether this is much or little: not everything is known about how the lab measured this "
        "sample. So no comparison group can be matched to it."
    ),
    "other_people": (
        "We cannot say whether this is much or little: the comparison group that was measured the same way may be of "
        "people of another age."
    ),
    "nearly": (
        "We cannot say whether this is much or little. There is a comparison group that comes near. It does "
        "not match this sample in everything, or that is not known. So we do not show you a place beside it. Your care "
        "team can tell you more."
    ),
    "withdrawn": (
        "We cannot say whether this is much or little. The comparison group that this sample was held beside is no "
        "longer in use, so no place beside it is shown. That is about the group, not about you."
    ),
}


def instead(lack: Lack) -> str:
    """The sentence for a patient."""
    return _(_WORDS[lack])
