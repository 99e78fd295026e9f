"""What the rules of a visit refuse, in words for a person."""

from __future__ import annotations

from telegut.errors import Conflict, Gone, NotFound, Refused


class NotOpenYet(Conflict):
    """The room is not open yet. It opens shortly before the visit."""


class VisitEnded(Gone):
    """This visit has ended."""


class NotTheHost(Refused):
    """Only the practitioner can do this."""


class NotWaiting(Conflict):
    """This person is not waiting any more."""


class NotAPlaceHere(NotFound):
    """There is no such person in this visit."""


class NotInside(Refused):
    """You can do this once you have been let in."""


class NoRecordHere(Refused):
    """In a group nobody's record is shown."""


class Barred(Refused):
    """The practitioner has ended your part in this visit."""


class NoConsent(Conflict):
    """This person may come in once the patient, in a group everybody in the room, has said yes to that."""
