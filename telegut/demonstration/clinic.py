"""The demonstration clinic: made once, with today's visits made fresh at every start."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from telegut.accounts import people as accounts_people
from telegut.accounts.rules import Role
from telegut.clock import Clock
from telegut.composition import Foundation, build_services
from telegut.demonstration import cast, intake, lab, plans, scores, setting, threads, visits
from telegut.demonstration.people import Character
from telegut.demonstration.setting import SYSTEM
from telegut.demonstration.story_clock import StoryClock
from telegut.errors import Conflict


class AnotherClinic(Conflict):
    """This database already holds a clinic of its own; the demonstration needs an empty one."""


async def seed(base: Foundation, now: Clock) -> Mapping[str, Any]:
    """
    See that the clinic is there and has visits today; returns who can sign in, as JSON values.

    Raises:
        AnotherClinic: the database holds other people.
    """
    clock = StoryClock(now)
    telling = dataclasses.replace(base, now=clock)
    services = build_services(telling)
    if not await _is_made(base):
        await setting.make(telling)
        await intake.ask(telling)
        await visits.make(telling, services, visits.past(clock))
        await intake.tell(telling)
        await visits.suggest_next(base)
        await threads.tell(services, clock)
        await lab.tell(services, clock)
        await plans.tell(telling, services, clock)
        await scores.tell(services, clock)
    clock.run()
    if not await visits.has_joinable(base, now()):
        await visits.make(telling, services, visits.coming(clock))
        await intake.today(telling, services)
    return {"accounts": [_sign_in(one) for one in cast.EVERYBODY]}


async def _is_made(base: Foundation) -> bool:
    async with base.db.begin(SYSTEM) as tx:
        known = {one.id for one in await accounts_people.with_role(tx, *Role)}
    ours = {one.id for one in cast.EVERYBODY}
    if known and not ours <= known:
        raise AnotherClinic
    return bool(known)


def _sign_in(one: Character) -> dict[str, str]:
    return {"role": one.role.value, "name": one.name, "email": one.email, "password": cast.PASSWORD}
