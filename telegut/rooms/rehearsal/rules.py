"""What a check before a visit means for the visit. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Way(StrEnum):
    """How packets of the check got through: straight, by our relay, by either over TCP, or not at all."""

    DIRECT = "direct"
    RELAY = "relay"
    TCP = "tcp"
    NONE = "none"


class Grade(StrEnum):
    """What is to be expected of the visit; who did not check at all is *unknown*, which is not stored."""

    READY = "ready"
    RISKY = "risky"


class Trouble(StrEnum):
    """What stands in the way, the gravest first. Never a device's name, and never an address."""

    NO_WAY = "no_way"
    MICROPHONE = "microphone"
    LOSS = "loss"
    DELAY = "delay"
    TCP = "tcp"
    RELAY = "relay"
    CAMERA = "camera"


LOSS: Final = 0.05
"""Share of packets; above it repeats and doubled sound hide less and less."""
DELAY_S: Final = 0.4
"""Round trip; ITU-T G.114 calls 400 ms one way the end of a conversation, and another network comes on top."""


@dataclass(frozen=True, slots=True)
class Found:
    """
    What a browser found. relay: whether our relay was reached, None where there is none. loss: share of packets, 0 to
    1. round_trip_s: to the forwarder and back; None when nothing came back.
    """

    camera: bool
    microphone: bool
    way: Way
    relay: bool | None
    loss: float
    round_trip_s: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A grade, and why it is not better."""

    grade: Grade
    troubles: tuple[Trouble, ...]


def verdict(found: Found) -> Verdict:
    """What *found* means. Whoever can be reached and heard without a detour that hurts is ready."""
    holds = {
        Trouble.NO_WAY: found.way is Way.NONE,
        Trouble.MICROPHONE: not found.microphone,
        Trouble.LOSS: found.loss > LOSS,
        Trouble.DELAY: found.round_trip_s is not None and found.round_trip_s > DELAY_S,
        Trouble.TCP: found.way is Way.TCP,
        Trouble.RELAY: found.relay is False and found.way is not Way.NONE,
        Trouble.CAMERA: not found.camera,
    }
    troubles = tuple(one for one in Trouble if holds[one])
    return Verdict(Grade.RISKY if troubles else Grade.READY, troubles)
