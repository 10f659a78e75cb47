"""Who beats time, and by what: the MIDI clock that goes out, where one is wanted.

How this works:

- Where somebody else's clock comes in, it goes out as it came, tick by tick. While ours runs, ticks that come
  in are ours that came back, or those of somebody who follows us; so is a start that comes soon after ours.
  Any other start takes over.
- Where none comes, bars that are traded have their own beat. Else it is the beat of what is played, looked
  for (by whoever `find` is, on a thread of its own) while a phrase grows, and once more as it is handed over;
  the answer keeps it.
- It starts with the first beat that is clear, and bends to each one after it. It stops when nobody has played
  for two bars, and where everything is silenced or put away.

Knows the performer's state and rules. Must not know ports, threads or the time but by arguments.
"""

from collections.abc import Callable

from music.manner.pulse import Beat
from realtime.engine.conducting.beats import GO_ON, LONGEST_TICK_S, SONG_POSITION, START, STOP, TICK
from realtime.engine.conducting.looking import BeatFound, BeatLooks, Onsets, on_the_level_of
from realtime.engine.conducting.ticks import Ticks
from realtime.knobs import Mode
from realtime.performer.phases import Phase
from realtime.performer.rules import Rules
from realtime.performer.state import State

CLOCK = frozenset((SONG_POSITION, TICK, START, GO_ON, STOP))
ANSWERED_WITHIN_S = 0.5  # whoever follows our start has started by then
SAME_MOMENT_S = 0.001
REST_BARS = 2  # of nobody's playing, and it stops


class Conductor:
    """Decides what of a clock goes out.

    `find` gets onsets, and returns at once; what it finds comes back by `found`.
    """

    def __init__(self, find: Callable[[Onsets], None]) -> None:
        self._looks = BeatLooks(find)
        self._ticks = Ticks()
        self._beat: Beat | None = None  # that the ticks go by
        self._started_at = -ANSWERED_WITHIN_S
        self._stops_at: float | None = None  # if nobody plays until then
        self._others_tick_at = -LONGEST_TICK_S  # when a clock that we follow last ticked
        self._is_led = False  # by that clock, and until a phrase begins without it
        self._followers: set[int] = set()  # inputs on which our own clock comes back
        self._phase = Phase.WAITING

    @property
    def at(self) -> float | None:
        """When there is something to send, or to stop; None while nothing runs."""
        tick_at = self._ticks.at
        if tick_at is None or self._stops_at is None:
            return tick_at
        return min(tick_at, self._stops_at)

    @property
    def tempo(self) -> float | None:
        """Beats a minute of our own clock, while it runs."""
        return None if self._ticks.at is None or self._beat is None else 60 / self._beat.length_s

    def is_ours(self, message: bytes, at: float, source: int) -> bool:
        """Whether a clock's message comes of our own clock, and leads nobody; any other clock leads us."""
        kind = message[0]
        if kind in (START, GO_ON):
            if at - self._started_at < ANSWERED_WITHIN_S:
                self._followers.add(source)
                return True
            self._followers.discard(source)
            self._ticks.give_up()
        elif kind == TICK and self._ticks.at is not None:
            self._followers.add(source)
        if source in self._followers:
            return True
        if kind == TICK:
            self._others_tick_at = at
            self._is_led = True
        return False

    def due(self, now: float) -> list[bytes]:
        """What is to be sent by now."""
        if self._stops_at is not None and now >= self._stops_at:
            return self.stop()
        return self._ticks.due(now)

    def stop(self) -> list[bytes]:
        """Stop our own clock, wherever it is; what says so."""
        return self._ticks.stop()

    def look(self, state: State, rules: Rules) -> list[bytes]:
        """What is to be sent at once, after something has happened."""
        before, self._phase = self._phase, state.phase
        if state.phase is Phase.WAITING:
            if self._stops_at is None:
                self._stops_at = state.now + self._rest_s(rules)
            return []
        self._stops_at = None
        if before is Phase.WAITING and state.now - self._others_tick_at > LONGEST_TICK_S:
            self._is_led = False
        if self._is_led:
            return []
        if rules.mode is Mode.BARS:
            return self._beat_bars(state, rules)
        self._looks.look(state, is_handed_over=(before, state.phase) == (Phase.CALLING, Phase.ASKING))
        return []

    def found(self, found: BeatFound, rules: Rules) -> list[bytes]:
        """The beat of what is played: it is gone over to, or begun with."""
        beat = found.beat
        if beat is None or self._is_led:
            return []
        if self._phase is Phase.WAITING or rules.mode is Mode.BARS:
            return []
        levelled = on_the_level_of(rules.beat_s, beat)
        if self._ticks.at is None:
            return self._begin(levelled, found.at)
        self._beat = levelled
        self._ticks.bend(levelled, min(beat.length_s, levelled.length_s))
        return []

    def _rest_s(self, rules: Rules) -> float:
        beat_s = rules.beat_s if self._beat is None else self._beat.length_s
        return REST_BARS * rules.beats_in_a_bar * beat_s

    def _begin(self, beat: Beat, now: float, beats_apart: int = 1) -> list[bytes]:
        self._beat, self._started_at = beat, now
        return [*self._ticks.stop(), *self._ticks.begin(beat, now, beats_apart)]

    def _beat_bars(self, state: State, rules: Rules) -> list[bytes]:
        """The bars that are traded: where they begin at another moment, so does the clock."""
        if state.spell_ends_at is None:
            return []
        beat, before = Beat(rules.beat_s, state.spell_ends_at, 1.0), self._beat
        if self._ticks.at is None or before is None:
            return self._begin(beat, state.now, rules.beats_in_a_bar)
        if beat.length_s != before.length_s:
            self._beat = beat
            self._ticks.bend(beat, beat.length_s)
            return []
        beats = (beat.at - before.at) / beat.length_s
        if abs(beats - round(beats)) * beat.length_s < SAME_MOMENT_S:
            return []
        return self._begin(beat, state.now, rules.beats_in_a_bar)
