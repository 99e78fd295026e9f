"""The private names of aiortc and pylibsrtp that the forwarder stands on are there, in the versions that are pinned."""

from __future__ import annotations

import inspect
from importlib.metadata import version

import pytest
from aiortc import rtcdtlstransport
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport, State
from pylibsrtp import Policy, Session
from pylibsrtp._binding import lib

from telegut.rooms.media.aiortc_private import Certificate


def test_the_versions_are_those_that_were_read() -> None:
    assert ("1.16.0", "1.0.0") == (version("aiortc"), version("pylibsrtp"))


@pytest.mark.parametrize("name", ["_set_role", "start", "stop", "on"])
def test_a_dtls_transport_has(name: str) -> None:
    assert callable(getattr(RTCDtlsTransport, name))


def test_a_dtls_transport_says_how_it_is_and_holds_its_srtp() -> None:
    source = inspect.getsource(RTCDtlsTransport)

    assert {"CLOSED", "FAILED", "CONNECTED"} <= {state.name for state in State}
    for name in ("self._state", "self._rx_srtp", "self._tx_srtp", "self.transport._recv()", "self.transport._send("):
        assert name in source
    assert "_create_ssl_context(" in source


def test_the_context_of_a_certificate_is_made_once() -> None:
    assert ["self", "srtp_profiles"] == list(inspect.signature(RTCCertificate._create_ssl_context).parameters)
    made = Certificate().made
    profiles = rtcdtlstransport.SRTP_PROFILES

    assert made._create_ssl_context(srtp_profiles=profiles) is made._create_ssl_context(srtp_profiles=profiles)


@pytest.mark.parametrize("name", ["srtp_protect", "srtp_protect_rtcp", "srtp_unprotect", "srtp_unprotect_rtcp"])
def test_libsrtp_has(name: str) -> None:
    assert callable(getattr(lib, name))


def test_a_session_of_srtp_is_a_pointer() -> None:
    policy = Policy(key=bytes(30), ssrc_type=Policy.SSRC_ANY_OUTBOUND)

    assert Session(policy)._srtp[0]
