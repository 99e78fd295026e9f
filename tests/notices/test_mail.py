"""How a mail server's answers are judged."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from telegut.notices.answers import Away, Refused
from telegut.notices.mail import Server
from telegut.notices.words import Text
from tests.notices.post_office import post_office


async def nothing() -> None:
    """What is done when a mail was taken, where nobody asks."""


async def never() -> None:
    """What must not be called when a mail was not taken."""
    raise AssertionError("it was not taken")


def server(url: str) -> Server:
    made = Server.parse(url, sender="telegut@clinic.example", timeout_s=5)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("mood", "outcome"),
    [("450 Later", Away), ("421 Going down", Away), ("550 Nobody", Refused), ("554 No", Refused), ("535 Who?", Away)],
)
async def test_an_answer_is_for_now_or_for_good(mood: str, outcome: type[Exception]) -> None:
    async with post_office() as office:
        office.moods.append(mood)
        desk = server(office.url)
        letter = desk.letter("lena@example.org", Text("Hello", "Hello\n"), message_id="1", written_at=datetime.now(UTC))

        with pytest.raises(outcome):
            await desk.deliver(letter, never)


async def test_a_mail_carries_what_it_was_given() -> None:
    async with post_office() as office:
        desk = server(office.url)
        written = datetime(2026, 11, 22, 12, tzinfo=UTC)
        letter = desk.letter("lena@example.org", Text("Grüße", "Über den Link\n"), message_id="a1", written_at=written)
        await desk.deliver(letter, nothing)
        ((to, mail),) = office.taken

    assert ("lena@example.org", "<a1@clinic.example>") == (to, mail["Message-ID"])
    assert "Sun, 22 Nov 2026 12:00:00 +0000" == mail["Date"]
