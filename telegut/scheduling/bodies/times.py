"""Free times, and why a time is none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from pydantic import Field

from telegut.scheduling.bodies.fields import LanguageTag, Together, Translated
from telegut.scheduling.offers import Slot
from telegut.scheduling.refusals import SAYS, Reason
from telegut.scheduling.zones import DAY
from telegut.web.api import Answer, Instant, Query


class SlotsQuery(Query):
    """
    Which free times: a repeated *practitioner* asks for a joint visit, none for anybody.

    moving: one's own appointment that would give its time up, so that times beside it are free as well. topic: a reason
    for coming, which may say the kind of visit. language: BCP 47; only with people who speak it. interpreter: a
    language to translate (BCP 47), or an interpreter's id; only when one is free as well.
    """

    service: UUID | None = None
    practitioner: Together = []
    since: Instant | None = Field(None, alias="from")
    until: Instant | None = Field(None, alias="to")
    patient: UUID | None = None
    moving: UUID | None = None
    topic: UUID | None = None
    language: LanguageTag | None = None
    interpreter: Translated | None = None


class SlotAnswer(Answer):
    """A time that may be booked with these people together."""

    start: Instant
    end: Instant
    practitioners: list[UUID]


class ExplainQuery(Query):
    """Which time to explain."""

    service: UUID
    practitioner: Together = []
    start: Instant
    patient: UUID | None = None
    moving: UUID | None = None
    interpreter: Translated | None = None


class ExplainAnswer(Answer):
    """Whether a time is offered, and what speaks against it: codes, and the same in words."""

    offered: bool
    reasons: list[str]
    texts: list[str]

    @classmethod
    def of(cls, reasons: Iterable[Reason]) -> ExplainAnswer:
        """As an answer."""
        found = list(reasons)
        return cls(offered=not found, reasons=[one.value for one in found], texts=[SAYS[one] for one in found])


_EPOCH = date(1970, 1, 1).toordinal()


def slots_json(slots: Iterable[Slot]) -> bytes:
    """
    The list of free times as JSON.

    Written by hand, because there may be tens of thousands: the same text as `SlotAnswer` would give, in a tenth of
    the time. A test compares the two.
    """
    return b'{"items":[' + ",".join(_slot_texts(slots)).encode() + b'],"next":null}'


def _slot_texts(slots: Iterable[Slot]) -> list[str]:
    # The same instants and groups come again and again: each is written once.
    instants = _Instants()
    groups: dict[tuple[UUID, ...], str] = {}
    texts = []
    for start, end, practitioners in slots:
        group = groups.get(practitioners)
        if group is None:
            group = groups[practitioners] = ",".join(f'"{one}"' for one in practitioners)
        texts.append(f'{{"start":"{instants[start]}","end":"{instants[end]}","practitioners":[{group}]}}')
    return texts


class _Instants(dict[int, str]):
    """Instants in seconds, as RFC 3339 in UTC."""

    def __missing__(self, instant: int) -> str:
        day, second = divmod(instant, DAY)
        clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        text = self[instant] = f"{date.fromordinal(_EPOCH + day).isoformat()}T{clock}Z"
        return text
