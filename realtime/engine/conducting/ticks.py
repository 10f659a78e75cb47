"""The ticks of a MIDI clock that goes out: when each is due, and how they bend to a beat heard anew.

Every tick has its moment on a line that was drawn beforehand, so that a late one makes none of the others
late, and nothing drifts. Knows beats and bytes. Must not know who plays, or why it begins and stops.
"""

from dataclasses import dataclass
from math import ceil

from music.manner.pulse import Beat
from realtime.engine.conducting.beats import START, STOP, TICK, TICKS_A_BEAT

MOST_BENT = 0.2  # of a tick's length: by more, ticks are not hurried or held back
STILL_NOW_S = 0.03  # a beat that has just been is begun on, by its tick coming a little late


@dataclass(frozen=True, slots=True)
class _Line:
    """From a place on, counted in ticks since the start, a tick every so many seconds."""

    place: int
    at: float
    tick_s: float

    def moment(self, place: int) -> float:
        """When the tick of a place is due."""
        return self.at + (place - self.place) * self.tick_s


class Ticks:
    """A clock's ticks, once it is begun; `due` gives them when it is time."""

    def __init__(self) -> None:
        self._place = 0  # of the next tick
        self._line: _Line | None = None  # None: it stands still
        self._then: _Line | None = None  # what the line goes over into, at that line's place

    @property
    def at(self) -> float | None:
        """When the next tick is due; None while it stands still."""
        return None if self._line is None else self._line.moment(self._place)

    def begin(self, beat: Beat, now: float, beats_apart: int = 1) -> list[bytes]:
        """Start with the next beat; of a line of bars, with the next that is so many beats from the last."""
        apart_s = beats_apart * beat.length_s
        first = beat.at + ceil((now - STILL_NOW_S - beat.at) / apart_s) * apart_s
        self._place, self._then = 0, None
        self._line = _Line(0, first, beat.length_s / TICKS_A_BEAT)
        return [bytes((START,))]

    def bend(self, beat: Beat, apart_s: float) -> None:
        """Go over to this beat by the next one, no faster than a listener can follow.

        Any moment that is a multiple of `apart_s` from the beat may be one of ours.
        """
        at = self.at
        if at is None:
            return
        tick_s = beat.length_s / TICKS_A_BEAT
        left = -self._place % TICKS_A_BEAT or TICKS_A_BEAT
        target = beat.at + round((at + left * tick_s - beat.at) / apart_s) * apart_s
        bent_s = min(max((target - at) / left, (1 - MOST_BENT) * tick_s), (1 + MOST_BENT) * tick_s)
        self._line = _Line(self._place, at, bent_s)
        self._then = _Line(self._place + left, self._line.moment(self._place + left), tick_s)

    def due(self, now: float) -> list[bytes]:
        """The ticks that are due by now: all of them, as whoever follows counts them.

        After a pause of more than a beat they are not made up for.
        """
        ticks = 0
        while self._line is not None and (at := self._line.moment(self._place)) <= now:
            if now - at > TICKS_A_BEAT * self._line.tick_s:
                self._line, self._then = _Line(self._place, now, self._line.tick_s), None
            ticks += 1
            self._place += 1
            if self._then is not None and self._place == self._then.place:
                self._line, self._then = self._then, None
        return ticks * [bytes((TICK,))]

    def stop(self) -> list[bytes]:
        """Stand still; what says so, if it wasn't already."""
        was_running, self._line, self._then = self._line is not None, None, None
        return [bytes((STOP,))] if was_running else []

    def give_up(self) -> None:
        """Stand still without a word: somebody else beats time from here on."""
        self._line = self._then = None
