"""``telegut clinic``: the first people and kinds of visit of a new clinic, made by whoever runs the server."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
import secrets
from datetime import timedelta
from typing import Any, Final

from telegut.cli import database, flags, preparation
from telegut.cli.exits import CommandFailed, Exit
from telegut.errors import Invalid, TelegutError
from telegut.settings import Settings

ROLES: Final = ("patient", "guardian", "consultant", "nutritionist", "interpreter", "coordinator", "admin", "auditor")
STAFF: Final = frozenset(ROLES) - {"patient", "guardian"}
WORDS: Final = tuple(
    """
    amber apple april arch autumn basil beach birch bread bridge brook canvas cedar chalk clay clover cloud
    coast copper corner cotton cove cream dawn delta desk drift dune echo elm ember fern field flint flour
    forest garden ginger glass grain grove harbor hazel hill honey island ivory jasmine juniper kettle lake lamp
    lantern larch leaf lemon linen lotus maple marble meadow mint moss nettle north oak oats ocean olive onyx
    orchard otter paper path pebble pepper pine plum pond quartz quiet rain reed ridge river robin saffron sage
    sand shell silver slate snow south spring stone sugar summer thyme tide timber valley velvet violet walnut
    water wheat willow window winter
    """.split()  # noqa: SIM905 - words are easier to read than a list of strings
)
"""Words for passphrases: short, kind, hard to mistake."""
PASSPHRASE_WORDS: Final = 8
"""Eight of about 110 words are 54 bits: enough behind a rate-limited door and argon2id."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to make, who or what, how to answer, and every setting."""
    parser.add_argument("make", choices=("person", "visit-type"), help="what to add")
    parser.add_argument("--name", required=True, help="the person's name, or what the kind of visit is called")
    parser.add_argument("--email", help="person: their address, which they sign in with")
    parser.add_argument("--role", choices=ROLES, help="person: what they are here")
    parser.add_argument("--zone", default="UTC", help="person: their time zone, such as Europe/Berlin")
    parser.add_argument("--minutes", type=int, help="visit-type: how long it takes")
    parser.add_argument("--before", type=int, default=0, help="visit-type: minutes kept free before it")
    parser.add_argument("--after", type=int, default=0, help="visit-type: minutes kept free after it")
    parser.add_argument("--seats", type=int, default=1, help="visit-type: people in one group session; 1: no group")
    parser.add_argument(
        "--needs",
        action="append",
        choices=("consultant", "nutritionist"),
        help="visit-type: who takes part; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    flags.add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Make it; say once how somebody signs in."""
    try:
        facts = asyncio.run(_run(flags.load(args), args))
    except TelegutError as refusal:
        raise CommandFailed(Exit.USAGE, _words(refusal)) from refusal
    print(json.dumps(facts, ensure_ascii=False) if args.json else "\n".join(f"{k:<12} {v}" for k, v in facts.items()))
    return Exit.DONE


def _words(refusal: TelegutError) -> str:
    errors = refusal.errors if isinstance(refusal, Invalid) else ()
    return "; ".join(f"{one.field}: {one.message}" for one in errors) or refusal.message


async def _run(settings: Settings, args: argparse.Namespace) -> dict[str, Any]:
    async with database.opened(settings) as url:
        settings = dataclasses.replace(settings, database_url=url)
        await preparation.ensure_schema(settings, os.environ)
        await preparation.ensure_keys(settings)
        return await (_person(settings, args) if args.make == "person" else _visit_type(settings, args))


async def _person(settings: Settings, args: argparse.Namespace) -> dict[str, Any]:
    """An account with a passphrase that is shown once; staff get a second factor too."""
    import pyotp

    from telegut.accounts import people
    from telegut.accounts.passwords import Passwords
    from telegut.accounts.rules import Role
    from telegut.accounts.second_factor import SecondFactor
    from telegut.composition import build_foundation
    from telegut.db.caller import Caller
    from telegut.db.ids import new_id

    if not args.email or not args.role:
        raise CommandFailed(Exit.USAGE, "a person needs --email and --role.")
    base, id = build_foundation(settings), new_id()
    passphrase = " ".join(secrets.choice(WORDS) for _ in range(PASSPHRASE_WORDS))
    secret = pyotp.random_base32() if args.role in STAFF else None
    new = people.NewPerson(
        id=id,
        email=args.email,
        name=args.name,
        roles=frozenset({Role(args.role)}),
        zone=args.zone,
        created_at=base.now(),
        password_hash=await Passwords.of(settings).hash(passphrase),
        otp_secret=SecondFactor(base.vault.root).seal(id, secret) if secret else None,
    )
    async with base.db.begin(Caller.system("command line")) as tx:
        await people.add(tx, base.vault, new)
    await base.db.dispose()
    facts = {"id": str(id), "role": args.role, "name": args.name, "email": args.email, "passphrase": passphrase}
    if secret:
        uri = pyotp.TOTP(secret).provisioning_uri(name=args.email, issuer_name=settings.clinic_name)
        facts |= {"otp_secret": secret, "otp_uri": uri}
    return facts


VISIT_NUMBERS: Final = {"minutes": range(5, 481), "before": range(241), "after": range(241), "seats": range(1, 13)}
"""What the table of kinds of visit takes."""


def _check_numbers(args: argparse.Namespace) -> None:
    for name, fine in VISIT_NUMBERS.items():
        if getattr(args, name) not in fine:
            raise CommandFailed(Exit.USAGE, f"--{name} is between {fine[0]} and {fine[-1]}.")


async def _visit_type(settings: Settings, args: argparse.Namespace) -> dict[str, Any]:
    """A kind of visit; practitioners whose role it needs offer it from their next change of hours, or at once."""
    from telegut.composition import build_foundation
    from telegut.db.caller import Caller
    from telegut.db.ids import new_id
    from telegut.scheduling import catalogue
    from telegut.scheduling.rules import VisitType

    if not args.minutes or not args.needs:
        raise CommandFailed(Exit.USAGE, "a kind of visit needs --minutes and --needs.")
    _check_numbers(args)
    base, id, needs = build_foundation(settings), new_id(), tuple(dict.fromkeys(args.needs))
    length, before, after = (timedelta(minutes=one) for one in (args.minutes, args.before, args.after))
    visit = VisitType(id, args.name, length, before, after, needs, seats=args.seats)
    async with base.db.begin(Caller.system("command line")) as tx:
        await catalogue.add_visit_type(tx, visit)
        for one in await catalogue.providers(tx):
            if one.role in needs:
                await catalogue.add_provider(tx, one.id, one.role, one.zone, [id])
    await base.db.dispose()
    return {"id": str(id), "name": args.name, "minutes": args.minutes, "needs": list(needs), "seats": args.seats}
