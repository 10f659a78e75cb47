"""Somebody else's clock, heard: the tempo, where the bar lines fall, and whether it runs.

MIDI counts 24 ticks to a beat, and says start, go on, stop, and where in the song (in sixteenths). Knows
bytes and moments. Must not know ports, turns or what is done about it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

SONG_POSITION, TICK, START, GO_ON, STOP = 0xF2, 0xF8, 0xFA, 0xFB, 0xFC
TICKS_A_BEAT, TICKS_A_SIXTEENTH = 24, 6
LONGEST_TICK_S = 60 / 20 / TICKS_A_BEAT * 1.5  # slower than 20 beats a minute it is no clock any more
GONE_AFTER_S = 2.0  # without a tick: a cable that was pulled, and no hitch of a busy machine
NEWS_FROM = 0.3  # beats a minute: smaller changes are the link's unrest
# JACK hands out what has come once in a period: ticks are late by up to 11 ms, or 21, each by another part.
# A line through one beat of them is some 0.8 beats a minute off, as long as they lie on it, through four 0.2.
MOST_BEATS = 4
SAME_S = 1e-5  # of rounding
# A beat of ticks that lies apart from the line through all of them by so much of their unrest is of another
# tempo; by less, if it is a leap.
IS_ANOTHER, IS_A_LEAP, LEAP = 0.9, 0.5, 0.05


@dataclass(frozen=True, slots=True)
class Beats:
    """What a clock says by now."""

    tempo: float | None = None  # beats a minute; None until a beat has passed
    bar_line: float | None = None  # the moment of the newest; None while nobody has said start
    is_stopped: bool = False  # stop was said just now
    is_gone: bool = False  # its ticks have ceased, and nobody said stop


@dataclass
class ClockEar:
    """Hears one clock; what else comes in is not for it."""

    beats_in_a_bar: int = 4
    _ticks: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_BEATS * TICKS_A_BEAT + 1))
    _place: int | None = None  # ticks since the song's beginning, of the tick to come; None: it doesn't run
    _waits_at: int = 0  # where it goes on from
    _of_two: int = 0  # how many more ticks until a beat of them has nothing of the tempo before in it
    _tempo: float | None = None
    _bar_line: float | None = None
    _is_expected: bool = False  # whether more ticks must come: until stop is said

    @property
    def gone_at(self) -> float | None:
        """When it is gone unless another tick comes; None while none is expected."""
        return self._ticks[-1] + GONE_AFTER_S if self._is_expected and self._ticks else None

    def gone_by(self, now: float) -> Beats | None:
        """That the clock is gone, once, if its ticks have ceased."""
        gone_at = self.gone_at
        if gone_at is None or now < gone_at:
            return None
        tempo, self._tempo, self._is_expected = self._tempo, None, False
        self._ticks.clear()
        self._place, self._bar_line = None, None
        return Beats(tempo, None, is_gone=True)

    def hear(self, message: bytes, at: float) -> Beats | None:
        """What is new by this message; None for most."""
        if not message:
            return None
        kind = message[0]
        if kind == TICK:
            return self._tick(at)
        if kind == SONG_POSITION and len(message) == 3:
            self._waits_at = TICKS_A_SIXTEENTH * (message[1] | message[2] << 7)
        elif kind == START:
            self._place, self._waits_at = 0, 0
        elif kind == GO_ON:
            self._place = self._waits_at
        elif kind == STOP:
            return self._stop()
        return None

    def _stop(self) -> Beats | None:
        self._is_expected = False  # many clocks tick on, and some don't
        self._ticks.clear()
        if self._place is not None:
            self._waits_at, self._place, self._bar_line = self._place, None, None
            return Beats(self._tempo, None, is_stopped=True)
        return None

    def _tick(self, at: float) -> Beats | None:
        if self._ticks and not 0 <= at - self._ticks[-1] <= LONGEST_TICK_S:
            self._ticks.clear()  # it paused: what was before tells nothing of now
        self._ticks.append(at)
        self._is_expected |= self._place is not None or len(self._ticks) > TICKS_A_BEAT
        has_news = self._takes_tempo()
        if self._place is not None:
            if self._place % (TICKS_A_BEAT * self.beats_in_a_bar) == 0:
                self._bar_line = at
                has_news = True
            self._place += 1
        return Beats(self._tempo, self._bar_line) if has_news else None

    def _takes_tempo(self) -> bool:
        if len(self._ticks) <= TICKS_A_BEAT:
            return False
        tempo = 60 / (TICKS_A_BEAT * max(self._tick_s(), 1e-4))
        if self._tempo is not None and abs(tempo - self._tempo) < NEWS_FROM:
            return False
        self._tempo = tempo
        return True

    def _tick_s(self) -> float:
        """How long a tick lasts; what was before another tempo began is forgotten."""
        ticks = list(self._ticks)
        tick_s, unrest_s = _line_through(ticks)
        newest_s, _ = _line_through(ticks[-TICKS_A_BEAT - 1 :])
        apart_s = abs(newest_s - tick_s)
        allowed_s = unrest_s * (IS_A_LEAP if apart_s > LEAP * newest_s else IS_ANOTHER)
        self._of_two -= 1
        if TICKS_A_BEAT * apart_s > allowed_s + SAME_S:
            self._of_two = TICKS_A_BEAT
        elif self._of_two != 0:
            return tick_s
        self._ticks = deque(ticks[-TICKS_A_BEAT - 1 :], self._ticks.maxlen)
        return newest_s


def _line_through(moments: Sequence[float]) -> tuple[float, float]:
    """How far apart evenly spaced moments lie that fit these best, and how far these lie from them, the one
    that is latest and the one that is earliest together."""
    middle = (len(moments) - 1) / 2
    mean = sum(moments) / len(moments)
    spread = (len(moments) ** 3 - len(moments)) / 12
    apart = sum((place - middle) * (at - mean) for place, at in enumerate(moments)) / spread
    off = [at - mean - (place - middle) * apart for place, at in enumerate(moments)]
    return apart, max(off) - min(off)
