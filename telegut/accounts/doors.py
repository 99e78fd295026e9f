"""Signing in and out in a browser, and the page of one's own account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import groupby
from urllib.parse import parse_qsl

from aiohttp import web

from telegut.accounts import cursors
from telegut.accounts.attempts import TooManyAttempts
from telegut.accounts.entrance import BadCredentials, Entered, OtpRequired, StepOver
from telegut.accounts.family_view import Access
from telegut.accounts.identity import ACCOUNTS, ENTRANCE, PATIENTS, cookie_name, origin_of
from telegut.accounts.patients import PAGE
from telegut.accounts.rules import Role
from telegut.accounts.wording import sentence
from telegut.errors import TelegutError, Unavailable, Unparsable, WrongType
from telegut.web import problems, times
from telegut.web.api import Call, Query, read_limited
from telegut.web.identity import identify
from telegut.web.keys import CSRF, NOW, SETTINGS
from telegut.web.navigation import first_page
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.security import StaleForm, check_unsafe, csrf_token, ensure_guest

pages = Pages("accounts")

FORM_BYTES = 16_384
FIELD_LENGTH = 1_024


def install(app: web.Application) -> None:
    """Serve the pages and the two forms."""
    pages.install(app)
    app.router.add_post("/sign-in", post_sign_in)
    app.router.add_post("/sign-out", post_sign_out)


class SignInQuery(Query):
    """Where to go after signing in."""

    next: str = ""


@pages.get("/sign-in", open=True, query=SignInQuery)
async def get_sign_in(call: Call[None]) -> web.Response:
    """One form with e-mail and password; whoever is signed in already goes on."""
    if call.caller.session is not None:
        raise web.HTTPSeeOther(own_path(call.query.next) or first_page(call.caller.roles))
    return await _form(call.request, own_path(call.query.next))


async def post_sign_in(request: web.Request) -> web.StreamResponse:
    """The form: a password, or in the second step a code."""
    form = await _read(request)
    onward = own_path(form.get("next", ""))
    try:
        await check_unsafe(request, form.get("csrf", ""))
        entered = await _enter(request, form)
    except OtpRequired as needed:
        return await _form(request, onward, step=needed.step)
    except (BadCredentials, StaleForm, StepOver, TooManyAttempts, Unavailable) as refusal:
        step = form.get("step", "") if isinstance(refusal, BadCredentials) else ""
        return await _form(request, onward, step=step, email=form.get("email", ""), refusal=refusal)
    return await signed_in(request, entered, onward)


async def _enter(request: web.Request, form: Mapping[str, str]) -> Entered:
    entrance, origin = request.app[ENTRANCE], origin_of(request)
    if form.get("step"):
        return await entrance.finish(form["step"], form.get("otp", ""), "browser", origin)
    return await entrance.enter(
        form.get("email", ""), form.get("password", ""), form.get("otp") or None, "browser", origin
    )


async def signed_in(request: web.Request, entered: Entered, onward: str = "") -> web.Response:
    """The way on for somebody who has just come in: a fresh cookie, and the sign-in it replaces ended."""
    before = await identify(request)
    if before.session is not None:
        await request.app[ACCOUNTS].sign_out(before)
    response = web.Response(status=303, headers={"Location": onward or first_page(entered.person.roles)})
    lasts = entered.session.expires_at - request.app[NOW]()
    _set_cookie(request, response, entered.token, lasts)
    return response


async def post_sign_out(request: web.Request) -> web.Response:
    """Ends the sign-in, its sockets and rooms, and what the browser kept."""
    form = await _read(request)
    await check_unsafe(request, form.get("csrf", ""))
    await request.app[ACCOUNTS].sign_out(await identify(request))
    response = web.Response(status=303, headers={"Location": "/sign-in"})
    settings = request.app[SETTINGS]
    response.del_cookie(cookie_name(settings), path="/", secure=settings.is_https, httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _set_cookie(request: web.Request, response: web.Response, token: str, lasts: timedelta) -> None:
    settings = request.app[SETTINGS]
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=max(0, int(lasts.total_seconds())),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="Lax",
    )


async def _form(
    request: web.Request, onward: str, *, step: str = "", email: str = "", refusal: TelegutError | None = None
) -> web.Response:
    ensure_guest(request)
    request[CSRF] = csrf_token(request, await identify(request))
    context = {"next": onward, "step": step, "email": email, "problem": refusal.message if refusal else ""}
    status = problems.status_of(refusal) if refusal else 401 if step else 200
    response = await render(request, "accounts/sign-in.html", context, status=status)
    if isinstance(refusal, (TooManyAttempts, Unavailable)):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def own_path(path: str) -> str:
    """*path* when it is one of ours, otherwise nothing: a sign-in never leads to another site."""
    if not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
        return ""
    return "" if path.startswith(("/sign-in", "/sign-out")) else path


async def _read(request: web.Request) -> dict[str, str]:
    """The fields of a small form."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise WrongType("Please send this as a form.")
    raw = await read_limited(request, FORM_BYTES)
    try:
        fields = parse_qsl(raw.decode(), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=20)
    except ValueError as exc:
        raise Unparsable("The form could not be read.") from exc
    return {name: value for name, value in fields if len(value) <= FIELD_LENGTH}


@pages.get("/account")
async def get_account(call: Call[None]) -> web.Response:
    """Who I am here, where I am signed in, my password and my zone."""
    accounts = call.app[ACCOUNTS]
    own = await accounts.describe(call.caller)
    context = {
        "own": own,
        "record": call.caller.account if Role.PATIENT in call.caller.roles else None,
        "sessions": await accounts.list_sessions(call.caller),
        "password_least": accounts.policy.with_second_factor if own.second_factor else accounts.policy.alone,
    }
    return await render(call.request, "accounts/account.html", context)


class AccessesQuery(Query):
    """Where the list goes on."""

    cursor: str | None = None


@pages.get("/patients/{id}/accesses", query=AccessesQuery)
async def get_accesses_page(call: Call[None]) -> web.Response:
    """Who looked at a record, day by day, for those it belongs to and those who watch over it."""
    patient, zone = call.uuid("id"), call.caller.zone
    before = None if call.query.cursor is None else cursors.parse_place(call.query.cursor)
    found = await call.app[PATIENTS].accesses(call.caller, patient, before=before)
    context = {
        "sentence": sentence,
        "mine": patient == call.caller.account,
        "patient_name": await call.app[PATIENTS].name_of(call.caller, patient),
        "days": [(day, gathered(lines)) for day, lines in groupby(found, key=lambda one: times.dated(one.at, zone))],
        "older": cursors.place(found[-1].at, found[-1].id) if len(found) == PAGE else "",
    }
    return await render(call.request, "accounts/accesses.html", context)


def gathered(lines: Iterable[Access]) -> list[tuple[Access, int]]:
    """The same done by the same person in the same minute is one line, with how often."""
    found: list[tuple[Access, int]] = []
    for one in lines:
        if found and _kind(found[-1][0]) == _kind(one):
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((one, 1))
    return found


def _kind(one: Access) -> tuple[object, ...]:
    return one.account, one.name, one.action, one.what, one.why, one.at.replace(second=0, microsecond=0)
