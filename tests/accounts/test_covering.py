"""Covers leave by themselves; who is named for good stays, however that comes about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from telegut.accounts import care, covering, team_changes
from telegut.accounts.covering import Cover
from telegut.accounts.rules import Membership, Role
from telegut.accounts.team_changes import Join, NoCover
from telegut.clock import utc_now
from telegut.db.engine import Database
from tests import build
from tests.build import Account, Clinic


async def _covered(db: Database) -> tuple[Clinic, Account]:
    """A clinic whose nutritionist is away, and the consultant who covers for them in the one care team there is."""
    clinic, now = await build.clinic(db), utc_now()
    who = clinic.stranger_consultant
    async with db.begin(build.BUILDER) as tx:
        cover = Cover(who.id, now + timedelta(days=3), clinic.nutritionist.id)
        assert [clinic.patient.id] == await covering.join(tx, [clinic.patient.id], cover, now)
    return clinic, who


async def _named(db: Database, clinic: Clinic, members: Sequence[Membership]) -> care.Team:
    async with db.begin(build.BUILDER) as tx:
        return await team_changes.replace_team(tx, clinic.patient.id, members, version=None, now=utc_now())


async def _after_the_absence(db: Database, clinic: Clinic, who: Account) -> set[UUID]:
    async with db.begin(build.BUILDER) as tx:
        await covering.end(tx, [(who.id, clinic.nutritionist.id)])
        return {one.account for one in await care.team(tx, clinic.patient.id)}


@pytest.mark.parametrize("as_cover", [False, True])
async def test_a_cover_who_is_named_for_good_stays_and_one_who_is_named_as_cover_leaves(
    db: Database, as_cover: bool
) -> None:
    clinic, who = await _covered(db)
    staff = [Membership(one.id, Role(one.role)) for one in (clinic.consultant, clinic.nutritionist)]
    async with db.begin(build.BUILDER) as tx:
        before = await care.whole_team(tx, clinic.patient.id)

    after = await _named(db, clinic, [*staff, Membership(who.id, Role(who.role), cover=as_cover)])

    assert (before.version + (not as_cover)) == after.version
    assert [who.id] == [one.account for one in before.members if one.ends_at is not None]
    assert as_cover == any(one.ends_at is not None for one in after.members)
    assert as_cover == (who.id not in await _after_the_absence(db, clinic, who))


async def test_who_joins_many_teams_for_good_stays(db: Database) -> None:
    clinic, who = await _covered(db)
    join = Join(clinic.patient.id, who.id, who.role, utc_now())
    async with db.begin(build.BUILDER) as tx:
        first, again = await team_changes.join_all(tx, [join]), await team_changes.join_all(tx, [join])

    assert ([join], []) == (first, again)
    assert who.id in await _after_the_absence(db, clinic, who)


async def test_nobody_is_named_as_a_cover_who_is_none(db: Database) -> None:
    clinic, _ = await _covered(db)

    with pytest.raises(NoCover) as refusal:
        await _named(db, clinic, [Membership(clinic.consultant.id, Role.CONSULTANT, cover=True)])

    assert ["members.0.cover"] == [one.field for one in refusal.value.errors]
