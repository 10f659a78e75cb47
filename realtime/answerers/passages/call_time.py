"""What of a call's time there is to lend to an answer: its chords and their onsets, its beat, its tune.

Knows notes and beats. Must not know features, models, nor what is done with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from statistics import median

import numpy as np

from music.manner.clashes import share_of_clashes
from music.manner.pulse import Beat
from music.notes import Note
from realtime.answerers.passages.contour import CONTOUR, CallTune
from realtime.answerers.passages.harmony import clearness_of, harmonies_of
from realtime.answerers.passages.voicing import CallChords, gathered

CLEAR_BEAT = 0.3  # a beat that is less clear than this is not kept
SOON_S = 0.01  # after the hand-over: in the future when it arrives
LONGEST_PART_S = 0.3  # an answer waits no longer for its place in the beat
LONGEST_FOR_A_BEGINNING_S = 0.2  # nor so long for a beginning, if another chord comes sooner
_PARTS = (2, 3, 4, 6, 8)  # of a beat, that onsets may fall on
_OFF = 0.14  # of a part: how far off onsets lie on average where they fall on it
_BREATH = 1.4  # times the usual gap: what follows it is a beginning
_DIGITS = 2  # of a second: of chords that come at moments alike in these, the first is taken
_EARLY = 0.25  # of a beat: by so much sooner than its last chord has sounded a call may begin again
_FEWEST_CHORDS = 3  # fewer have no rhythm


@dataclass(frozen=True, slots=True)
class CallTime:
    """A call chord by chord, the onsets of these, its tune, and its beat with the parts that onsets fall on,
    where it keeps one."""

    chords: CallChords
    onsets: tuple[float, ...]
    tune: CallTune
    beat: Beat | None
    parts: int

    @classmethod
    def of(cls, notes: Sequence[Note], beat: Beat | None) -> "CallTime":
        """The time of a call."""
        voices = gathered(notes)
        onsets = tuple(chord[0].at for chord in voices)
        kept = beat if beat is not None and beat.clarity >= CLEAR_BEAT else None
        harmonies = harmonies_of(notes, onsets, None if kept is None else kept.length_s)
        return cls(
            CallChords(voices, _gaps(onsets, kept), harmonies, clearness_of(notes), share_of_clashes(notes)),
            onsets,
            CallTune.of(voices),
            kept,
            1 if kept is None else _parts(onsets, kept),
        )

    @property
    def has_rhythm(self) -> bool:
        """Whether there are chords enough to be taken up."""
        return len(self.onsets) >= _FEWEST_CHORDS

    def taken_up(self, place: float, after: float) -> tuple[int, float]:
        """The chord at which an answer takes the call up, and the moment, after another, at which it does.

        The chord follows a longer gap, or is the first; `place`, from 0 to 1, chooses among them. Where there
        is a beat, the moment lies where the chord does in it: a beginning for which nobody waits long is
        chosen, or else the chord from within that comes soonest.
        """
        begins = self._beginnings
        if self.beat is not None:
            if soon := self._within(begins, after, LONGEST_FOR_A_BEGINNING_S):
                return soon[int(place * len(soon)) % len(soon)]
            if soon := self._within(range(len(self.onsets) - CONTOUR), after, LONGEST_PART_S):
                return min(soon, key=lambda chord_at: round(chord_at[1], _DIGITS))
        return begins[int(place * len(begins)) % len(begins)], self.place_after(after)

    def place_after(self, moment: float) -> float:
        """The first moment after another, and not at once, at which an onset would be in time."""
        if self.beat is None:
            return moment + SOON_S
        part_s = self._part_s
        return float(self.beat.at + np.ceil((moment + SOON_S - self.beat.at) / part_s) * part_s)

    def moved(self, notes: Sequence[Note], later_s: float) -> list[Note]:
        """Notes as much later, or earlier; in the call's beat still, so no earlier than that and a little
        later."""
        by_s = later_s if self.beat is None else float(np.ceil(later_s / self._part_s - 1e-6)) * self._part_s
        return [replace(note, at=note.at + by_s) for note in notes]

    @property
    def _beginnings(self) -> list[int]:
        """The chords that follow a longer gap, and the first."""
        gaps = self.chords.gaps[:-1]
        if not gaps:
            return [0]
        usual = median(gaps)
        return [0, *(place + 1 for place, gap in enumerate(gaps[:-CONTOUR]) if gap > _BREATH * usual)]

    def _within(self, chords: Iterable[int], after: float, longest_s: float) -> list[tuple[int, float]]:
        """The chords for which, after a moment, nobody waits longer; each with when it comes in the beat."""
        moments = [(chord, self._again_at(chord, after)) for chord in chords]
        return [(chord, at) for chord, at in moments if at - after <= longest_s]

    def _again_at(self, chord: int, after: float) -> float:
        """The first moment after another, and not at once, that lies in the beat where a chord does."""
        assert self.beat is not None
        beats = ceil((after + SOON_S - self.onsets[chord]) / self.beat.length_s - 1e-6)
        return self.onsets[chord] + beats * self.beat.length_s

    @property
    def _part_s(self) -> float:
        """The part of the beat on which an answer may begin: nobody waits long for it."""
        assert self.beat is not None
        part_s = self.beat.length_s / self.parts
        while part_s > LONGEST_PART_S:
            part_s /= 2
        return part_s


def _gaps(onsets: Sequence[float], beat: Beat | None) -> Sequence[float]:
    """Seconds from each onset to the next; from the last one to the first, were they to begin again, so many
    that they lie in the beat as before."""
    gaps = [later - before for before, later in pairwise(onsets)]
    if not gaps:
        return [0.0]
    last_s = max(gaps[-1], median(gaps))
    if beat is not None:
        lasted_s = onsets[-1] - onsets[0]
        beats = ceil((lasted_s + last_s) / beat.length_s - _EARLY)
        last_s = max(beats * beat.length_s - lasted_s, gaps[-1] / 2)
    return [*gaps, last_s]


def _parts(onsets: Sequence[float], beat: Beat) -> int:
    """The fewest parts of the beat near which the onsets fall."""
    turns = (np.array(onsets) - beat.at) / beat.length_s
    for parts in _PARTS:
        off = np.abs(turns * parts - np.round(turns * parts)).mean()
        if off <= _OFF:
            return parts
    return 4
