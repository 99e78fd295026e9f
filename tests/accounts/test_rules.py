"""Who may do what, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from telegut.accounts.rules import (
    TEAM_LIMIT,
    Lifetime,
    Membership,
    Relation,
    Role,
    SignedIn,
    changes_the_team,
    check_roles,
    check_team,
    knows_the_patient,
    lifetime,
    sees_the_accesses,
    sees_the_team,
    wait_after,
)
from telegut.errors import Invalid

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANNA, BEN = UUID(int=1), UUID(int=2)
SHORT = Lifetime(timedelta(hours=12), timedelta(minutes=30))
LONG = Lifetime(timedelta(hours=24), timedelta(hours=1))


@pytest.mark.parametrize(
    ("relation", "reads", "writes"),
    [
        (Relation.THEMSELVES, True, True),
        (Relation.GUARDIAN, True, True),
        (Relation.READING_GUARDIAN, True, False),
        (Relation.CARE_TEAM, True, True),
        (Relation.ADMITTED, True, True),
        (Relation.NONE, False, False),
    ],
)
def test_a_relation_opens_the_record(relation: Relation, reads: bool, writes: bool) -> None:
    assert (reads, writes) == (relation.reads, relation.writes)


@pytest.mark.parametrize(
    ("relation", "role", "knows", "team", "changes", "accesses"),
    [
        (Relation.THEMSELVES, "patient", True, True, False, True),
        (Relation.GUARDIAN, "guardian", True, True, False, True),
        (Relation.READING_GUARDIAN, "guardian", True, True, False, True),
        (Relation.CARE_TEAM, "consultant", True, True, True, True),
        (Relation.CARE_TEAM, "nutritionist", True, True, False, True),
        (Relation.ADMITTED, "", False, False, False, False),
        (Relation.NONE, "patient", False, False, False, False),
        (Relation.NONE, "consultant", False, False, False, False),
        (Relation.NONE, "coordinator", True, True, True, False),
        (Relation.NONE, "admin", False, True, True, False),
        (Relation.NONE, "auditor", False, False, False, True),
    ],
)
def test_a_role_opens_its_own_doors(
    relation: Relation, role: str, knows: bool, team: bool, changes: bool, accesses: bool
) -> None:
    roles = frozenset({role} - {""})

    assert knows == knows_the_patient(relation, roles)
    assert team == sees_the_team(relation, roles)
    assert changes == changes_the_team(relation, roles)
    assert accesses == sees_the_accesses(relation, roles)


def test_an_account_has_a_role() -> None:
    with pytest.raises(Invalid):
        check_roles(frozenset())


def test_an_auditor_is_nothing_else() -> None:
    check_roles({Role.AUDITOR})
    with pytest.raises(Invalid):
        check_roles({Role.AUDITOR, Role.ADMIN})


def test_a_consultant_may_also_run_the_practice() -> None:
    check_roles({Role.CONSULTANT, Role.ADMIN})


def test_a_team_of_two_is_a_team() -> None:
    check_team([Membership(ANNA, Role.CONSULTANT), Membership(BEN, Role.NUTRITIONIST)])


def test_nobody_is_in_a_team_twice() -> None:
    with pytest.raises(Invalid) as refused:
        check_team([Membership(ANNA, Role.CONSULTANT), Membership(ANNA, Role.NUTRITIONIST)])

    assert ["members"] == [one.field for one in refused.value.errors]


@pytest.mark.parametrize("role", [Role.PATIENT, Role.GUARDIAN, Role.COORDINATOR, Role.ADMIN, Role.AUDITOR])
def test_only_care_roles_are_in_a_team(role: Role) -> None:
    with pytest.raises(Invalid) as refused:
        check_team([Membership(ANNA, Role.CONSULTANT), Membership(BEN, role)])

    assert ["members.1.role"] == [one.field for one in refused.value.errors]


def test_a_team_has_an_end() -> None:
    crowd = [Membership(UUID(int=number), Role.CONSULTANT) for number in range(TEAM_LIMIT + 1)]

    check_team(crowd[:-1])
    with pytest.raises(Invalid):
        check_team(crowd)


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ({"patient"}, LONG),
        ({"guardian"}, LONG),
        ({"consultant"}, SHORT),
        ({"coordinator"}, SHORT),
        ({"patient", "nutritionist"}, SHORT),
    ],
)
def test_staff_sign_in_for_a_shorter_time(roles: set[str], expected: Lifetime) -> None:
    assert expected == lifetime(roles, staff=SHORT, others=LONG)


@pytest.mark.parametrize(
    ("seconds", "over"),
    [(0, False), (59, False), (60, True), (3_600, True)],
)
def test_silence_ends_a_sign_in(seconds: int, over: bool) -> None:
    times = SignedIn(NOON, NOON + timedelta(hours=1), timedelta(minutes=1))

    assert over == times.is_over(NOON + timedelta(seconds=seconds))


def test_a_sign_in_without_an_idle_time_lasts_to_its_end() -> None:
    times = SignedIn(NOON, NOON + timedelta(hours=24), None)

    assert not times.is_over(NOON + timedelta(hours=24) - timedelta(microseconds=1))
    assert times.is_over(NOON + timedelta(hours=24))


def test_a_sign_in_that_was_ended_is_over_at_once() -> None:
    assert SignedIn(NOON, NOON + timedelta(hours=24), None, ended_at=NOON).is_over(NOON)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (14, 512), (15, 900), (99, 900), (10_000, 900)],
)
def test_each_failure_makes_the_next_try_wait_longer(failures: int, seconds: int) -> None:
    assert timedelta(seconds=seconds) == wait_after(failures, free=5, longest=timedelta(minutes=15))
