"""Choosing a visit: reasons for coming, languages, who is free first, and what was suggested for next time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from telegut.accounts import care
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.errors import FieldError, Invalid, NotFound, Refused
from telegut.scheduling import appointments, bookers, catalogue
from telegut.scheduling.choice import follow_ups, languages, topics
from telegut.scheduling.choice.first import First, first_free
from telegut.scheduling.choice.follow_ups import FollowUp
from telegut.scheduling.choice.topics import Topic
from telegut.scheduling.offers import Asked
from telegut.scheduling.service import Scheduling

MANAGING = frozenset({"coordinator", "admin"})
"""Who defines what people may come for."""

LATER = timedelta(weeks=4)
"""How long after the suggested time a suggestion is still looked for."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would like. Either *service* or *topic*, or both: then the topic has to fit."""

    service: UUID | None = None
    topic: UUID | None = None
    practitioners: tuple[UUID, ...] = ()
    patient: UUID | None = None
    language: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Choice:
    """What people choose by."""

    def __init__(self, scheduling: Scheduling) -> None:
        self.scheduling = scheduling
        self.db = scheduling.db

    # --- languages

    async def languages(self, caller: Caller, practitioner: UUID) -> tuple[str, ...]:
        """The languages of somebody whose time is booked, the best one first; for everybody."""
        async with self.db.begin(caller) as tx:
            return (await languages.read(tx, [practitioner])).get(practitioner, ())

    async def set_languages(self, caller: Caller, practitioner: UUID, tags: Sequence[str]) -> tuple[str, ...]:
        """
        These are somebody's languages, the best one first; everybody sets their own, coordinators anybody's.

        Raises:
            Refused: somebody else's. NotFound: this person takes no visits.
        """
        own = practitioner == caller.account and (caller.is_clinician or "interpreter" in caller.roles)
        if not own and bookers.COORDINATOR not in caller.roles and not caller.is_system:
            raise Refused("Everybody sets their own languages; coordinators may for others.")
        async with self.db.begin(caller) as tx:
            if not own and not await catalogue.providers(tx, [practitioner]):
                raise NotFound("This person takes no visits.")
            await languages.replace(tx, practitioner, tags)
            return (await languages.read(tx, [practitioner])).get(practitioner, ())

    # --- reasons for coming

    async def topics(self, caller: Caller) -> list[Topic]:
        """Every reason that people may choose."""
        async with self.db.begin(caller) as tx:
            return await topics.read(tx)

    async def add_topic(self, caller: Caller, name: str, services: Sequence[UUID], place: int) -> Topic:
        """
        Offer a new reason for coming.

        Raises:
            Refused: not for the caller. TopicKnown, Invalid: see `topics.add`.
        """
        _check_manages(caller)
        async with self.db.begin(caller) as tx:
            added = await topics.add(tx, name, services, place)
            await audit.record(tx, "write", "topic", added.id, patient=None)
            return added

    async def change_topic(self, caller: Caller, wanted: Topic, place: int | None) -> Topic:
        """
        Give a reason other words or other kinds of visit.

        Raises:
            Refused: not for the caller. NotFound, TopicChanged, TopicKnown, Invalid: see `topics.change`.
        """
        _check_manages(caller)
        async with self.db.begin(caller) as tx:
            changed = await topics.change(tx, wanted, place)
            await audit.record(tx, "write", "topic", changed.id, patient=None)
            return changed

    async def retire_topic(self, caller: Caller, topic: UUID) -> None:
        """
        Nobody may choose this reason any more.

        Raises:
            Refused: not for the caller. NotFound: there is none.
        """
        _check_manages(caller)
        async with self.db.begin(caller) as tx:
            await topics.retire(tx, topic)
            await audit.record(tx, "retire", "topic", topic, patient=None)

    async def service_for(self, caller: Caller, service: UUID | None, topic: UUID | None) -> UUID:
        """
        The one kind of visit that is meant: the named one, or that of a reason for coming.

        Raises:
            Invalid: neither says it, or they do not fit each other.
        """
        async with self.db.begin(caller) as tx:
            kinds = await self._kinds(tx, service, topic)
        if len(kinds) != 1:
            raise Invalid(errors=[FieldError("service", "Choose one of the kinds of visit for this reason.")])
        return kinds[0]

    async def _kinds(self, tx: Transaction, service: UUID | None, topic: UUID | None) -> tuple[UUID, ...]:
        if topic is None:
            if service is None:
                raise Invalid(errors=[FieldError("service", "Choose a kind of visit, or a reason for coming.")])
            return (service,)
        try:
            kinds = (await topics.one(tx, topic)).services
        except NotFound:
            raise Invalid(errors=[FieldError("topic", "There is no such reason for coming.")]) from None
        if service is None:
            return kinds
        if service not in kinds:
            raise Invalid(errors=[FieldError("service", "This kind of visit is not for this reason.")])
        return (service,)

    # --- who is free first

    async def first(self, caller: Caller, wish: Wish) -> list[First]:
        """
        The first free time with each practitioner or team, in order: the first one is what to propose.

        Raises:
            Invalid: what does not exist or fit. NotFound: the patient is not the caller's to book for.
        """
        async with self.db.begin(caller) as tx:
            kinds = await self._kinds(tx, wish.service, wish.topic)
            patient = await bookers.patient_of(tx, wish.patient)
            return await self._first(tx, replace(wish, patient=patient), kinds)

    async def _first(self, tx: Transaction, wish: Wish, kinds: Sequence[UUID]) -> list[First]:
        if not kinds:
            return []
        asked = Asked(kinds[0], wish.practitioners, wish.patient, language=wish.language)
        days = self.scheduling.practitioner_days
        return await first_free(tx, asked, kinds, wish.since, wish.until, practitioner_days=days)

    # --- next time

    async def suggest(self, caller: Caller, appointment: UUID, service: UUID, weeks: int) -> list[FollowUp]:
        """
        Note on a visit when to see the patient again; gives what is suggested to them now.

        Raises:
            NotFound, Refused: not a patient of the caller's care. Invalid: an unknown kind of visit.
        """
        async with self.db.begin(caller) as tx:
            visit = await appointments.one(tx, appointment)
            await self._check_cares(tx, visit.patient)
            await catalogue.terms(tx, service)
            await follow_ups.note(tx, visit, service, weeks)
            await audit.record(tx, "suggest", "follow_up", appointment, patient=visit.patient)
            return await follow_ups.of_patient(tx, visit.patient)

    async def withdraw(self, caller: Caller, appointment: UUID) -> None:
        """
        Take the suggestion of a visit back.

        Raises:
            NotFound, Refused: not a patient of the caller's care.
        """
        async with self.db.begin(caller) as tx:
            visit = await appointments.one(tx, appointment)
            await self._check_cares(tx, visit.patient)
            await follow_ups.forget(tx, appointment)
            await audit.record(tx, "withdraw", "follow_up", appointment, patient=visit.patient)

    async def _check_cares(self, tx: Transaction, patient: UUID) -> None:
        if not tx.caller.is_clinician and not tx.caller.is_system:
            raise Refused("Who sees the patient suggests the next visit.")
        await care.require(tx, patient, write=True)

    async def follow_ups(self, caller: Caller, patient: UUID) -> list[FollowUp]:
        """
        What was suggested to a patient, for everybody who may arrange their visits.

        Raises:
            NotFound: not the caller's to know.
        """
        async with self.db.begin(caller) as tx:
            await self._check_knows(tx, patient)
            return await follow_ups.of_patient(tx, patient)

    async def _check_knows(self, tx: Transaction, patient: UUID) -> None:
        if bookers.COORDINATOR in tx.caller.roles:
            await care.whole_team(tx, patient)
        else:
            await care.require(tx, patient)

    async def first_of_follow_up(self, caller: Caller, patient: UUID, follow_up: UUID) -> tuple[list[First], bool]:
        """
        The first free times for a suggestion, and whether they lie within the suggested time.

        With the people of the visit before; where they have no time, the first after it within `LATER`.

        Raises:
            NotFound: no such suggestion, or not the caller's to know.
        """
        async with self.db.begin(caller) as tx:
            await self._check_knows(tx, patient)
            known = {one.id: one for one in await follow_ups.of_patient(tx, patient)}
            if follow_up not in known:
                raise NotFound("There is no such suggestion.")
            one = known[follow_up]
            _, now = await catalogue.clinic_policy(tx)
            since, until = max(one.since, now), max(one.until, now)
            wish = Wish(one.service, None, await self._same_people(tx, one), patient, "", since, until)
            found = await self._first(tx, wish, (one.service,)) if since < until else []
            if found:
                return found, True
            return await self._first(tx, replace(wish, since=until, until=until + LATER), (one.service,)), False

    async def _same_people(self, tx: Transaction, one: FollowUp) -> tuple[UUID, ...]:
        """Those of the visit before who offer the next kind of visit; nobody: anybody will do."""
        known = await catalogue.providers(tx, one.practitioners)
        return tuple(provider.id for provider in known if one.service in provider.services)


def _check_manages(caller: Caller) -> None:
    if not caller.is_system and not caller.roles & MANAGING:
        raise Refused("Coordinators and administrators say what people may come for.")


def build_choice(scheduling: Scheduling) -> Choice:
    """Choosing, over the same database and with the same limits as *scheduling*."""
    return Choice(scheduling)
