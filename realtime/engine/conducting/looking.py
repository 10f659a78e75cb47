"""When the beat of what is played is looked for: every second while a phrase grows.

Knows the performer's state. Must not know how a beat is found, nor what it is for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log2

from music.manner.pulse import FEWEST_ONSETS, LONGEST_BEAT_S, SHORTEST_BEAT_S, Beat
from music.notes import KeyEvent, NoteOn
from realtime.knobs import Mode
from realtime.performer.phases import Phase
from realtime.performer.rules import Rules
from realtime.performer.state import State

LOOKED_AT_S, LOOK_EVERY_S = 8.0, 1.0  # of the playing, its beat is looked for in so much, so often

Onsets = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BeatFound:
    """The beat of what is being played was looked for; None where there is no clear one."""

    at: float
    beat: Beat | None


class BeatLooks:
    """Asks for the beat of a phrase as it grows: `find` gets onsets, and returns at once."""

    def __init__(self, find: Callable[[Onsets], None]) -> None:
        self._find = find
        self._call: Sequence[KeyEvent] = ()
        self._looked_at = -LOOK_EVERY_S

    def look(self, state: State, *, is_handed_over: bool = False) -> None:
        """Every second while a phrase grows, and when it is handed over."""
        call = state.request.call if is_handed_over and state.request is not None else state.call
        if not is_handed_over and (call is self._call or state.now - self._looked_at < LOOK_EVERY_S):
            return
        self._call = call
        since = state.now - LOOKED_AT_S
        onsets = tuple(event.at for event in call if isinstance(event, NoteOn) and event.at >= since)
        if len(onsets) >= FEWEST_ONSETS:
            self._looked_at = state.now
            self._find(onsets)


class BarsInTempo:
    """The tempo of bars that are traded follows the playing, where nobody has set it and no clock is heard.

    Twice or half as fast is the same beat, so it begins near the tempo that counts unsaid.
    """

    def __init__(self, find: Callable[[Onsets], None]) -> None:
        self._looks = BeatLooks(find)

    def look(self, state: State, rules: Rules) -> None:
        """After something has happened."""
        if _follows(rules) and state.phase is Phase.CALLING:
            self._looks.look(state)

    def tempo(self, found: BeatFound, rules: Rules) -> float | None:
        """The tempo that bars have by this beat; None where they don't go by it."""
        if found.beat is None or not _follows(rules):
            return None
        return 60 / on_the_level_of(rules.beat_s, found.beat).length_s


def on_the_level_of(usual_s: float, beat: Beat) -> Beat:
    """Twice or half as fast is the same beat, too: the one nearest to the tempo that was, or was set."""
    lengths = [beat.length_s * times for times in (0.5, 1.0, 2.0)]
    likely = [length_s for length_s in lengths if SHORTEST_BEAT_S <= length_s <= LONGEST_BEAT_S]
    return replace(beat, length_s=min(likely, key=lambda length_s: abs(log2(length_s / usual_s))))


def _follows(rules: Rules) -> bool:
    return rules.mode is Mode.BARS and rules.follows_playing and rules.bar_line is None
