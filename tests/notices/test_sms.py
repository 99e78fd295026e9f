"""How a gateway's answers are judged, and which addresses are one."""

from __future__ import annotations

import pytest

from telegut.errors import Invalid
from telegut.notices.answers import Away, Refused
from telegut.notices.sms import Gateway
from tests.notices.text_office import TOKEN, text_office

NUMBER = "+4915123456789"


def gateway(url: str, timeout_s: float = 5) -> Gateway:
    made = Gateway.parse(url, TOKEN, timeout_s=timeout_s)
    assert made is not None
    return made


async def test_a_message_arrives_with_its_id_and_again_is_the_same_message() -> None:
    async with text_office() as office:
        for _ in range(2):
            await gateway(office.url).deliver("a1", NUMBER, "Your appointment is on Tuesday.")

    assert {"a1": {"to": NUMBER, "text": "Your appointment is on Tuesday.", "id": "a1"}} == office.taken


@pytest.mark.parametrize(
    ("mood", "outcome"),
    [
        (400, Refused),
        (410, Refused),
        (422, Refused),
        (401, Away),
        (429, Away),
        (500, Away),
        (503, Away),
        (302, Away),
        (307, Away),
        (0, Away),
    ],
)
async def test_an_answer_is_for_now_or_for_good(mood: int, outcome: type[Exception]) -> None:
    async with text_office() as office:
        office.moods.append(mood)

        with pytest.raises(outcome):
            await gateway(office.url).deliver("a1", NUMBER, "Your appointment")

    assert ({}, 1) == (office.taken, len(office.asked))  # a redirect is not followed either


async def test_a_gateway_that_says_nothing_is_away() -> None:
    async with text_office() as office:
        office.moods.append(-1)

        with pytest.raises(Away):
            await gateway(office.url, timeout_s=0.2).deliver("a1", NUMBER, "Your appointment")


async def test_a_gateway_that_is_not_there_is_away() -> None:
    async with text_office() as office:
        closed = office.url

    with pytest.raises(Away):
        await gateway(closed).deliver("a1", NUMBER, "Your appointment")


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("ftp://gateway.example", ""),
        ("gateway.example", ""),
        ("https://", ""),
        ("http://gateway.example/messages", ""),
        ("https://user:word@gateway.example", ""),
        ("https://gateway.example", "two\nlines"),
    ],
)
def test_an_address_that_is_no_gateway_is_refused_at_the_start(url: str, token: str) -> None:
    with pytest.raises(Invalid):
        Gateway.parse(url, token, timeout_s=1)


def test_no_address_is_no_gateway() -> None:
    assert None is Gateway.parse("", "", timeout_s=1)
