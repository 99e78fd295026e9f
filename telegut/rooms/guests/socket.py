"""What a host and the patient's side say on the ``/rooms`` socket about showing a guest what is shown."""

from __future__ import annotations

from typing import Any

from telegut.db.caller import Caller
from telegut.rooms.door.socket import participant_of, yes_or_no
from telegut.rooms.guests.panels import AnswerPanels, OfferPanels
from telegut.rooms.guests.showing import Showing
from telegut.rooms.signalling import Member, Say, Switchboard


def messages(board: Switchboard, showing: Showing) -> dict[str, Say]:
    """Each type of message with what is done about it."""

    async def say(member: Member, message: dict[str, Any]) -> None:
        visit, me, guest = member.connection.visit, member.account, participant_of(message)
        if message["type"] == "panels":
            command: OfferPanels | AnswerPanels = OfferPanels(me, guest, yes_or_no(message, "shown"))
        else:
            command = AnswerPanels(me, guest, yes_or_no(message, "agreed"))
        board.hear_room(visit, await showing.say(Caller(account=me), visit, command))

    return dict.fromkeys(("panels", "panels_answer"), say)
