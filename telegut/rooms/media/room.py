"""
A room of the forwarder: who is in it, and who is shown what where.

Somebody who is shown keeps their place for as long as they are there, so that no picture jumps when others come and go.
Times are seconds of the process's monotonic clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from telegut.rooms.media import budget
from telegut.rooms.media.budget import Patience, Wish
from telegut.rooms.media.outbound import Outbound
from telegut.rooms.media.quality import Words
from telegut.rooms.media.session import Session
from telegut.rooms.media.track import Kind, Track

LOUDEST: Final = 3
"""In a room of more than four, the voices that are forwarded."""
SPEAKS: Final = 0.25
"""The smoothed loudness from which somebody counts as speaking."""
TURN_S: Final = 1.5
"""Somebody is the speaker for at least so long, so that a page does not flicker."""
HANDED_OVER_S: Final = 1.0
"""Another screen takes the place of one that has sent nothing for so long while it did."""

Shown = dict[str, dict[Kind, str]]
Told = Callable[[str, dict[str, Any]], None]


@dataclass(slots=True)
class _View:
    """
    What one person looks at: *hidden* and *small* as their page said, *given* by the budget. lacking: how many more
    people there are than places. short: a picture that is looked at is not sent, for want of room.
    """

    hidden: frozenset[str] = frozenset()
    small: frozenset[str] = frozenset()
    given: dict[str, int] = field(default_factory=dict)
    patience: Patience = field(default_factory=lambda: Patience(0.0))
    shown: Shown = field(default_factory=dict)
    lacking: int = 0
    met: set[str] = field(default_factory=set)
    short: bool = False
    quality: Words = field(default_factory=Words)
    told: set[str] = field(default_factory=set)


class Room:
    """Everybody in one call. *told* is given ``(seat, event)``: what a seat's page must know."""

    def __init__(self, name: str, told: Told) -> None:
        self.name = name
        self.sessions: dict[str, Session] = {}
        self.speaker: str | None = None
        self._screen: str | None = None
        self._spoke_at = 0.0
        self._views: dict[str, _View] = {}
        self._told = told

    def enter(self, session: Session) -> Session | None:
        """*session* takes its seat; who had it before, if anybody."""
        before = self.sessions.get(session.seat)
        self.sessions[session.seat] = session
        if before is not session:
            self._views[session.seat] = _View()
            for view in self._views.values():
                view.told.discard(session.seat)
        return before

    def leave(self, session: Session) -> None:
        """*session* is gone; its places with the others become free."""
        if self.sessions.get(session.seat) is session:
            del self.sessions[session.seat]
            del self._views[session.seat]
            for outbound in session.places.values():
                outbound.show(None)
            self.arrange()

    def look(self, seat: str, hidden: frozenset[str], small: frozenset[str]) -> None:
        """What *seat*'s page does not show at all, and what only small; keys are ``SEAT/KIND``."""
        if (view := self._views.get(seat)) is not None:
            view.hidden, view.small = hidden, small

    # --- who is where

    def arrange(self) -> None:
        """Give everybody's tracks their places with everybody else, and tell whose pages must know."""
        self._screen = self._newest_screen()
        for session in self.sessions.values():
            view = self._views[session.seat]
            shown = self._places(session, view.shown)
            lacking = self._lacking(session, shown)
            if (shown, lacking) != (view.shown, view.lacking):
                view.shown, view.lacking = shown, lacking
                self._told(session.seat, {"type": "places", "places": shown, "more": lacking})

    def _others(self, session: Session) -> list[tuple[str, Kind, Track]]:
        return [
            (other.seat, track.kind, track)
            for other in self.sessions.values()
            if other is not session
            for track in other.tracks.values()
            if track.layers
        ]

    def _newest_screen(self) -> str | None:
        """Whose screen is shown: there is one at a time, and what is sent last counts."""
        sent = {
            seat: max(layer.last_at for layer in track.layers.values())
            for seat, session in self.sessions.items()
            for track in session.tracks.values()
            if track.kind == "screen" and track.layers
        }
        newest = max(sent, key=sent.__getitem__, default=None)
        if newest is not None and self._screen in sent and sent[newest] - sent[self._screen] < HANDED_OVER_S:
            return self._screen
        return newest

    def _groups(self, session: Session) -> dict[str, dict[Kind, Track]]:
        """What is to be shown together: a person's sound and camera; a screen by itself."""
        groups: dict[str, dict[Kind, Track]] = {}
        for seat, kind, track in self._others(session):
            if kind == "screen" and seat != self._screen:
                continue
            groups.setdefault(f"{seat}/screen" if kind == "screen" else seat, {})[kind] = track
        return groups

    def _places(self, session: Session, before: Shown) -> Shown:
        groups = self._groups(session)
        shown = {key: places for key, places in before.items() if key in groups and places in session.seats}
        free = [seat for seat in session.seats if seat not in shown.values()]
        for key in groups:
            fitting = next((seat for seat in free if ("screen" in seat) == key.endswith("/screen")), None)
            if key not in shown and fitting is not None:
                free.remove(fitting)
                shown[key] = fitting
        for seat in free:
            for mid in seat.values():
                session.places[mid].show(None)
        return shown

    def _lacking(self, session: Session, shown: Shown) -> int:
        """How many more people there are than places. For a screen every page has one, or does not show screens."""
        return sum(1 for key in self._groups(session) if key not in shown and not key.endswith("/screen"))

    # --- what is sent

    def adapt(self, now: float) -> None:
        """For each person: which layers their path carries, which voices are forwarded."""
        self._listen(now)
        if self._newest_screen() != self._screen:
            self.arrange()
        for session in self.sessions.values():
            self._adapt(session, self._views[session.seat], now)

    def _listen(self, now: float) -> None:
        voices = [
            track for session in self.sessions.values() for track in session.tracks.values() if track.kind == "audio"
        ]
        loudest = max(voices, key=lambda track: track.loudness, default=None)
        speaker = self.speaker if self.speaker in self.sessions else None
        if loudest is not None and loudest.loudness > SPEAKS and now - self._spoke_at >= TURN_S:
            speaker = loudest.seat
        if speaker != self.speaker:
            self.speaker, self._spoke_at = speaker, now
            for seat in self.sessions:
                self._told(seat, {"type": "speaker", "seat": speaker})

    def _adapt(self, session: Session, view: _View, now: float) -> None:
        groups = self._groups(session)
        voices = self._voices(groups)
        wishes: list[Wish] = []
        for key in view.shown:
            for kind, track in groups.get(key, {}).items():
                if kind != "audio":
                    wishes.append(self._wish(track, view, now))
        self._share(session, view, wishes, now)
        for key, places in view.shown.items():
            for kind, track in groups.get(key, {}).items():
                if kind in places:
                    self._send(session.places[places[kind]], track, view, voices, now)

    def _voices(self, groups: dict[str, dict[Kind, Track]]) -> list[Track]:
        voices = [kinds["audio"] for kinds in groups.values() if "audio" in kinds]
        if len(self.sessions) <= 4:
            return voices
        return sorted(voices, key=lambda track: track.loudness, reverse=True)[:LOUDEST]

    def _wish(self, track: Track, view: _View, now: float) -> Wish:
        key = f"{track.seat}/{track.kind}"
        layers = track.alive(now)
        rates = () if key in view.hidden else tuple(max(layer.rate, 1) for layer in layers)
        importance: budget.Importance = "screen" if track.kind == "screen" else "other"
        if track.kind == "camera" and track.seat == self.speaker:
            importance = "speaker"
        return Wish(key, importance, rates, 0 if key in view.small else len(rates) - 1)

    @staticmethod
    def _share(session: Session, view: _View, wishes: list[Wish], now: float) -> None:
        new = {wish.key: 0 for wish in budget.in_order(wishes) if wish.key not in view.met}
        view.met = {wish.key for wish in wishes if wish.rates}  # who was hidden, or away, begins at once again
        path = view.patience.believes(session.carried, now)
        before = {**new, **view.given}
        view.given = budget.within(path, wishes, before)
        view.patience = view.patience.after(path, now)
        if any(layer < before[key] for key, layer in view.given.items()):
            view.patience = view.patience.lowered(now)
        view.short = bool(budget.missing(wishes, view.given))
        due = view.patience.due(now, missing=view.short, alone=not view.given)
        if due and (more := budget.step_up(wishes, view.given)) is not None:
            view.given = more
            view.patience = view.patience.steps(now, missing=view.short)

    def _send(self, outbound: Outbound, track: Track, view: _View, voices: list[Track], now: float) -> None:
        if track.kind == "audio":
            outbound.show(next(iter(track.layers.values()), None))
            outbound.sleep(track not in voices)
            return
        index = view.given.get(f"{track.seat}/{track.kind}")
        layers = track.alive(now)
        if index is None or not layers:
            outbound.sleep(True)
            return
        outbound.show(layers[min(index, len(layers) - 1)])
        outbound.sleep(False)

    # --- how it goes

    def quality(self, now: float) -> None:
        """Tell every page how everybody's path is, up and down: once to each, and whenever a word changes."""
        for seat, session in self.sessions.items():
            if not session.up:
                continue
            view = self._views[seat]
            before = view.quality.said
            downward = replace(session.downward, short=view.short)
            view.quality = view.quality.after(session.upward, downward, now - session.heard_at, now)
            up, down = view.quality.said
            if (up, down) != before:
                view.told.clear()
            for other in self.sessions.keys() - view.told:
                self._told(other, {"type": "quality", "seat": seat, "up": up, "down": down})
            view.told = set(self.sessions)
