"""What a notice may say, as tables."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import get_type_hints
from uuid import UUID

import pytest

from telegut.errors import Invalid
from telegut.notices.rules import AppointmentNotice, Channel, Kind, Link, MessageNotice, OfferNotice
from telegut.notices.words import Said, short, spoken, words

SOMEBODY = UUID(int=1)
START = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)


def appointment(**changes: object) -> AppointmentNotice:
    values = {
        "to": SOMEBODY,
        "patient": SOMEBODY,
        "kind": Kind.APPOINTMENT_BOOKED,
        "appointment": SOMEBODY,
        "version": 1,
        "start": START,
        "zone": "Europe/Berlin",
        "link": Link("/j/" + "a" * 22),
    }
    return AppointmentNotice(**{**values, **changes})  # type: ignore[arg-type]


def test_no_notice_has_a_field_that_a_person_could_write_in() -> None:
    kinds = {hint for one in (MessageNotice, AppointmentNotice, OfferNotice) for hint in get_type_hints(one).values()}

    # The one text is a zone, which must be an IANA name.
    assert {UUID, Kind, Channel, int, datetime, str, Link, bool | None} == kinds
    for kind in (AppointmentNotice, OfferNotice):
        assert ["zone"] == [one.name for one in dataclasses.fields(kind) if one.type == "str"]


@pytest.mark.parametrize(
    "path",
    [
        "/j/short",
        "/j/" + "a" * 200,
        "/j/with space",
        "https://elsewhere.example",
        "/reports/1",
        "/messages?q=x",
        "/book?offer=x",
        "/visits/me",
        "",
    ],
)
def test_a_link_leads_only_to_our_own_pages(path: str) -> None:
    with pytest.raises(Invalid):
        Link(path)


@pytest.mark.parametrize(
    "changes",
    [{"kind": Kind.MESSAGE}, {"start": START.replace(tzinfo=None)}, {"zone": "my gut feels bad"}, {"zone": ""}],
)
def test_an_appointment_notice_that_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        appointment(**changes)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Berlin", "Tuesday 24 November 2026 at 15:30 (Berlin, UTC+1)"),
        ("America/New_York", "Tuesday 24 November 2026 at 09:30 (New York, UTC-5)"),
        ("Asia/Tokyo", "Tuesday 24 November 2026 at 23:30 (Tokyo, UTC+9)"),
        ("Pacific/Auckland", "Wednesday 25 November 2026 at 03:30 (Auckland, UTC+13)"),
    ],
)
def test_a_time_is_told_in_the_readers_zone(zone: str, expected: str) -> None:
    assert expected == spoken(START, zone)


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("Europe/Berlin", "Tuesday 24 November 2026 at 15:30 (Berlin, UTC+1)"),
        ("Europe/Stockholm", "Tuesday 24 November 2026 at 15:30 (Berlin, UTC+1)"),
        ("America/New_York", "Tuesday 24 November 2026 at 15:30 (Berlin, UTC+1), which is 09:30 (New York, UTC-5)"),
        (
            "Pacific/Auckland",
            "Tuesday 24 November 2026 at 15:30 (Berlin, UTC+1),"
            " which is Wednesday 25 November 2026 at 03:30 (Auckland, UTC+13)",
        ),
    ],
)
def test_where_the_other_sides_clocks_differ_both_are_told(beside: str, expected: str) -> None:
    assert expected == spoken(START, "Europe/Berlin", beside)


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first, second = (
        spoken(datetime(2027, 11, 7, hour, tzinfo=UTC), "Asia/Kolkata", "America/New_York") for hour in (5, 6)
    )

    assert "Sunday 7 November 2027 at 10:30 (Kolkata, UTC+5:30), which is 01:00 (New York, UTC-4)" == first
    assert "Sunday 7 November 2027 at 11:30 (Kolkata, UTC+5:30), which is 01:00 (New York, UTC-5)" == second
    assert spoken(START, "UTC").endswith("(UTC)")


def test_a_text_message_with_a_personal_link_is_short() -> None:
    link = "https://clinic.example/j/" + "s" * 32
    when = spoken(datetime(2026, 9, 30, 12, tzinfo=UTC), "America/Indiana/Indianapolis")

    assert 160 >= len(short(Kind.APPOINTMENT_REMINDER, Said("telegut", link, when)))


@pytest.mark.parametrize("kind", list(Kind))
def test_every_mail_is_neutral(kind: Kind) -> None:
    when = spoken(START, "Europe/Berlin")
    facts = Said("telegut", "https://clinic.example/messages", when, when, ready=True)
    text = words(kind, facts)

    said = (text.subject + text.body + short(kind, facts)).lower().replace("telegut", "")
    for word in ("gut", "mood", "food", "therap", "diet", "consult", "nutrition", "report", "patient", "health"):
        assert word not in said


def test_the_mail_about_a_message_says_that_and_nothing_else() -> None:
    text = words(Kind.MESSAGE, Said("telegut", "https://clinic.example/messages"))

    assert "You have a message in telegut" == text.subject
    assert (
        "You have a message in telegut.\n\nSign in to read it:\nhttps://clinic.example/messages\n\n"
        "This mail was sent by telegut. Nobody reads answers to it.\n"
    ) == text.body
