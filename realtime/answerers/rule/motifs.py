"""What a call is made of: moments (a note or chord), hands, and motifs.

Knows notes in seconds. Must not know keys, chance or requests.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from music.notes import Note

ONE_CHORD_S = 0.05  # onsets closer than this belong to one chord
TWO_HANDS_FROM = 19  # semitones from lowest to highest note at which two hands are looked for
WIDEST_STRETCH = 4  # semitones: the least hole between two hands
SHORTEST_MOTIF, USUAL_MOTIF, LONGEST_MOTIF = 3, 4, 6  # moments
REST = 1.6  # times the usual gap: longer is a breath between motifs


@dataclass(frozen=True, slots=True)
class Moment:
    """Notes struck together `at` seconds into their motif, and the gap after; `note.at` is an offset."""

    at: float
    gap_s: float
    notes: tuple[Note, ...]

    @property
    def top(self) -> Note:
        """The highest note, which carries the tune."""
        return self.notes[-1]


@dataclass(frozen=True, slots=True)
class Motif:
    """A few moments of each hand, and the time until the next motif begins; the lower hand may rest."""

    upper: tuple[Moment, ...]
    lower: tuple[Moment, ...]
    length_s: float


def motifs_of(notes: Sequence[Note]) -> list[Motif]:
    """The motifs of a call in order, from notes by onset; none where there is no note."""
    if not notes:
        return []
    split = _split_between_hands(notes)
    upper = _moments(note for note in notes if note.pitch >= split)
    lower = _moments(note for note in notes if note.pitch < split)
    starts = [*_motif_starts(_moments(notes)), max(note.until for note in notes)]
    starts[-1] = max(starts[-1], notes[-1].at + usual_gap_s(notes))
    return [
        Motif(_within(upper, start, end), _within(lower, start, end), end - start)
        for start, end in pairwise(starts)
    ]


def usual_gap_s(notes: Sequence[Note]) -> float:
    """The median time between moments, in seconds; half a second where there is but one."""
    onsets = [moment.at for moment in _moments(notes)]
    gaps = [later - earlier for earlier, later in pairwise(onsets)]
    return median(gaps) if gaps else 0.5


def _moments(notes: Iterable[Note]) -> list[Moment]:
    groups: list[list[Note]] = []
    for note in notes:
        if groups and note.at - groups[-1][0].at < ONE_CHORD_S:
            groups[-1].append(note)
        else:
            groups.append([note])
    ends = (
        [*(group[0].at for group in groups[1:]), max((note.until for note in groups[-1]), default=0.0)]
        if groups
        else []
    )
    return [_moment(group, end) for group, end in zip(groups, ends, strict=True)]


def _moment(group: list[Note], end: float) -> Moment:
    at = group[0].at
    low_to_high = sorted(group, key=lambda note: note.pitch)
    return Moment(at, end - at, tuple(replace(note, at=note.at - at) for note in low_to_high))


def _split_between_hands(notes: Sequence[Note]) -> int:
    """The upper hand's lowest pitch: above the widest hole near the middle, or the lowest of all."""
    pitches = sorted({note.pitch for note in notes})
    lowest, highest = pitches[0], pitches[-1]
    if highest - lowest < TWO_HANDS_FROM:
        return lowest
    middle = (lowest + highest) / 2
    reach = (highest - lowest) / 4
    holes = [
        (above - below, above)
        for below, above in pairwise(pitches)
        if abs((below + above) / 2 - middle) <= reach
    ]
    widest, above = max(holes, default=(0, lowest))
    return above if widest >= WIDEST_STRETCH else lowest


def _motif_starts(moments: Sequence[Moment]) -> list[float]:
    """Where motifs begin: after breaths, and within what goes on without a breath, at its longest gaps."""
    usual = median(moment.gap_s for moment in moments)
    starts, begun = [0], 0
    for place in range(1, len(moments)):
        breathed = moments[place - 1].gap_s > REST * usual
        if place - begun >= LONGEST_MOTIF or (breathed and place - begun >= SHORTEST_MOTIF):
            begun = place if breathed else _longest_gap_before(moments, begun, place)
            starts.append(begun)
    if len(starts) > 1 and len(moments) - starts[-1] < 2:
        starts.pop()
    return [moments[place].at for place in starts]


def _longest_gap_before(moments: Sequence[Moment], begun: int, place: int) -> int:
    candidates = range(begun + SHORTEST_MOTIF, place + 1)
    return max(
        candidates,
        key=lambda candidate: (round(moments[candidate - 1].gap_s, 2), -abs(candidate - begun - USUAL_MOTIF)),
    )


def _within(moments: Iterable[Moment], start: float, end: float) -> tuple[Moment, ...]:
    return tuple(replace(moment, at=moment.at - start) for moment in moments if start <= moment.at < end)
