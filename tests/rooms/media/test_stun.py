"""What the STUN responder answers, and what it leaves alone."""

from __future__ import annotations

import os

import pytest
from aioice import stun as protocol
from hypothesis import given
from hypothesis import strategies as st

from telegut.rooms.media.stun import LONGEST_REQUEST, answer, plain_address

HERE = ("192.0.2.7", 40001)


def request(**attributes: object) -> protocol.Message:
    """A binding request."""
    return protocol.Message(protocol.Method.BINDING, protocol.Class.REQUEST, attributes=dict(attributes))


@pytest.mark.parametrize("address", [HERE, ("2001:db8::7", 40001)])
def test_a_browser_learns_its_address(address: tuple[str, int]) -> None:
    asked = request()
    said = protocol.parse_message(answer(bytes(asked), address) or b"")

    assert (asked.transaction_id, address) == (said.transaction_id, said.attributes["XOR-MAPPED-ADDRESS"])
    assert protocol.Class.RESPONSE == said.message_class


def test_a_request_with_a_fingerprint_gets_one_back() -> None:
    asked = request()
    asked.add_fingerprint()

    assert "FINGERPRINT" in protocol.parse_message(answer(bytes(asked), HERE) or b"").attributes


def test_the_answer_is_hardly_longer_than_the_request() -> None:
    said = answer(bytes(request()), ("2001:db8::7", 40001))

    assert said is not None
    assert len(said) <= len(bytes(request())) + 24


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"hello",
        bytes(19),
        b"\x80" + bytes(200),
        bytes(request())[:-1] + b"",
        bytes(request()) + bytes(LONGEST_REQUEST),
        bytes(protocol.Message(protocol.Method.BINDING, protocol.Class.RESPONSE)),
        bytes(protocol.Message(protocol.Method.BINDING, protocol.Class.INDICATION)),
        bytes(protocol.Message(protocol.Method.ALLOCATE, protocol.Class.REQUEST)),
    ],
    ids=["nothing", "words", "zeros", "rtp", "cut", "too long", "a response", "an indication", "another method"],
)
def test_anything_else_gets_no_answer(datagram: bytes) -> None:
    asked = bytes(request())
    expected = datagram == asked

    assert (answer(datagram, HERE) is not None) == expected


@given(st.binary(max_size=600))
def test_no_bytes_do_harm(datagram: bytes) -> None:
    said = answer(datagram, HERE)

    assert said is None or len(said) <= len(datagram) + 24


@given(st.integers(0, 19), st.binary(min_size=1, max_size=40))
def test_broken_requests_do_no_harm(cut: int, tail: bytes) -> None:
    answer(bytes(request())[:cut] + tail + os.urandom(3), HERE)


def test_an_address_of_a_dual_socket_is_told_plainly() -> None:
    assert [HERE, ("fe80::1", 5)] == [plain_address(("::ffff:192.0.2.7", 40001)), plain_address(("fe80::1%eth0", 5))]
