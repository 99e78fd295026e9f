"""
Urgent messages. Who marks one from the patient's side first answers an honest question: a message is no way to call
for help in danger, these numbers are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from telegut.db.caller import Caller
from telegut.errors import FieldError, Invalid
from telegut.messaging.replies import Helpline


class UrgentUnconfirmed(Invalid):
    """If you are in danger, call one of these numbers now. Nobody may see this message in time."""

    code = "urgent_unconfirmed"

    def __init__(self, helplines: Sequence[Helpline]) -> None:
        message = str(self.__doc__)
        super().__init__(message, errors=[FieldError("urgent_confirmed", message)])
        self._helplines = helplines

    @property
    def extension(self) -> Mapping[str, Any]:
        """The clinic's numbers, for the problem document."""
        shown = [{"label": one.label, "number": one.number, "dialled": one.dialled} for one in self._helplines]
        return {"helplines": shown}


def check_urgent(urgent: bool, confirmed: bool | None, caller: Caller, helplines: Sequence[Helpline]) -> None:
    """
    Go on with what is not urgent, comes from the team, or was asked about.

    confirmed: None from a client that knows nothing of the question, as in the plain contract: its message goes out.

    Raises:
        UrgentUnconfirmed: the question was not answered yet.
    """
    if urgent and confirmed is False and not caller.is_clinician:
        raise UrgentUnconfirmed(helplines)
