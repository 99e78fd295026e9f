"""What happens on the waitlist, for the patient's side and whoever put them there. Ids and instants only."""

from __future__ import annotations

from telegut.realtime.events import Event
from telegut.scheduling.waitlist.store import Offered
from telegut.web.api import instant_text

OFFERED = "waitlist.offered"
OFFER_ENDED = "waitlist.offer_ended"


def happened(kind: str, one: Offered) -> Event:
    """The event *kind* of one offer."""
    facts = {"entry": str(one.entry), "offer": str(one.id), "expires_at": instant_text(one.expires_at)}
    return Event(kind, one.patient, facts)
