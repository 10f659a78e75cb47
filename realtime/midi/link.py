"""An Ableton Link session, heard as a MIDI clock: ticks while anybody else is in it, a start at a bar line.

It follows, and sets no tempo. The only file that imports Link. Must not know what is done about a clock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event as Flag
from threading import Thread
from typing import Any, Protocol

from realtime.midi.ports import PortError

TICK, START = b"\xf8", b"\xfa"
TICKS_A_BEAT = 24
LOOK_EVERY_S = 0.25  # while nobody else is in the session
SHORTEST_WAIT_S = 0.001
MOST_AT_ONCE = 3  # ticks: where more were missed, the session went on without us, or was begun anew
BEGUN_AT = 120.0  # beats a minute, until somebody else says


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session is: beats since some bar line, and beats a minute."""

    beat: float
    tempo: float


class Session(Protocol):
    """A Link session."""

    def place(self, beats_in_a_bar: int) -> Place | None:
        """Where it is now; None while nobody else is in it."""
        ...

    def leave(self) -> None:
        """Be in it no more."""
        ...


class LinkTicks:
    """What a MIDI clock would have sent by now."""

    def __init__(self, beats_in_a_bar: int) -> None:
        self._ticks_a_bar = TICKS_A_BEAT * beats_in_a_bar
        self._last: int | None = None  # tick, of those since the session's bar line
        self._runs = False

    def due(self, place: Place | None) -> list[bytes]:
        """The messages, in order, since it was asked last."""
        if place is None:
            self._last, self._runs = None, False
            return []
        now = int(place.beat * TICKS_A_BEAT // 1)
        last, self._last = self._last, now
        if last is None or not 0 <= now - last <= MOST_AT_ONCE:
            self._runs = False  # where its bars are is said again at the next one
            return []
        messages: list[bytes] = []
        for tick in range(last + 1, now + 1):
            if not self._runs and tick % self._ticks_a_bar == 0:
                messages.append(START)
                self._runs = True
            messages.append(TICK)
        return messages


class LinkClock:
    """Sends the ticks to `receive`, on a thread."""

    def __init__(self, session: Session, beats_in_a_bar: int, receive: Callable[[bytes], None]) -> None:
        self._session, self._beats_in_a_bar, self._receive = session, beats_in_a_bar, receive
        self._closing = Flag()
        self._thread = Thread(target=self._work, name="link", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave the session."""
        self._closing.set()
        self._thread.join()
        self._session.leave()

    def _work(self) -> None:
        ticks, wait_s = LinkTicks(self._beats_in_a_bar), 0.0
        while not self._closing.wait(wait_s):
            place = self._session.place(self._beats_in_a_bar)
            for message in ticks.due(place):
                self._receive(message)
            wait_s = LOOK_EVERY_S if place is None else _until_next_s(place)


def _until_next_s(place: Place) -> float:
    left = 1 - place.beat * TICKS_A_BEAT % 1
    return max(left * 60 / (place.tempo * TICKS_A_BEAT), SHORTEST_WAIT_S)


def open_session() -> Session:
    """Be in the session of this network; `PortError` says what is missing."""
    try:
        from link import Link
    except ImportError as reason:
        raise PortError(f"--link needs Ableton Link: pip install 'antiphon[link]' ({reason})") from None
    return _Joined(Link(BEGUN_AT))


class _Joined:
    """The session, as the library has it."""

    def __init__(self, link: Any) -> None:
        self._link, self._clock = link, link.clock()
        link.enabled = True

    def place(self, beats_in_a_bar: int) -> Place | None:
        """Where it is now; None while nobody else is in it."""
        if not self._link.numPeers():
            return None
        state = self._link.captureAppSessionState()
        beat = state.beatAtTime(self._clock.micros(), float(beats_in_a_bar))
        return Place(beat, state.tempo())

    def leave(self) -> None:
        """Be in it no more."""
        self._link.enabled = False
