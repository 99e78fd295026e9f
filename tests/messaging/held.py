"""What a client holds of its conversations, and how it follows events: as a page that never loads anything twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tests.messaging.test_handlers import Caller

Json = dict[str, Any]
_ASIDE = {"waiting": "waiting_for_patient", "settled": "settled"}


async def fetched_place(caller: Caller, conversation: str) -> Json:
    """One conversation as the server describes it now."""
    path = f"/api/v1/conversations/{conversation}"
    about = await caller.get(path)
    log: list[Json] = []
    while page := (await caller.get(f"{path}/events?limit=500&after={log[-1]['seq'] if log else 0}"))["items"]:
        log += page
    turn = await caller.get(f"{path}/turn")
    return {
        **{name: about[name] for name in ("id", "patient", "kind", "audience", "subject", "created_at")},
        **{name: about[name] for name in ("last_seq", "read_up_to", "unread")},
        "last": about["last"],
        "members": {one["account"]: one["read_up_to"] for one in about["members"]},
        "turn": {
            "state": turn["state"],
            "owner": turn["owner"] and turn["owner"]["account"],
            **{name: turn[name] for name in ("since", "urgent", "version")},
        },
        "log": log,
    }


async def fetched(caller: Caller) -> dict[str, Json]:
    """Everything that *caller* takes part in, as the server describes it now."""
    items = (await caller.get("/api/v1/conversations"))["items"]
    return {one["id"]: await fetched_place(caller, one["id"]) for one in items}


class Held:
    """One person's client. It asks the server only about conversations new to it, and when a care team changes."""

    def __init__(self, caller: Caller, family: set[UUID], written: dict[str, datetime]) -> None:
        self.caller = caller
        self.me = str(caller.who.id)
        self.family = {str(one) for one in family}
        self.written = written
        self.places: dict[str, Json] = {}
        self.files: dict[str, str] = {}
        self.handed_in: dict[str, str] = {}
        """Where each file was handed in."""
        self.later: set[str] = set()
        self.mentions = 0
        self.cursor = ""

    async def begin(self) -> None:
        """First the place in the stream, then the state: what happens in between comes twice, and never not at all."""
        self.cursor = (await self.caller.get("/api/v1/events"))["cursor"]
        self.places = await fetched(self.caller)

    async def follow(self) -> None:
        """Apply everything that has happened."""
        while True:
            page = await self.caller.get(f"/api/v1/events?cursor={self.cursor}")
            assert not page["resync_required"]
            for event in page["items"]:
                await self._apply(event)
            if page["cursor"] == self.cursor:
                return
            self.cursor = page["cursor"]

    async def fetched_later(self) -> set[str]:
        """What waits to be sent, as the server says it now."""
        items = (await self.caller.get("/api/v1/scheduled-messages"))["items"]
        return {one["id"] for one in items if one["state"] == "waiting"}

    async def _apply(self, event: Json) -> None:
        kind = event["type"]
        if kind == "care_team.changed":
            mine = {one["id"] for one in (await self.caller.get("/api/v1/conversations"))["items"]}
            self.places = {id: held for id, held in self.places.items() if id in mine}
            self.files = self.files if mine else {}
        elif kind == "place.left":
            self.places.pop(event["place"], None)
            self.files = {id: state for id, state in self.files.items() if self.handed_in.get(id) != event["place"]}
        elif kind.startswith("upload."):
            self.files[event["upload"]] = {"upload.ready": "clean", "upload.refused": "refused"}[kind]
        elif kind.startswith("scheduled."):
            self.later.discard(event["scheduled"])
        elif kind == "mention":
            self.mentions += 1
        elif "seq" in event:
            await self._entry({name: value for name, value in event.items() if name != "patient"})

    async def _entry(self, entry: Json) -> None:
        id = entry["conversation"]
        if id not in self.places:
            self.places[id] = await fetched_place(self.caller, id)
        place = self.places[id]
        if entry["seq"] > place["last_seq"]:
            assert place["last_seq"] + 1 == entry["seq"], (
                self.caller.who.role,
                place["kind"],
                place["log"][-4:],
                entry,
            )
            place["log"].append(entry)
            place["last_seq"] = entry["seq"]
            self._change(place, entry)
            _stand(place["turn"], place["log"], self.family, self.written)

    def _change(self, place: Json, entry: Json) -> None:
        match entry["type"]:
            case "message.sent":
                place["last"] = {name: entry[name] for name in ("seq", "sender", "sent_at", "body", "urgent")}
            case "message.edited":
                self._reword(place, entry["message"], entry["body"])
            case "message.retracted":
                _take_back(place["log"], entry["message"])
                self._reword(place, entry["message"], None)
            case "read":
                place["members"][entry["sender"]] = entry["up_to"]
            case "member.added":
                # Who comes back has read what they had read.
                read = [
                    one["up_to"] for one in place["log"] if (one["type"], one["sender"]) == ("read", entry["account"])
                ]
                place["members"].setdefault(entry["account"], max(read, default=0))
            case "member.removed":
                place["members"].pop(entry["account"], None)
        place["read_up_to"] = place["members"].get(self.me, place["read_up_to"])
        place["unread"] = sum(self._is_unread(place, one) for one in place["log"])

    def _is_unread(self, place: Json, entry: Json) -> bool:
        if entry["sender"] == self.me or entry["seq"] <= place["read_up_to"]:
            return False
        return entry["type"] == "message.sent" or (entry["type"] == "message.edited" and self._is_news(place, entry))

    def _is_news(self, place: Json, edit: Json) -> bool:
        """Whether *edit* is the last word on a message that was read before it."""
        about = [one for one in place["log"] if edit["message"] in (one["id"], one.get("message"))]
        first = next(one for one in about if one["type"] == "message.sent")
        return bool(first["seq"] <= place["read_up_to"] and all(one["seq"] <= edit["seq"] for one in about))

    def _reword(self, place: Json, message: str, body: str | None) -> None:
        newest = [one for one in place["log"] if one["type"] == "message.sent"][-1]
        if newest["id"] == message:
            place["last"]["body"] = body if newest["body"] is not None else None


def _take_back(log: list[Json], message: str) -> None:
    """What PROTOCOL.md says: the words of that message and of its edits are gone, and what it carried."""
    for one in log:
        if one["type"] == "message.sent" and one["id"] == message:
            one |= {"body": None, "mentions": [], "cites": [], "attachments": []}
        elif one["type"] == "message.edited" and one["message"] == message:
            one["body"] = None


def _stand(turn: Json, log: list[Json], family: set[str], written: dict[str, datetime]) -> None:
    """
    Who owes an answer after all of *log*: a word that was taken back has answered nothing, nor has one that the clock
    sent and that was written before the family wrote. *written*: when, by ``client_id``.
    """
    turn |= {"state": "settled", "owner": None, "since": None, "urgent": False, "version": 0}
    nothing = {one["message"] for one in log if one["type"] == "message.retracted"}
    asked = [(one["seq"], datetime.fromisoformat(one["sent_at"])) for one in log if _asks(one, family)]
    for one in log:
        if one.get("scheduled") and any(at > written[one["client_id"]] for seq, at in asked if seq < one["seq"]):
            nothing.add(one["id"])
        _turn(turn, one, family, nothing)


def _asks(entry: Json, family: set[str]) -> bool:
    return entry["type"] in ("message.sent", "message.edited") and entry["sender"] in family


def _turn(turn: Json, entry: Json, family: set[str], no_answer: set[str]) -> None:
    """Who owes an answer, as docs/messaging.md says it."""
    kind, owed = entry["type"], turn["state"] == "owed"
    nothing = {"since": None, "urgent": False}
    if _asks(entry, family):
        first = {} if owed else {"state": "owed", "since": entry["sent_at"], "urgent": False}
        turn |= {**first, "version": entry["seq"]}
        turn["urgent"] = turn["urgent"] or entry.get("urgent", False)
    elif kind == "message.sent":
        answers = owed and entry["id"] not in no_answer and not (entry.get("scheduled") and turn["urgent"])
        turn |= {"version": entry["seq"], **({"state": "settled", **nothing} if answers else {})}
    elif kind == "message.retracted" and entry["sender"] not in family:
        turn |= {"version": entry["seq"]}
    elif kind in _ASIDE:
        turn |= {"state": _ASIDE[kind], "version": entry["seq"], **nothing}
    elif kind == "assigned":
        turn |= {"owner": entry["account"], "version": entry["seq"]}
    elif kind == "unassigned" or (kind == "member.removed" and entry["account"] == turn["owner"]):
        turn |= {"owner": None, "version": entry["seq"]}
