"""
One browser's connection: what it sends, what it is shown, and the feedback both ways.

A session survives a new offer of the same browser (more places, another path); an offer with another certificate is
another session. Times are seconds of the process's monotonic clock.

Source: RFC 8834 (RTP for WebRTC); RFC 5761 (RTCP beside RTP); RFC 3550, section 6.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from telegut import logs
from telegut.rooms.media import answering, rtcp, rtp
from telegut.rooms.media.aiortc_private import LONGEST_PACKET, Buffer, Certificate, Handshake, Keys
from telegut.rooms.media.answering import AUDIO_LEVEL, MID, REPAIRED_RID, RID, SEND_TIME, TRANSPORT_WIDE, Ours, Source
from telegut.rooms.media.arrivals import Arrivals
from telegut.rooms.media.carried import ESTIMATE_GOOD_S, Carried
from telegut.rooms.media.egress import Egress
from telegut.rooms.media.ice_lite import Address, Path
from telegut.rooms.media.inbound import MOST_WAITING, Inbound
from telegut.rooms.media.known import Known
from telegut.rooms.media.outbound import Outbound
from telegut.rooms.media.place import Place
from telegut.rooms.media.quality import Way
from telegut.rooms.media.sdp import Codec, NotUnderstood, Offer, Section
from telegut.rooms.media.track import QUIET, Kind, Track

log = logs.get("media")


@dataclass(frozen=True, slots=True)
class Layout:
    """What m-lines are for. sends: kind by mid; shows: for each person (or screen) that can be shown, mid by kind."""

    sends: Mapping[str, Kind]
    shows: Sequence[Mapping[Kind, str]]


SendTo = Callable[[bytes | memoryview, Address], None]
NOT_IN_SIMULCAST: Final = ""
SHORTEST_S: Final = 0.1
"""What is counted as one second, at least: bits of a moment are no rate."""
_read_header, _read_word = rtp.EXTENDED.unpack_from, rtp.WORD.unpack_from


class Session:
    """A seat's connection. *changed* is called when it has a new track, or its transport came up or ended."""

    def __init__(
        self, seat: str, certificate: Certificate, send: SendTo, egress: Egress, changed: Callable[[], None]
    ) -> None:
        self.seat = seat
        self.path = Path()
        self.tracks: dict[str, Track] = {}
        self.places: dict[str, Outbound] = {}
        self.seats: list[dict[Kind, str]] = []
        """The places, by whom they are shown together: one person's sound and camera, or a screen."""
        self.heard_at = time.monotonic()
        """When anything valid came from this browser last."""
        self.estimate: int | None = None
        """What pictures its path can take, in bits a second, as its browser says (REMB)."""
        self._estimated_at = 0.0
        self.down: rtcp.Block | None = None
        """Its last report about what it is shown."""
        self.carried = Carried(None, 0, 0.0, seconds=0)
        """How its path was in the last second."""
        self._reported: dict[int, rtcp.Block] = {}
        self._counted_at = self.heard_at
        self.upward = Way()
        """How what it sends arrives here."""
        self.downward = Way()
        """How what it is shown arrives there, as it says."""
        self._heard: dict[int, rtcp.Block] = {}
        self._told_at: dict[int, tuple[int, float]] = {}
        self._sent = 0
        self.up = False
        self.over = False
        self.name = secrets.token_hex(8).encode()
        self._certificate = certificate
        self._send = send
        self._egress = egress
        self._changed = changed
        self._handshake = Handshake(certificate, self._send_datagram)
        self._handshake.when_over(self._ended)
        self._shaking: asyncio.Task[None] | None = None
        self._keys: Keys | None = None
        self._offer: Offer | None = None
        self._sections: dict[str, Section] = {}
        self._streams: dict[int, Known] = {}
        self._sources: dict[int, Outbound] = {}
        self._arrivals = Arrivals()
        self._level_ids: dict[str, int] = {}
        self._wide_id = 0
        self._outgoing = Buffer()
        self._own_ssrc = secrets.randbits(31) or 1

    # --- description

    def describe(self, offer: Offer, layout: Layout, addresses: Sequence[Address], *, tcp: bool = False) -> str:
        """
        Answer *offer*; layout: what each of its m-lines is for; addresses: where we are, tcp: by TCP too.

        Raises:
            NotUnderstood: the offer is of another browser, or nothing of it can be used.
        """
        if self._offer is not None and offer.fingerprint != self._offer.fingerprint:
            raise NotUnderstood("This is another connection.")
        if self._offer is not None and offer.name != self._offer.name:
            self.path.restart()
        self._offer = offer
        for section in offer.sections:
            if not answering.refused(section):
                self._take(section, layout.sends.get(section.mid))
        self.seats = [{kind: mid for kind, mid in seat.items() if mid in self.places} for seat in layout.shows]
        self._index()
        ours = Ours(self.path.credentials, self._certificate.fingerprint(), addresses, active=self._active(), tcp=tcp)
        return answering.answer(offer, ours, {mid: self._source(mid) for mid in self.places})

    def _active(self) -> bool:
        return self._offer is not None and self._offer.setup != "active"

    def _take(self, section: Section, kind: Kind | None) -> None:
        self._sections[section.mid] = section
        if section.direction in ("sendonly", "sendrecv") and kind is not None:
            if section.mid not in self.tracks:
                self.tracks[section.mid] = Track(self.seat, kind, section.mid, tuple(section.rids))
        elif section.direction in ("recvonly", "sendrecv") and section.mid not in self.places:
            outbound = Outbound(self._place(section))
            if self._keys is not None:
                outbound.start(self._keys, self._send_datagram, self._egress, self.path)
            self.places[section.mid] = outbound
        if section.direction in ("recvonly", "inactive"):
            self.tracks.pop(section.mid, None)

    @staticmethod
    def _place(section: Section) -> Place:
        codecs = {
            codec.name: (codec.payload_type, codec.retransmission) for codec in reversed(answering.understood(section))
        }
        ssrc = secrets.randbits(31) or 1
        ids = section.extensions
        return Place(section.mid, ssrc, secrets.randbits(31) or 2, codecs, ids.get(MID, 0), ids.get(SEND_TIME, 0))

    def _source(self, mid: str) -> Source:
        place = self.places[mid].place
        return Source(place.ssrc, place.retransmission, f"place-{self._pair(mid)}", self.name.decode())

    def _pair(self, mid: str) -> int:
        """Which of the `seats` *mid* belongs to: sound and picture of one person stay in time with each other."""
        return next((number for number, seat in enumerate(self.seats) if mid in seat.values()), len(self.seats))

    def _index(self) -> None:
        self._sources = {outbound.place.ssrc: outbound for outbound in self.places.values()}
        for section in self._sections.values():
            self._level_ids[section.mid] = section.extensions.get(AUDIO_LEVEL, 0)
            self._wide_id = section.extensions.get(TRANSPORT_WIDE, self._wide_id)
        for known in self._streams.values():
            known.forget()

    # --- transport

    def _send_datagram(self, datagram: bytes | memoryview) -> None:
        if self.path.address is not None:
            self._send(datagram, self.path.address)

    def reached(self) -> None:
        """The browser has shown a way to it: shake hands, the first time."""
        self.heard_at = time.monotonic()
        if self._shaking is None and self._offer is not None:
            self._shaking = asyncio.create_task(self._shake(self._offer), name="media handshake")

    async def _shake(self, offer: Offer) -> None:
        done = await self._handshake.start(offer.fingerprint, server=not self._active(), ready=self._ready)
        if not done:
            self._ended()

    def _ready(self, keys: Keys) -> None:
        self._keys, self.up = keys, True
        for outbound in self.places.values():
            outbound.start(keys, self._send_datagram, self._egress, self.path)
        self._changed()

    def _ended(self) -> None:
        if not self.over:
            self.over = True
            self._changed()

    async def close(self) -> None:
        """Say goodbye, stop what is running."""
        self.over = True
        for stream in self._inbound():
            stream.over()
        self.tracks.clear()
        self._streams.clear()
        for outbound in self.places.values():
            outbound.stop()
        if self._shaking is not None and not self._shaking.done():
            self._shaking.cancel()
        await self._handshake.stop()

    def handshake(self, datagram: bytes) -> None:
        """A DTLS datagram came."""
        self._handshake.take(datagram)

    # --- media in

    def media(self, buffer: Buffer, length: int, now: float) -> bool:
        """An SRTP or SRTCP packet of *length* bytes lies in *buffer*; whether it could be opened."""
        keys = self._keys
        if keys is None or length < rtp.HEADER_BYTES or length > LONGEST_PACKET:
            return False
        view = buffer.view
        if rtp.FIRST_RTCP <= view[1] <= rtp.LAST_RTCP:
            length = keys.unprotect_rtcp(buffer, length)
            if length <= 0:
                return False
            self.heard_at = now
            self._control(bytes(view[:length]), now)
            return True
        length = keys.unprotect(buffer, length)
        if length <= 0:
            return False
        self.heard_at = now
        # What it costs a core to forward is mostly here: of a stream's packets only the first is read part by part.
        first, second, sequence, timestamp, ssrc, extensions = _read_header(view)
        known = self._streams.get(ssrc)
        if known is None or known.first != first or known.extensions != extensions or known.payload > length:
            known = self._read(view, length, known, second & 127)
            if known is None:
                return True
        if view[known.wide - 1] == known.wide_head:
            self._arrivals.seen[_read_word(view, known.wide)[0]] = now
        payload = view[known.payload : length - known.padding].tobytes()
        stream = known.stream
        if known.repeated:
            if len(payload) > 2 and (original := int.from_bytes(payload[:2])) in stream.reception.missing:
                stream.take(original, timestamp, second > 127, payload[2:], now)
        elif stream.take(sequence, timestamp, second > 127, payload, now) and known.is_sound:
            loud = view[known.level] & 127 if view[known.level - 1] == known.level_head else QUIET
            known.track.heard(loud)
        waiting = len(stream.waiting)
        if waiting == 1:
            self._egress.due.append(stream)
        elif waiting == MOST_WAITING:
            stream.hand_on()
        return True

    def _read(self, view: memoryview, length: int, known: Known | None, payload_type: int) -> Known | None:
        """Of which stream this packet is, with where its parts lie; None when it is of none."""
        where = rtp.span(view, length)
        if where is None:
            return None
        if known is None:
            known = self._meet(rtp.LONG.unpack_from(view, 8)[0], payload_type, view, where)
        if known is not None:
            known.learn(view, length, where, self._wide_id, self._level_ids.get(known.track.mid, 0))
        return known

    def _meet(self, ssrc: int, payload_type: int, view: memoryview, where: rtp.Span) -> Known | None:
        """A source that was not heard before: which track and layer it is, by its extensions or the offer."""
        section = self._section_of(ssrc, view, where)
        track = self.tracks.get(section.mid) if section is not None else None
        if section is None or track is None:
            return None
        codec = next((one for one in answering.understood(section) if one.payload_type == payload_type), None)
        repeats = codec is None and any(one.retransmission == payload_type for one in answering.understood(section))
        if codec is None and not repeats:
            return None
        rid = self._text(view, where, section.extensions.get(REPAIRED_RID if repeats else RID, 0)) or NOT_IN_SIMULCAST
        if (rid or section.rids) and rid not in section.rids:
            return None
        if codec is None:
            layer = track.layers.get(rid)
            return self._remember(ssrc, Known(layer, track, repeated=True)) if layer is not None else None
        stream = track.layers[rid] = Inbound(ssrc, *_sound_or_picture(codec), rid, redundant=codec.name == "red")
        known = self._remember(ssrc, Known(stream, track, repeated=False))
        self._changed()
        return known

    def _remember(self, ssrc: int, known: Known) -> Known:
        self._streams[ssrc] = known
        return known

    def _section_of(self, ssrc: int, view: memoryview, where: rtp.Span) -> Section | None:
        for section in self._sections.values():
            mid = self._text(view, where, section.extensions.get(MID, 0))
            if mid:
                return self._sections.get(mid)
            break
        return next((section for section in self._sections.values() if ssrc in section.ssrcs), None)

    @staticmethod
    def _text(view: memoryview, where: rtp.Span, wanted: int) -> str:
        found = rtp.extension(view, where, wanted) if wanted else None
        return bytes(view[found[0] : found[0] + found[1]]).decode("ascii", "replace") if found is not None else ""

    # --- feedback

    def _control(self, packet: bytes, now: float) -> None:
        for said in rtcp.read(packet):
            match said:
                case rtcp.SenderReport(ssrc=ssrc, ntp=ntp, timestamp=timestamp):
                    if (known := self._streams.get(ssrc)) is not None:
                        known.stream.report = (ntp, timestamp)
                        known.stream.reception.heard_report(ntp, now)
                case rtcp.Nack(ssrc=ssrc, missing=missing):
                    if (outbound := self._sources.get(ssrc)) is not None:
                        outbound.repeat(missing, now)
                case rtcp.KeyFrame(ssrc=ssrc):
                    if (outbound := self._sources.get(ssrc)) is not None and outbound.wanted is not None:
                        outbound.wanted.want_key()
                case rtcp.Estimate(bitrate=bitrate):
                    self.estimate, self._estimated_at = bitrate, now
                case rtcp.Block(ssrc=ssrc) if ssrc in self._sources:
                    self.down = self._heard[ssrc] = said
                    self.downward = Way(
                        sum(block.fraction for block in self._heard.values()) / (256 * len(self._heard)),
                        self._round_trip(said, now),
                    )

    def _round_trip(self, said: rtcp.Block, now: float) -> float | None:
        """There and back in seconds (RFC 3550, section 6.4.1), from our own clock: the report's is the sender's."""
        report, at = self._told_at.get(said.ssrc, (0, 0.0))
        if not report or report != said.last_sr:
            return self.downward.round_trip
        return max(0.0, now - at - said.since_sr / 65536)

    def ask(self, now: float) -> None:
        """Ask the browser for what is missing, and for the key frames that somebody needs."""
        for track in self.tracks.values():
            for stream in track.layers.values():
                reception = stream.reception
                if reception.missing and (wanted := reception.ask(now)):
                    self._tell(rtcp.nack(self._own_ssrc, stream.ssrc, wanted))
                if (stream.key_wanted or reception.outage) and stream.key_due(now):
                    self._tell(rtcp.key_frame(self._own_ssrc, stream.ssrc))

    def tell_arrivals(self) -> None:
        """Tell the browser when its packets came."""
        if (stream := next(iter(self._inbound()), None)) is not None:
            feedback = self._arrivals.feedback(self._own_ssrc, stream.ssrc)
            if feedback is not None:
                self._tell(feedback)

    def report(self, now: float) -> None:
        """Once a second: how its streams arrive, and the instants of what it is shown."""
        self._count(now)
        blocks = [stream.reception.block(stream.ssrc, now) for stream in self._inbound()]
        lost = sum(block.fraction for block in blocks) / (256 * len(blocks)) if blocks else 0.0
        self.upward = Way(lost, self.downward.round_trip)
        self._heard.clear()
        if blocks:
            self._tell(rtcp.receiver_report(self._own_ssrc, blocks, self.name))
        for outbound in self.places.values():
            outbound.insist()
            if (said := outbound.report()) is not None:
                self._told_at[said.ssrc] = said.ntp >> 16 & 0xFFFFFFFF, now
                self._tell(rtcp.sender_report(said, self.name))

    def _count(self, now: float) -> None:
        took = max(now - self._counted_at, SHORTEST_S)  # a process that is held up is late with its seconds
        self._counted_at = now
        for stream in self._inbound():
            stream.count(took)
        pictures = 8 * sum(outbound.octets for outbound in self.places.values() if not outbound.place.is_sound)
        said = self.estimate if now - self._estimated_at <= ESTIMATE_GOOD_S else None
        sent, self._sent = int((pictures - self._sent) / took), pictures
        self.carried = self.carried.then(said, sent, self._loss(), self.downward.round_trip)

    def _loss(self) -> float | None:
        """The part of all that was sent, over all places, that was lost since this was asked last."""
        lost = expected = 0
        for ssrc, block in self._heard.items():
            before = self._reported.get(ssrc, block)
            lost += max(0, block.lost - before.lost)
            expected += max(0, block.highest - before.highest)
            self._reported[ssrc] = block
        return min(1.0, lost / expected) if expected else None

    def _inbound(self) -> Iterable[Inbound]:
        return (layer for track in self.tracks.values() for layer in track.layers.values())

    def _tell(self, packet: bytes) -> None:
        if self._keys is None:
            return
        self._outgoing.view[: len(packet)] = packet
        length = self._keys.protect_rtcp(self._outgoing, len(packet))
        if length > 0:
            self._send_datagram(self._outgoing.view[:length])


def _sound_or_picture(codec: Codec) -> tuple[str, int]:
    """Name and clock of what is inside: RED carries Opus."""
    return "opus" if codec.name == "red" else codec.name, codec.clock
