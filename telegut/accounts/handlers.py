"""Tokens, oneself, patients and care teams over HTTP: parse, call, answer."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field

from telegut.accounts import cursors, doors, watch
from telegut.accounts.attempts import TooManyAttempts
from telegut.accounts.care import Team
from telegut.accounts.entrance import BadCredentials, Entrance, OtpRequired
from telegut.accounts.family_view import Access
from telegut.accounts.identity import ACCOUNTS, ENTRANCE, PATIENTS, address_of, by_bearer, by_cookie, origin_of
from telegut.accounts.patients import PAGE, Patient, Patients, Record
from telegut.accounts.rules import Membership, Role
from telegut.accounts.service import Accounts, WrongPassword
from telegut.accounts.sessions import Session
from telegut.accounts.strength import WeakPassword
from telegut.accounts.team_changes import NoCover, NotACareRole, TeamChanged
from telegut.errors import NotFound, Refused
from telegut.web.api import Answer, Body, Call, Endpoints, Instant, Page, Query
from telegut.web.keys import RESOLVERS

api = Endpoints("accounts")

PASSWORD_LENGTH = 1_024


def install(app: web.Application, accounts: Accounts, entrance: Entrance, patients: Patients) -> None:
    """Serve accounts in *app*: who is asking, the API, the pages, and the watch over open sockets."""
    app[ACCOUNTS], app[ENTRANCE], app[PATIENTS] = accounts, entrance, patients
    app[RESOLVERS].extend((by_bearer, by_cookie))
    api.install(app)
    doors.install(app)
    watch.install(app)
    app.on_cleanup.append(_close)


async def _close(app: web.Application) -> None:
    app[ENTRANCE].passwords.close()


# --- tokens


class TokenBody(Body):
    """Who wants a token. *otp*: the six digits of the second factor, where there is one."""

    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=PASSWORD_LENGTH)
    otp: str | None = Field(default=None, max_length=16)


class TokenAnswer(Answer):
    """The token, shown this once."""

    token: str
    expires_at: Instant
    account: UUID


@api.post(
    "/api/v1/tokens",
    body=TokenBody,
    answer=TokenAnswer,
    status=201,
    open=True,
    summary="Sign in as a program",
    refusals=[BadCredentials, OtpRequired, TooManyAttempts],
)
async def post_token(call: Call[TokenBody]) -> TokenAnswer:
    """An unknown address and a wrong password get the same answer."""
    given = call.body
    entered = await call.app[ENTRANCE].enter(given.email, given.password, given.otp, "token", origin_of(call.request))
    return TokenAnswer(token=entered.token, expires_at=entered.session.expires_at, account=entered.person.id)


@api.delete("/api/v1/tokens/current", status=204, summary="Sign out")
async def delete_current_token(call: Call[None]) -> None:
    """Ends it, and every socket and room it opened."""
    await call.app[ACCOUNTS].sign_out(call.caller)


# --- oneself


class MeAnswer(Answer):
    """The account that asks. *acts_for*: the patients it is guardian of."""

    id: UUID
    name: str
    roles: list[str]
    zone: str
    locale: str
    email: str
    second_factor: bool
    minor: bool
    acts_for: list[UUID]


@api.get("/api/v1/me", answer=MeAnswer, summary="Who am I")
async def get_me(call: Call[None]) -> MeAnswer:
    """The account that asks."""
    return await _me(call)


async def _me(call: Call[Any], zone: str | None = None) -> MeAnswer:
    caller = call.caller
    own = await call.app[ACCOUNTS].describe(caller)
    assert caller.account is not None
    return MeAnswer(
        id=caller.account,
        name=caller.name,
        roles=sorted(caller.roles),
        zone=zone or caller.zone,
        locale=caller.locale,
        email=own.email,
        second_factor=own.second_factor,
        minor=own.minor,
        acts_for=list(own.acts_for),
    )


class MeBody(Body):
    """What one changes about oneself."""

    zone: str = Field(min_length=1, max_length=64)


@api.patch("/api/v1/me", body=MeBody, answer=MeAnswer, summary="Show my times in another zone")
async def patch_me(call: Call[MeBody]) -> MeAnswer:
    """Appointments keep their instant; only how it is shown changes."""
    await call.app[ACCOUNTS].move(call.caller, call.body.zone)
    return await _me(call, call.body.zone)


class PasswordBody(Body):
    """The present password and the new one."""

    present: str = Field(min_length=1, max_length=PASSWORD_LENGTH)
    password: str = Field(min_length=1, max_length=PASSWORD_LENGTH)


@api.put(
    "/api/v1/me/password",
    body=PasswordBody,
    status=204,
    own_transaction=True,  # hashing takes longer than a transaction should be open
    summary="Change my password",
    refusals=[WrongPassword, WeakPassword, TooManyAttempts],
)
async def put_password(call: Call[PasswordBody]) -> None:
    """Ends every other sign-in of the account."""
    given = call.body
    address = address_of(call.request)
    await call.app[ACCOUNTS].change_password(call.caller, given.present, given.password, address=address)


class SessionAnswer(Answer):
    """One sign-in in force."""

    id: UUID
    kind: Literal["browser", "token"]
    device: str
    created_at: Instant
    seen_at: Instant
    expires_at: Instant
    current: bool

    @classmethod
    def of(cls, session: Session, current: UUID | None) -> SessionAnswer:
        """The sign-in, marked when it is the one that asks."""
        return cls(
            id=session.id,
            kind=session.kind,
            device=session.device,
            created_at=session.created_at,
            seen_at=session.seen_at,
            expires_at=session.expires_at,
            current=session.id == current,
        )


@api.get("/api/v1/me/sessions", answer=Page[SessionAnswer], summary="Where I am signed in")
async def get_sessions(call: Call[None]) -> Page[SessionAnswer]:
    """The latest used first."""
    found = await call.app[ACCOUNTS].list_sessions(call.caller)
    return Page[SessionAnswer](items=[SessionAnswer.of(one, call.caller.session) for one in found])


@api.delete("/api/v1/me/sessions", status=204, summary="Sign out everywhere")
async def delete_sessions(call: Call[None]) -> None:
    """This sign-in too."""
    await call.app[ACCOUNTS].sign_out_everywhere(call.caller)


@api.delete("/api/v1/me/sessions/{session}", status=204, summary="Sign one device out")
async def delete_session(call: Call[None]) -> None:
    """Its sockets and rooms close."""
    await call.app[ACCOUNTS].end_session(call.caller, call.uuid("session"))


# --- patients


class CursorQuery(Query):
    """Where a list goes on: *next* of the page before."""

    cursor: str | None = Field(default=None, max_length=200)


class PatientAnswer(Answer):
    """A patient, as far as somebody who books needs to know."""

    id: UUID
    name: str
    zone: str
    minor: bool

    @classmethod
    def of(cls, one: Patient) -> PatientAnswer:
        """The patient."""
        return cls(id=one.id, name=one.name, zone=one.zone, minor=one.minor)


class NamedAnswer(Answer):
    """Somebody's id and name."""

    account: UUID
    name: str


class RecordAnswer(PatientAnswer):
    """The cover of a record; *locale*, *email* and *guardians* only where the record is open."""

    locale: str | None
    email: str | None
    guardians: list[NamedAnswer]
    relation: str

    @classmethod
    def about(cls, record: Record) -> RecordAnswer:
        """The cover."""
        one = record.patient
        return cls(
            id=one.id,
            name=one.name,
            zone=one.zone,
            minor=one.minor,
            locale=record.locale,
            email=record.email,
            guardians=[NamedAnswer(account=each.id, name=each.name) for each in record.guardians],
            relation=record.relation.value,
        )


@api.get("/api/v1/patients", query=CursorQuery, answer=Page[PatientAnswer], summary="The patients in my care")
async def get_patients(call: Call[None]) -> Page[PatientAnswer]:
    """Patients find themselves, guardians those they act for, coordinators everybody's name to book for."""
    after = None if call.query.cursor is None else cursors.parse_id(call.query.cursor)
    found = await call.app[PATIENTS].known_to(call.caller, after=after)
    following = str(found[-1].id) if len(found) == PAGE else None
    return Page[PatientAnswer](items=[PatientAnswer.of(one) for one in found], next=following)


@api.get("/api/v1/patients/{id}", answer=RecordAnswer, summary="One patient", refusals=[NotFound])
async def get_patient(call: Call[None]) -> RecordAnswer:
    """404 for everybody to whom this patient is nothing."""
    return RecordAnswer.about(await call.app[PATIENTS].one(call.caller, call.uuid("id")))


class MemberAnswer(Answer):
    """Somebody in the care team. *ends_at*: of a cover, when they leave by themselves; null: in it for good."""

    account: UUID
    name: str
    role: str
    since: Instant
    ends_at: Instant | None = None


class TeamAnswer(Answer):
    """A care team; *version* is what a change must be based on."""

    version: int
    members: list[MemberAnswer]

    @classmethod
    def of(cls, team: Team) -> TeamAnswer:
        """The team."""
        members = [
            MemberAnswer(account=m.account, name=m.name, role=m.role, since=m.since, ends_at=m.ends_at)
            for m in team.members
        ]
        return cls(version=team.version, members=members)


@api.get("/api/v1/patients/{id}/care-team", answer=TeamAnswer, summary="The care team", refusals=[NotFound])
async def get_care_team(call: Call[None]) -> TeamAnswer:
    """Who may see this patient, and as what."""
    return TeamAnswer.of(await call.app[PATIENTS].team(call.caller, call.uuid("id")))


class MemberBody(Body):
    """Somebody who shall be in the care team, and as what: for good, or (*cover*) as the cover that they are now."""

    account: UUID
    role: Role
    cover: bool = False


class TeamBody(Body):
    """The whole team as it shall be, and the version it was based on."""

    version: int
    members: list[MemberBody]


@api.put(
    "/api/v1/patients/{id}/care-team",
    body=TeamBody,
    answer=TeamAnswer,
    summary="Change the care team",
    refusals=[NotFound, Refused, TeamChanged, NotACareRole, NoCover],
)
async def put_care_team(call: Call[TeamBody]) -> TeamAnswer:
    """Whoever leaves sees nothing from the next request on."""
    members = [Membership(one.account, one.role, one.cover) for one in call.body.members]
    team = await call.app[PATIENTS].change_team(call.caller, call.uuid("id"), members, version=call.body.version)
    return TeamAnswer.of(team)


class AccessAnswer(Answer):
    """Somebody looked at, or changed, something of this patient."""

    id: UUID
    at: Instant
    account: UUID | None
    name: str
    action: str
    what: str
    object: UUID | None
    why: str

    @classmethod
    def of(cls, one: Access) -> AccessAnswer:
        """The access."""
        return cls(
            id=one.id,
            at=one.at,
            account=one.account,
            name=one.name,
            action=one.action,
            what=one.what,
            object=one.object,
            why=one.why,
        )


@api.get(
    "/api/v1/patients/{id}/accesses",
    query=CursorQuery,
    answer=Page[AccessAnswer],
    summary="Who looked at the record, when, why",
    refusals=[NotFound],
)
async def get_accesses(call: Call[None]) -> Page[AccessAnswer]:
    """The latest first."""
    before = None if call.query.cursor is None else cursors.parse_place(call.query.cursor)
    found = await call.app[PATIENTS].accesses(call.caller, call.uuid("id"), before=before)
    following = cursors.place(found[-1].at, found[-1].id) if len(found) == PAGE else None
    return Page[AccessAnswer](items=[AccessAnswer.of(one) for one in found], next=following)
