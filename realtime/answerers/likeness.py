"""How a call is made like the music that a model knows, and its answer like the call: loudness and pace.

A model trained on dense, soft recordings answers a slow loud tune with what it knows: dense and soft.
So the call is heard as much softer, and as much faster, as brings it to the edge of that music, and the
answer is played as much louder and slower. Knows calls and what a model file says. Must not know how a model
answers.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from statistics import fmean, median

from music.listening.beat_time import BEAT_S, doublings_for
from music.manner.chords import TOGETHER_S
from music.manner.pulse import beat_of
from music.notes import KeyEvent, NoteOn
from music.tokens.scales import CELLS_PER_S, VELOCITIES_PER_BIN, VELOCITY_BINS

Range = tuple[float, ...] | None  # a low and a high value, if they are known

SLOWEST, FASTEST = 4.0, 0.5  # how much slower, or faster, an answer may be than it was drawn
FIRST_LOOK = 12  # events of a call that grows, after which its beat is looked for
LOOKS_AGAIN = 1.5  # times as many as before
FEWEST_ONSETS = 3  # fewer tell no pace
CLEAR_BEAT = 0.3  # a beat that is less clear is no beat to be heard by
_SAME_BEAT = 0.03  # octaves
_SAME_PLACE_S = 0.04
TOGETHER_CELLS = 3  # gaps up to 30 ms are the spread of a chord, not rhythm: they stay as they are


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a call is heard: `softer` by so many bins of velocity, time running `slower` times as fast.

    In its own beat, where it keeps one: `begins_s` is how long after a beat its first event comes, as it is
    heard.
    """

    softer: int = 0
    slower: float = 1.0
    in_beats: bool = False
    begins_s: float = 0.0

    def heard_s(self, seconds: float) -> float:
        """A length of time as the model hears it."""
        return seconds / self.slower

    def played_s(self, cells: int) -> float:
        """A gap of the model's as it is played, in seconds."""
        return cells * (self.slower if cells > TOGETHER_CELLS else 1.0) / CELLS_PER_S

    def heard_velocity(self, velocity: int) -> int:
        """A token's velocity as the model hears it; the 0 of a key going up stays."""
        return _moved(velocity, -self.softer)

    def played_velocity(self, velocity: int) -> int:
        """A token's velocity as it is played."""
        return _moved(velocity, self.softer)


def likeness_of(call: Sequence[KeyEvent], loudness: Range, density: Range) -> Likeness:
    """How a call is to be heard. In coarse steps, so that a growing call seldom has to be heard anew."""
    struck = [event for event in call if isinstance(event, NoteOn)]
    if not struck:
        return Likeness()
    return Likeness(_softer(struck, loudness), _slower(struck, density))


def newest(call: Sequence[KeyEvent], seconds: float) -> Sequence[KeyEvent]:
    """What of a call came in its last so many seconds."""
    if not call or call[0].at >= call[-1].at - seconds:
        return call
    return call[bisect_left(call, call[-1].at - seconds, key=lambda event: event.at) :]


def looks_within(events: int) -> Iterator[int]:
    """After how many of so many events a call that grows is looked at for how to hear it: the first alone,
    then enough for a beat, then ever more, so that to hear it anew each time costs little in all."""
    if events:
        yield 1
    look = FIRST_LOOK
    while look <= events:
        yield look
        look = int(look * LOOKS_AGAIN)


def in_its_own_beat(call: Sequence[KeyEvent], began_at: float) -> Likeness | None:
    """How a call that keeps a beat is heard by a model that listens: a beat is always as long; None where it
    keeps none. `began_at` is when all that is heard began: `call` may be the end of it."""
    onsets = _chord_onsets(call)
    beat = beat_of(onsets)
    if beat is None or beat.clarity < CLEAR_BEAT:
        return None
    usual = median(later - before for before, later in pairwise(onsets))
    length_s = beat.length_s * 2.0 ** doublings_for(usual / beat.length_s)
    slower = length_s / BEAT_S
    return Likeness(slower=slower, in_beats=True, begins_s=(began_at - beat.at) % length_s / slower)


def is_near(one: Likeness, other: Likeness) -> bool:
    """Whether what was heard as one may be taken for heard as the other: the beat is the same, or nearly."""
    if one.in_beats != other.in_beats or one.softer != other.softer:
        return False
    off_s = abs(one.begins_s - other.begins_s) % BEAT_S
    return abs(log2(one.slower / other.slower)) < _SAME_BEAT and min(off_s, BEAT_S - off_s) < _SAME_PLACE_S


def _chord_onsets(call: Sequence[KeyEvent]) -> list[float]:
    onsets: list[float] = []
    for event in call:
        if isinstance(event, NoteOn) and (not onsets or event.at - onsets[-1] >= TOGETHER_S):
            onsets.append(event.at)
    return onsets


def _softer(struck: Sequence[NoteOn], loudness: Range) -> int:
    if loudness is None:
        return 0
    mean, (quiet, loud) = fmean(note.velocity for note in struck), loudness
    beyond = max(mean - loud, 0.0) + min(mean - quiet, 0.0)
    return 2 * round(beyond / VELOCITIES_PER_BIN / 2)


def _slower(struck: Sequence[NoteOn], density: Range) -> float:
    lasts_s = struck[-1].at - struck[0].at
    if density is None or len(struck) < FEWEST_ONSETS or lasts_s <= 0:
        return 1.0
    onsets_a_second, (sparse, dense) = (len(struck) - 1) / lasts_s, density
    wanted = max(sparse / onsets_a_second, 1.0) * min(dense / onsets_a_second, 1.0)
    half_octaves = round(2 * log2(min(max(wanted, FASTEST), SLOWEST)))
    return float(2 ** (half_octaves / 2))


def _moved(velocity: int, bins: int) -> int:
    return min(max(velocity + bins, 1), VELOCITY_BINS) if velocity else 0
