"""What may be told of addresses where a policy hides them, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from telegut.errors import Invalid
from telegut.rooms.encryption.candidates import candidate, description, signal

TAIL = "generation 0 ufrag aB network-cost 999"
RELAY = f"candidate:1 1 udp 41885439 203.0.113.9 50000 typ relay raddr 192.0.2.77 rport 61000 {TAIL}"
RELAY_TOLD = f"candidate:1 1 udp 41885439 203.0.113.9 50000 typ relay raddr 0.0.0.0 rport 9 {TAIL}"
MDNS = "candidate:2 1 udp 2113937151 2f1c0f5e-0f7a-4bb1-9f3a-6d3f6a3f7d11.local 51000 typ host generation 0"

LINES = [
    ("relay, its client's address hidden", RELAY, RELAY_TOLD),
    ("the same as a line of a description", "a=" + RELAY, "a=" + RELAY_TOLD),
    ("a name made up by the browser", MDNS, MDNS),
    ("a host's address", "candidate:2 1 udp 2113937151 192.168.1.4 51000 typ host", None),
    ("a host's address, IPv6", "candidate:2 1 udp 2113937151 2001:db8::4 51000 typ host", None),
    ("a host's address over TCP", "candidate:2 1 tcp 1518280447 192.168.1.4 9 typ host tcptype active", None),
    (
        "what a STUN server saw",
        "candidate:3 1 udp 1677729535 192.0.2.77 61000 typ srflx raddr 192.168.1.4 rport 51000",
        None,
    ),
    (
        "srflx behind a made up name",
        "candidate:3 1 udp 1677729535 192.0.2.77 61000 typ srflx raddr x.local rport 1",
        None,
    ),
    ("what a check saw", "candidate:4 1 udp 1845501695 192.0.2.77 61001 typ prflx raddr 192.168.1.4 rport 5", None),
    ("another kind", "candidate:5 1 udp 1 192.0.2.77 1 typ relayed", None),
    ("a name that is not made up", "candidate:2 1 udp 2113937151 lena-laptop.local 51000 typ host", None),
    (
        "a relay that says it in other spaces and without a port",
        "candidate:1 1 udp 41885439 203.0.113.9 50000 typ relay  raddr  192.0.2.77  tcptype passive RPORT 5 odd",
        "candidate:1 1 udp 41885439 203.0.113.9 50000 typ relay raddr 0.0.0.0 tcptype passive RPORT 9",
    ),
    ("a made up name beside an address", MDNS + " raddr 192.168.1.4 rport 1", None),
    ("cut short", "candidate:1 1 udp 1 192.168.1.4", None),
    ("nothing of the kind", "192.168.1.4", None),
]


@pytest.mark.parametrize(("line", "told"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_only_relays_and_made_up_names_are_told(line: str, told: str | None) -> None:
    assert told == candidate(line)


def test_a_description_keeps_what_a_call_needs_and_no_address() -> None:
    sdp = "\r\n".join(
        [
            "v=0",
            "o=- 46117 2 IN IP4 192.168.1.4",
            "s=-",
            "m=audio 61000 UDP/TLS/RTP/SAVPF 111",
            "c=IN IP4 192.0.2.77",
            "a=rtcp:61001 IN IP4 192.0.2.77",
            "a=candidate:2 1 udp 2113937151 192.168.1.4 51000 typ host",
            "a=" + RELAY,
            "a=candidate:3 1 udp 1677729535 192.0.2.77 61000 typ srflx raddr 192.168.1.4 rport 51000",
            "a=ice-ufrag:aB",
            "a=fingerprint:sha-256 AA:BB",
            "m=video 9 UDP/TLS/RTP/SAVPF 96",
            "c=IN IP6 2001:db8::4",
            "",
        ]
    )

    told = description(sdp)

    for address in ("192.168", "192.0.2", "2001:db8"):
        assert address not in told
    assert "a=" + RELAY_TOLD in told
    for line in ("a=ice-ufrag:aB", "a=fingerprint:sha-256 AA:BB", "o=- 46117 2 IN IP4 127.0.0.1"):
        assert line + "\r\n" in told
    assert told.endswith("\r\n")
    assert description(told) == told


SIGNALS: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
    ("a greeting", {"hello": "ask", "instance": "1"}, {"hello": "ask", "instance": "1"}),
    ("a host candidate", {"candidate": {"candidate": LINES[3][1], "sdpMid": "0"}}, None),
    (
        "a relay candidate, and nothing beside it",
        {"candidate": {"candidate": RELAY, "sdpMid": "0", "address": "192.0.2.77"}},
        {"candidate": {"candidate": RELAY_TOLD, "sdpMid": "0"}},
    ),
    ("no more to come", {"candidate": None}, {"candidate": None}),
    ("no more to come, in words", {"candidate": {"candidate": ""}}, {"candidate": {"candidate": ""}}),
]


@pytest.mark.parametrize(("given", "told"), [row[1:] for row in SIGNALS], ids=[row[0] for row in SIGNALS])
def test_signals(given: dict[str, Any], told: dict[str, Any] | None) -> None:
    assert told == signal(given)


@pytest.mark.parametrize(
    "given",
    [
        {"candidate": "candidate:2 1 udp 1 192.168.1.4 51000 typ host"},
        {"candidate": {"candidate": 7}},
        {"candidate": {"candidate": "x" * 1001}},
        {"description": "v=0"},
        {"description": {"type": "offer", "sdp": ["c=IN IP4 192.0.2.77"]}},
        {"description": {"type": "offer", "sdp": "v=0", "note": "192.0.2.77"}},
        {"description": {"type": "offer", "sdp": "x" * 60_001}},
    ],
)
def test_what_nobody_could_read_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        signal(given)
