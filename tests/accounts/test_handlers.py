"""Tokens, oneself, patients and care teams over HTTP."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient
from sqlalchemy import select, update

from telegut.accounts.tables import person
from telegut.accounts.tables import session as session_table
from telegut.clock import utc_now
from telegut.db.audit import entries
from telegut.db.engine import Database
from tests import build
from tests.conftest import Serve

Client = TestClient[web.Request, web.Application]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def sign_in(client: Client, email: str, password: str, **more: str) -> tuple[int, dict[str, Any]]:
    """The status and the answer."""
    answer = await client.post("/api/v1/tokens", json={"email": email, "password": password, **more})
    return answer.status, await answer.json()


async def me(client: Client, headers: dict[str, str]) -> int:
    """The status of asking who one is."""
    return (await client.get("/api/v1/me", headers=headers)).status


# --- tokens


async def test_a_token_is_given_for_e_mail_and_password(client: Client, db: Database) -> None:
    lena = await build.person(db, name="Lena Hartmann")

    status, given = await sign_in(client, lena.email.upper(), lena.password)

    assert (201, str(lena.id)) == (status, given["account"])
    assert {"token", "expires_at", "account"} == set(given)
    assert given["expires_at"].endswith("Z")
    assert 200 == await me(client, {"Authorization": f"Bearer {given['token']}"})


async def test_the_token_is_not_in_the_database(client: Client, db: Database) -> None:
    lena = await build.person(db)
    _, given = await sign_in(client, lena.email, lena.password)
    async with db.begin(build.BUILDER) as tx:
        stored = (await tx.execute(select(session_table.c.secret_hash))).scalars().all()

    assert all(given["token"].encode() not in one and len(one) == 32 for one in stored)


async def test_what_is_wrong_is_not_said(client: Client, db: Database) -> None:
    lena = await build.person(db)
    gone = await build.person(db)
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(update(person).where(person.c.id == gone.id).values(disabled_at=utc_now()))

    wrong = await sign_in(client, lena.email, "another password of somebody")
    unknown = await sign_in(client, "nobody@example.org", lena.password)
    disabled = await sign_in(client, gone.email, gone.password)

    assert (401, "bad_credentials") == (wrong[0], wrong[1]["code"])
    assert wrong == unknown == disabled


async def test_a_request_that_makes_no_sense_says_which_field(client: Client) -> None:
    lena = {"email": "lena@example.org"}
    senseless: list[dict[str, Any]] = [
        lena,
        {**lena, "password": ""},
        {**lena, "password": "x" * 1_025},
        {**lena, "password": "x", "remember": True},
        {"email": 1, "password": "x"},
        {"email": "x" * 300, "password": "x"},
    ]
    for body in senseless:
        answer = await client.post("/api/v1/tokens", json=body)

        assert 422 == answer.status
        assert (await answer.json())["errors"]


async def test_a_second_factor_is_asked_for_after_the_right_password_only(client: Client, db: Database) -> None:
    amara = await build.person(db, "consultant", otp_secret=SECRET)

    without = await sign_in(client, amara.email, amara.password)
    wrong = await sign_in(client, amara.email, "another password of somebody")
    code = pyotp.TOTP(SECRET).now()
    given = await sign_in(client, amara.email, amara.password, otp=code)
    again = await sign_in(client, amara.email, amara.password, otp=code)

    assert (401, "otp_required") == (without[0], without[1]["code"])
    assert "bad_credentials" == wrong[1]["code"]
    assert 201 == given[0]
    assert (401, "bad_credentials") == (again[0], again[1]["code"])


async def test_one_code_lets_one_of_many_in(client: Client, db: Database) -> None:
    amara = await build.person(db, "consultant", otp_secret=SECRET)
    code = pyotp.TOTP(SECRET).now()

    answers = await asyncio.gather(*(sign_in(client, amara.email, amara.password, otp=code) for _ in range(8)))

    assert [201] + [401] * 7 == sorted(status for status, _ in answers)


async def test_signing_in_twice_gives_two_tokens(client: Client, db: Database) -> None:
    lena = await build.person(db)
    key = {"Idempotency-Key": str(uuid4())}
    body = {"email": lena.email, "password": lena.password}

    first, second = [await (await client.post("/api/v1/tokens", json=body, headers=key)).json() for _ in range(2)]

    assert first["token"] != second["token"]


async def test_staff_stay_signed_in_for_half_a_day_and_patients_for_a_day(client: Client, db: Database) -> None:
    lengths = {}
    for role in ("patient", "guardian", "consultant", "admin"):
        account = await build.person(db, role)
        _, given = await sign_in(client, account.email, account.password)
        lengths[role] = round((datetime.fromisoformat(given["expires_at"]) - utc_now()) / timedelta(hours=1))

    assert {"patient": 24, "guardian": 24, "consultant": 12, "admin": 12} == lengths


async def test_a_token_ends_when_it_is_given_back(client: Client, db: Database) -> None:
    lena = await build.person(db)

    answer = await client.delete("/api/v1/tokens/current", headers=lena.bearer)

    assert 204 == answer.status
    assert 401 == await me(client, lena.bearer)


async def test_what_is_no_token_lets_nobody_in(client: Client, db: Database) -> None:
    lena = await build.person(db)
    wrong = ["", "Bearer", "Bearer ", "Bearer wrong", "Basic TOKEN", "TOKEN", "Bearer " + "x" * 5_000, "Bearer tökén"]

    found = [await me(client, {"Authorization": header.replace("TOKEN", lena.token)}) for header in wrong]

    assert [401] * len(wrong) == found


async def test_a_token_past_its_time_lets_nobody_in(client: Client, db: Database) -> None:
    lena, tom = await build.person(db), await build.person(db)
    async with db.begin(build.BUILDER) as tx:
        over = update(session_table).where(session_table.c.person == lena.id).values(expires_at=utc_now())
        idle = update(session_table).where(session_table.c.person == tom.id)
        await tx.execute(over)
        await tx.execute(idle.values(idle_s=60, seen_at=utc_now() - timedelta(seconds=61)))

    assert 401 == await me(client, lena.bearer)
    assert 401 == await me(client, tom.bearer)


async def test_using_a_token_keeps_it_from_going_idle(client: Client, db: Database) -> None:
    lena = await build.person(db)
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(update(session_table).values(idle_s=3_600, seen_at=utc_now() - timedelta(minutes=59)))

    assert 200 == await me(client, lena.bearer)
    async with db.begin(build.BUILDER) as tx:
        seen = await tx.scalar(select(session_table.c.seen_at).where(session_table.c.id == lena.session))
    assert utc_now() - seen < timedelta(minutes=1)


async def test_a_disabled_account_is_out_at_once(client: Client, db: Database) -> None:
    lena = await build.person(db)
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(update(person).where(person.c.id == lena.id).values(disabled_at=utc_now()))

    assert 401 == await me(client, lena.bearer)


async def test_a_password_hashed_in_the_old_way_is_hashed_anew(serve: Serve, db: Database) -> None:
    lena = await build.person(db)
    async with db.begin(build.BUILDER) as tx:
        before = await tx.scalar(select(person.c.password).where(person.c.id == lena.id))
    url = await serve(password_memory_kib=16)
    async with ClientSession() as session:
        for _ in range(2):
            body = {"email": lena.email, "password": lena.password}
            assert 201 == (await session.post(f"{url}/api/v1/tokens", json=body)).status
    async with db.begin(build.BUILDER) as tx:
        after = await tx.scalar(select(person.c.password).where(person.c.id == lena.id))

    assert "m=8," in before
    assert "m=16," in after


async def test_failures_are_limited_across_processes(serve: Serve, db: Database) -> None:
    lena = await build.person(db)
    urls = [await serve(sign_in_limits=True), await serve(sign_in_limits=True)]
    statuses = []
    async with ClientSession() as session:
        for number in range(6):
            body = {"email": lena.email, "password": "another password of somebody"}
            answer = await session.post(f"{urls[number % 2]}/api/v1/tokens", json=body)
            statuses.append(answer.status)
        problem = await answer.json()

    assert [401] * 5 + [429] == statuses
    assert (True, "too_many_attempts") == (int(answer.headers["Retry-After"]) >= 1, problem["code"])


async def test_an_unknown_account_is_limited_like_a_known_one(serve: Serve, db: Database) -> None:
    url = await serve(sign_in_limits=True)
    async with ClientSession() as session:
        body = {"email": "nobody@example.org", "password": "another password of somebody"}
        statuses = [(await session.post(f"{url}/api/v1/tokens", json=body)).status for _ in range(6)]

    assert [401] * 5 + [429] == statuses


async def test_guessing_codes_with_the_right_password_is_limited(serve: Serve, db: Database) -> None:
    amara = await build.person(db, "consultant", otp_secret=SECRET)
    url = await serve(sign_in_limits=True)
    statuses = []
    async with ClientSession() as session:
        for number in range(6):
            body = {"email": amara.email, "password": amara.password}
            await session.post(f"{url}/api/v1/tokens", json=body)
            answer = await session.post(f"{url}/api/v1/tokens", json={**body, "otp": f"{number:06}x"})
            statuses.append(answer.status)

    assert 429 == statuses[-1]


# --- oneself


async def test_i_am_told_who_i_am(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)

    answer = await (await client.get("/api/v1/me", headers=clinic.guardian.bearer)).json()

    assert {
        "id": str(clinic.guardian.id),
        "name": "Ruth Hartmann",
        "roles": ["guardian"],
        "zone": "Europe/Berlin",
        "locale": "en",
        "email": clinic.guardian.email,
        "second_factor": False,
        "minor": False,
        "acts_for": [str(clinic.patient.id)],
    } == answer


async def test_my_times_follow_me(client: Client, db: Database) -> None:
    lena = await build.person(db)

    moved = await client.patch("/api/v1/me", json={"zone": "Asia/Kolkata"}, headers=lena.bearer)
    refused = await client.patch("/api/v1/me", json={"zone": "Mars/Olympus"}, headers=lena.bearer)

    assert (200, "Asia/Kolkata") == (moved.status, (await moved.json())["zone"])
    assert 422 == refused.status
    assert "Asia/Kolkata" == (await (await client.get("/api/v1/me", headers=lena.bearer)).json())["zone"]


async def test_nobody_gives_themselves_more(client: Client, db: Database) -> None:
    lena = await build.person(db)
    for field in ("role", "roles", "id", "email", "verified", "minor", "disabled_at"):
        body = {"zone": "Asia/Kolkata", field: "admin"}
        answer = await client.patch("/api/v1/me", json=body, headers=lena.bearer)

        assert 422 == answer.status


async def test_a_new_password_ends_the_other_sign_ins(client: Client, db: Database) -> None:
    lena = await build.person(db)
    _, other = await sign_in(client, lena.email, lena.password)
    wanted = "seven herons over the estuary"

    body = {"present": lena.password, "password": wanted}
    answer = await client.put("/api/v1/me/password", json=body, headers=lena.bearer)

    assert 204 == answer.status
    assert 200 == await me(client, lena.bearer)
    assert 401 == await me(client, {"Authorization": f"Bearer {other['token']}"})
    assert 401 == (await sign_in(client, lena.email, lena.password))[0]
    assert 201 == (await sign_in(client, lena.email, wanted))[0]


async def test_a_password_that_cannot_be_changes_nothing(client: Client, db: Database) -> None:
    lena = await build.person(db)
    refused = [
        ("another password of somebody", "seven herons over the estuary", 403, "wrong_password"),
        (lena.password, "too short", 422, "weak_password"),
        (lena.password, "Telegut2026!Telegut2026!", 422, "weak_password"),
    ]
    for present, wanted, status, code in refused:
        body = {"present": present, "password": wanted}
        answer = await client.put("/api/v1/me/password", json=body, headers=lena.bearer)

        assert (status, code) == (answer.status, (await answer.json())["code"])
    assert 201 == (await sign_in(client, lena.email, lena.password))[0]


async def test_i_see_where_i_am_signed_in_and_sign_one_device_out(client: Client, db: Database) -> None:
    lena, tom = await build.person(db), await build.person(db)
    _, other = await sign_in(client, lena.email, lena.password)

    listed = (await (await client.get("/api/v1/me/sessions", headers=lena.bearer)).json())["items"]
    [theirs] = [one["id"] for one in listed if not one["current"]]
    foreign = await client.delete(f"/api/v1/me/sessions/{tom.session}", headers=lena.bearer)
    ended = await client.delete(f"/api/v1/me/sessions/{theirs}", headers=lena.bearer)
    again = await client.delete(f"/api/v1/me/sessions/{theirs}", headers=lena.bearer)

    assert 2 == len(listed)
    assert [404, 204, 404] == [foreign.status, ended.status, again.status]
    assert 401 == await me(client, {"Authorization": f"Bearer {other['token']}"})
    assert [200, 200] == [await me(client, lena.bearer), await me(client, tom.bearer)]


async def test_signing_out_everywhere_is_everywhere(client: Client, db: Database) -> None:
    lena, tom = await build.person(db), await build.person(db)
    _, other = await sign_in(client, lena.email, lena.password)

    answer = await client.delete("/api/v1/me/sessions", headers=lena.bearer)

    assert 204 == answer.status
    assert 401 == await me(client, lena.bearer)
    assert 401 == await me(client, {"Authorization": f"Bearer {other['token']}"})
    assert 200 == await me(client, tom.bearer)


# --- patients


async def names(client: Client, account: build.Account) -> list[str]:
    """The names of the patients somebody knows."""
    answer = await client.get("/api/v1/patients", headers=account.bearer)
    assert 200 == answer.status
    return sorted(one["name"] for one in (await answer.json())["items"])


async def test_everybody_knows_their_own_patients_only(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)

    assert ["Lena Hartmann"] == await names(client, clinic.consultant)
    assert ["Lena Hartmann"] == await names(client, clinic.nutritionist)
    assert ["Lena Hartmann"] == await names(client, clinic.patient)
    assert ["Lena Hartmann"] == await names(client, clinic.guardian)
    assert [] == await names(client, clinic.stranger_consultant)
    assert ["Tom Brennan"] == await names(client, clinic.stranger_patient)
    assert ["Lena Hartmann", "Tom Brennan"] == await names(client, clinic.coordinator)
    assert [] == await names(client, clinic.admin)
    assert [] == await names(client, clinic.auditor)


async def test_a_coordinator_sees_what_booking_needs(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)

    path = f"/api/v1/patients/{clinic.patient.id}"
    covers = [await (await client.get(path, headers=a.bearer)).json() for a in (clinic.coordinator, clinic.consultant)]

    assert (None, None, []) == (covers[0]["email"], covers[0]["locale"], covers[0]["guardians"])
    assert (clinic.patient.email, "care team") == (covers[1]["email"], covers[1]["relation"])
    assert ["Ruth Hartmann"] == [one["name"] for one in covers[1]["guardians"]]


async def test_a_list_of_patients_goes_on_behind_its_cursor(
    client: Client, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from telegut.accounts import handlers, patients

    monkeypatch.setattr(patients, "PAGE", 2)
    monkeypatch.setattr(handlers, "PAGE", 2)
    everybody = {str((await build.person(db)).id) for _ in range(5)}
    coordinator = await build.person(db, "coordinator")
    found: list[str] = []
    query: dict[str, str] = {}
    for _ in range(4):
        page = await (await client.get("/api/v1/patients", params=query, headers=coordinator.bearer)).json()
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        query = {"cursor": page["next"]}

    assert (5, everybody) == (len(found), set(found))


async def test_what_is_no_cursor_is_refused(client: Client, db: Database) -> None:
    lena = await build.person(db)
    for path in ("patients", f"patients/{lena.id}/accesses"):
        for cursor in ("x", "MjAyNi0xMS0yNCBub3BlCg", "MjAyNi0xMS0yNA", "\x00", "ü"):
            answer = await client.get(f"/api/v1/{path}", params={"cursor": cursor}, headers=lena.bearer)

            assert 422 == answer.status


async def team_of(client: Client, account: build.Account, patient: build.Account) -> dict[str, Any]:
    """The care team as *account* is shown it."""
    answer = await client.get(f"/api/v1/patients/{patient.id}/care-team", headers=account.bearer)
    assert 200 == answer.status
    shown: dict[str, Any] = await answer.json()
    return shown


async def test_a_changed_team_opens_and_closes_the_record_at_once(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)
    before = await team_of(client, clinic.coordinator, clinic.patient)
    path = f"/api/v1/patients/{clinic.patient.id}"

    members = [{"account": str(clinic.stranger_consultant.id), "role": "consultant"}]
    body = {"version": before["version"], "members": members}
    answer = await client.put(f"{path}/care-team", json=body, headers=clinic.coordinator.bearer)
    after = await answer.json()

    assert (200, before["version"] + 1) == (answer.status, after["version"])
    assert ["Mei Tanaka"] == [one["name"] for one in after["members"]]
    assert 200 == (await client.get(path, headers=clinic.stranger_consultant.bearer)).status
    assert 404 == (await client.get(path, headers=clinic.consultant.bearer)).status


async def test_a_stale_team_is_refused_with_the_present_one(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)
    version = (await team_of(client, clinic.consultant, clinic.patient))["version"]
    path = f"/api/v1/patients/{clinic.patient.id}/care-team"

    def body(*members: build.Account) -> dict[str, Any]:
        return {"version": version, "members": [{"account": str(m.id), "role": m.role} for m in members]}

    answers = await asyncio.gather(
        client.put(path, json=body(clinic.consultant), headers=clinic.consultant.bearer),
        client.put(path, json=body(clinic.consultant, clinic.stranger_consultant), headers=clinic.admin.bearer),
    )
    [lost] = [one for one in answers if one.status != 200]
    problem = await lost.json()

    assert [200, 409] == sorted(one.status for one in answers)
    assert ("team_changed", await team_of(client, clinic.admin, clinic.patient)) == (
        problem["code"],
        problem["current"],
    )


async def test_the_team_is_changed_by_few(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)
    expected = {
        "consultant": 200,
        "coordinator": 200,
        "admin": 200,
        "nutritionist": 403,
        "patient": 403,
        "guardian": 403,
        "auditor": 404,
        "stranger_consultant": 404,
        "stranger_patient": 404,
    }
    team = await team_of(client, clinic.consultant, clinic.patient)
    members = [{"account": one["account"], "role": one["role"]} for one in team["members"]]
    body, path = {"version": team["version"], "members": members}, f"/api/v1/patients/{clinic.patient.id}/care-team"

    found = {who: (await client.put(path, json=body, headers=getattr(clinic, who).bearer)).status for who in expected}

    assert expected == found


async def test_a_team_that_cannot_be_is_refused(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)
    version = (await team_of(client, clinic.consultant, clinic.patient))["version"]
    amara, lena = str(clinic.consultant.id), str(clinic.patient.id)
    impossible: list[Any] = [
        [{"account": amara, "role": "nutritionist"}],
        [{"account": amara, "role": "admin"}],
        [{"account": amara, "role": "owner"}],
        [{"account": amara, "role": "consultant"}] * 2,
        [{"account": lena, "role": "consultant"}],
        [{"account": str(uuid4()), "role": "consultant"}],
        [{"account": "nobody", "role": "consultant"}],
        [{"account": amara}],
        "everybody",
    ]
    for members in impossible:
        answer = await client.put(
            f"/api/v1/patients/{lena}/care-team",
            json={"version": version, "members": members},
            headers=clinic.coordinator.bearer,
        )

        assert (422, members) == (answer.status, members)
    assert version == (await team_of(client, clinic.consultant, clinic.patient))["version"]


async def test_the_patient_sees_who_looked_and_why(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)
    path = f"/api/v1/patients/{clinic.patient.id}"
    await client.get(path, headers=clinic.consultant.bearer)
    await client.get(path, headers=clinic.coordinator.bearer)
    await client.get(path, headers=clinic.guardian.bearer)
    await client.get(path, headers=clinic.stranger_consultant.bearer)
    await build.care(db, clinic.patient)

    answer = await client.get(f"{path}/accesses", headers=clinic.patient.bearer)
    items = [one for one in (await answer.json())["items"] if one["what"] == "patient"]

    assert [
        ("Ruth Hartmann", "read", "guardian"),
        ("Noor Haddad", "read", "as coordinator"),
        ("Amara Okafor", "read", "in the care team as consultant"),
    ] == [(one["name"], one["action"], one["why"]) for one in items]


async def test_looking_at_who_looked_is_looked_at_too(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)
    path = f"/api/v1/patients/{clinic.patient.id}/accesses"
    await client.get(path, headers=clinic.auditor.bearer)

    items = (await (await client.get(path, headers=clinic.patient.bearer)).json())["items"]

    assert [("Ida Lund", "accesses", "as auditor")] == [(one["name"], one["what"], one["why"]) for one in items]


async def test_what_was_refused_leaves_no_access(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)
    await client.get(f"/api/v1/patients/{clinic.patient.id}", headers=clinic.stranger_consultant.bearer)
    async with db.begin(build.BUILDER) as tx:
        seen = (await tx.execute(select(entries.c.account).where(entries.c.patient == clinic.patient.id))).all()

    assert [] == seen


async def test_without_an_audit_row_nothing_is_shown(client: Client, db: Database) -> None:
    from sqlalchemy import text

    clinic = await build.clinic(db)
    async with db.engine.begin() as connection:
        await connection.execute(text("revoke insert on db_audit from telegut_app"))

    answer = await client.get(f"/api/v1/patients/{clinic.patient.id}", headers=clinic.consultant.bearer)

    assert answer.status >= 500
    assert "Lena" not in await answer.text()


async def test_a_stranger_cannot_tell_a_record_from_nothing(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)
    for part in ("", "/care-team", "/accesses"):
        bodies = []
        for patient in (clinic.patient.id, uuid4(), "not-an-id"):
            answer = await client.get(f"/api/v1/patients/{patient}{part}", headers=clinic.stranger_consultant.bearer)
            bodies.append((answer.status, await answer.json()))

        assert 404 == bodies[0][0]
        assert bodies[0] == bodies[1] == bodies[2]
