"""Web push: sealed as the RFCs say, sent to the public network alone, and kept device by device."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from cryptography.hazmat.primitives.asymmetric import ec

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.db.sealed import RootKey
from telegut.errors import Invalid, NotFound
from telegut.notices.answers import Away, Refused
from telegut.notices.push.rules import checked_endpoint
from telegut.notices.push.sealing import CURVE, PADDED, DeviceKeys, seal
from telegut.notices.push.sender import NOT_ALLOWED, Urgency
from telegut.notices.push.service import Push, build_push
from telegut.notices.push.vapid import Vapid, decoded, encoded
from telegut.settings import Settings
from tests import build
from tests.build import Account
from tests.notices.push_office import Browser, PushOffice, push_office

Client = TestClient[web.Request, web.Application]
MAKER = "telegut@clinic.example"
HELLO = b'{"title":"telegut"}'


@pytest.fixture
async def office() -> AsyncIterator[PushOffice]:
    """The push service."""
    async with push_office() as made:
        yield made


@pytest.fixture
def push(db: Database, settings: Settings) -> Push:
    """Devices, with push services on loopback allowed."""
    wanted = replace(settings, push_on_loopback=True, push_timeout_s=5.0, push_devices=3)
    return build_push(db, build.VAULT.root, utc_now, wanted, MAKER)


@pytest.fixture
async def patient(db: Database) -> Account:
    """Somebody with a device."""
    return await build.person(db, "patient")


def keys_of(subscription: dict[str, object]) -> DeviceKeys:
    keys = subscription["keys"]
    assert isinstance(keys, dict)
    return DeviceKeys(decoded(keys["p256dh"]), decoded(keys["auth"]))


async def turn_on(push: Push, who: Account, office: PushOffice, name: str = "phone") -> str:
    """The id of a new device."""
    subscription = office.browser(name)
    device = await push.turn_on(who.caller, "Firefox on Android", subscription["endpoint"], keys_of(subscription))
    return str(device.id)


async def deliver(push: Push, who: Account) -> None:
    await push.deliver(who.id, HELLO, topic="a-topic", urgency=Urgency.NORMAL)


def test_a_message_is_sealed_as_in_appendix_a_of_rfc_8291() -> None:
    private = ec.derive_private_key(int.from_bytes(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), CURVE)
    keys = DeviceKeys(
        decoded("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        decoded("BTBZMqHH6r4Tts7J_aSIgg"),
    )
    salt = decoded("DGv6ra1nlYgDCS1FRnbzlw")

    sealed = seal(b"When I grow up, I want to be a watermelon", keys, salt=salt, own=private, padded=0)

    assert (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    ) == encoded(sealed)


def test_every_message_is_as_long_as_any_other() -> None:
    browser = Browser()
    keys = DeviceKeys(browser.public, browser.auth)

    sealed = [seal(text, keys) for text in (b"", b"a", b"a" * PADDED)]

    assert 1 == len({len(one) for one in sealed})
    assert [b"", b"a", b"a" * PADDED] == [browser.open(one) for one in sealed]


def test_the_key_pair_belongs_to_the_root_key() -> None:
    pairs = [Vapid.derive(root, "mailto:a@b.example").public for root in (build.VAULT.root, build.VAULT.root)]
    other = Vapid.derive(RootKey(build.VAULT.root.id, bytes(32)), "mailto:a@b.example").public

    assert pairs[0] == pairs[1] != other
    assert (65, 4) == (len(decoded(other)), decoded(other)[0])


async def test_a_device_shows_what_it_was_sent(push: Push, patient: Account, office: PushOffice) -> None:
    await turn_on(push, patient, office)

    await deliver(push, patient)

    assert [{"title": "telegut"}] == office.taken
    assert ("86400", "normal", "a-topic") == tuple(office.headers[0][name] for name in ("TTL", "Urgency", "Topic"))
    assert (await push.mine(patient.caller))[0].used_at is not None


@pytest.mark.parametrize("status", [404, 410])
async def test_a_device_that_is_gone_is_forgotten(
    status: int, push: Push, patient: Account, office: PushOffice
) -> None:
    await turn_on(push, patient, office)
    office.moods.append(status)

    with pytest.raises(Refused):
        await deliver(push, patient)

    assert [] == await push.mine(patient.caller)


@pytest.mark.parametrize("status", [0, 301, 401, 413, 503])
async def test_a_service_in_a_bad_mood_loses_no_device(
    status: int, push: Push, patient: Account, office: PushOffice
) -> None:
    await turn_on(push, patient, office)
    office.moods.append(status)

    with pytest.raises(Refused if status in {301, 413} else Away):
        await deliver(push, patient)

    assert ([], 1) == (office.taken, len(await push.mine(patient.caller)))


async def test_a_service_that_says_nothing_is_not_waited_for(
    db: Database, settings: Settings, patient: Account, office: PushOffice
) -> None:
    hasty = build_push(
        db, build.VAULT.root, utc_now, replace(settings, push_on_loopback=True, push_timeout_s=0.3), MAKER
    )
    await turn_on(hasty, patient, office)
    office.moods.append(-1)

    with pytest.raises(Away):
        await deliver(hasty, patient)


async def test_one_device_that_takes_it_is_enough(push: Push, patient: Account, office: PushOffice) -> None:
    for name in ("phone", "tablet"):
        await turn_on(push, patient, office, name)
    office.moods += [500]

    await deliver(push, patient)

    assert 1 == len(office.taken)


async def test_inside_a_network_nothing_is_ever_connected_to(
    db: Database, settings: Settings, patient: Account, office: PushOffice
) -> None:
    strict = build_push(db, build.VAULT.root, utc_now, settings, MAKER)
    lenient = build_push(db, build.VAULT.root, utc_now, replace(settings, push_on_loopback=True), MAKER)
    subscription = office.browser()
    tricks = {"2130706433": "https://2130706433/x", "name": "https://localhost/x"}
    for name, endpoint in tricks.items():
        await lenient.turn_on(patient.caller, name, endpoint, keys_of(subscription))

    with pytest.raises(Refused) as refused:
        await deliver(strict, patient)

    assert NOT_ALLOWED == refused.value.code
    assert [] == office.taken


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/x", "ftp://push.example/x", "https://", "https://a:b@push.example/x",
        "https://push.example/x#y", "https://push.example/ x", "javascript:alert(1)", "https://push.example:x/",
        "https://push.example/" + "x" * 2_000, "https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x",
        "https://10.0.0.1:8443/x", "https://169.254.169.254/x", "https://2130706433/x", "https://a.LOCALHOST./x",
    ],
)  # fmt: skip
def test_what_no_browser_was_given_is_refused(endpoint: str) -> None:
    with pytest.raises(Invalid):
        checked_endpoint(endpoint, on_loopback=False)


async def test_a_device_is_its_owners_alone(push: Push, db: Database, patient: Account, office: PushOffice) -> None:
    stranger = await build.person(db, "patient")
    device = (await push.mine(patient.caller)) or await turn_on(push, patient, office)

    assert [] == await push.mine(stranger.caller)
    with pytest.raises(NotFound):
        await push.turn_off(stranger.caller, (await push.mine(patient.caller))[0].id)
    assert str(device) == str((await push.mine(patient.caller))[0].id)


async def test_a_browser_is_of_whoever_turned_it_on_last(
    push: Push, db: Database, patient: Account, office: PushOffice
) -> None:
    brother = await build.person(db, "patient")
    subscription = office.browser()
    for who in (patient, brother):
        await push.turn_on(who.caller, "Firefox", subscription["endpoint"], keys_of(subscription))

    assert ([], 1) == (await push.mine(patient.caller), len(await push.mine(brother.caller)))


async def test_the_oldest_device_makes_room(push: Push, patient: Account, office: PushOffice) -> None:
    made = [await turn_on(push, patient, office, str(number)) for number in range(5)]

    assert made[:1:-1] == [str(one.id) for one in await push.mine(patient.caller)]


async def test_over_http_a_browser_is_turned_on_and_off(client: Client, db: Database) -> None:
    who = await build.person(db, "patient")
    subscription = Browser().subscription("https://push.example/send/abc")
    path = "/api/v1/me/push-devices"

    made = await client.post(path, json=subscription, headers=who.bearer)
    listed = await (await client.get(path, headers=who.bearer)).json()
    gone = await client.delete(f"{path}/{listed['items'][0]['id']}", headers=who.bearer)
    after = await (await client.get(path, headers=who.bearer)).json()

    assert (201, 204) == (made.status, gone.status)
    assert [["id", "made_at", "name", "used_at"]] == [sorted(one) for one in listed["items"]]
    assert (65, []) == (len(decoded(listed["key"])), after["items"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"endpoint": "http://push.example/x"}, "endpoint"),
        ({"keys": {"p256dh": "AAAA", "auth": "BTBZMqHH6r4Tts7J_aSIgg"}}, "p256dh"),
        ({"keys": {"p256dh": encoded(Browser().public), "auth": "AAAA"}}, "auth"),
        ({"keys": {"p256dh": "ä", "auth": "ä"}}, "keys"),
    ],
)
async def test_what_is_no_subscription_is_refused_kindly(
    change: dict[str, object], field: str, client: Client, db: Database
) -> None:
    who = await build.person(db, "patient")
    body = {**Browser().subscription("https://push.example/x"), **change}

    answer = await client.post("/api/v1/me/push-devices", json=body, headers=who.bearer)

    assert (422, field) == (answer.status, (await answer.json())["errors"][0]["field"])
