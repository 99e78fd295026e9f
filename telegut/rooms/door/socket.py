"""What hosts, and who raises a hand, say on the ``/rooms`` socket besides the words of `telegut.rooms.signalling`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from telegut.errors import Invalid
from telegut.rooms.door.rules import AdmitAll, Consent, Hand, LetBack, SendBack
from telegut.rooms.rules.commands import Command
from telegut.rooms.signalling import Member, Say, Switchboard


def messages(board: Switchboard) -> dict[str, Say]:
    """Each type of message with what is done about it."""

    async def say(member: Member, message: dict[str, Any]) -> None:
        command = _command(member.account, message)
        visit = member.connection.visit
        board.hear_room(visit, await board.rooms.act(visit, command))

    return dict.fromkeys(("admit_all", "send_back", "let_back", "hand", "consent"), say)


def _command(me: UUID, message: dict[str, Any]) -> Command:
    match message["type"]:
        case "admit_all":
            return AdmitAll(me)
        case "send_back":
            return SendBack(me, participant_of(message))
        case "let_back":
            return LetBack(me, participant_of(message))
        case "hand":
            whose = participant_of(message) if "participant" in message else me
            return Hand(me, whose, yes_or_no(message, "raised"))
        case _:
            return Consent(me, participant_of(message), yes_or_no(message, "agreed"))


def participant_of(message: dict[str, Any]) -> UUID:
    """
    Whom *message* is about.

    Raises:
        Invalid: it names nobody.
    """
    try:
        return UUID(str(message["participant"]))
    except (KeyError, ValueError) as exc:
        raise Invalid("Say whom: participant is an account's id.") from exc


def yes_or_no(message: dict[str, Any], name: str) -> bool:
    """
    The member *name* of *message*.

    Raises:
        Invalid: it is neither true nor false.
    """
    value = message.get(name)
    if not isinstance(value, bool):
        raise Invalid(f"Say {name}: true or false.")
    return value
