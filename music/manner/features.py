"""What makes one passage like another: harmony, density, loudness, register, texture, rhythm, tune, ending.

Each feature is a number or a share that a listener could name; `distances` says how far two passages are
apart in each. Knows notes in seconds, the pedal folded in. Must not know who played them or what they are
compared for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from music.manner.chords import Chord, chords_of, gaps_between, tune_of
from music.manner.pulse import Beat, Curve, beat_of, pulse_likeness, pulse_of
from music.notes import Note

LONG_NOTE = 1.5  # times the usual gap: a last chord held for so long is a long note
LEAP = 12  # semitones: a larger interval of the tune counts as this one
PATTERN = 3  # so many intervals of the tune are a motif
_LONGEST_WEIGHT_S = 1.0  # a note weighs as much as it lasts in seconds, up to this
_SHORTEST_S = 0.05
_LEAST = 0.05  # of what is compared as a ratio: less is alike
_GAP_OF_ONE_CHORD_S = 0.5  # the usual gap where there is only one chord
_PLACES = 64  # at which distributions of gaps are compared

Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Features:
    """A passage in numbers. A passage without notes has no features.

    The tune is the highest note of each chord; a single note is a chord of one. The usual gap is the median
    of the seconds from each chord to the next.
    """

    pitch_classes: Shares  # of the twelve, by how long their notes last
    density: float  # notes a second, from the first onset until the last note ends
    loudness: float  # mean velocity
    loudness_spread: float  # standard deviation of velocities
    register: float  # mean pitch
    sounding: float  # how many notes sound at a time, on average
    chords: float  # share of chords that have several notes
    notes_a_chord: float  # mean, single notes included
    span: float  # semitones from lowest to highest, mean over chords of several notes; 0 without
    gaps: tuple[float, ...]  # seconds from each chord to the next, shortest first
    pulse: Curve | None
    beat: Beat | None
    articulation: float  # median length of the notes, in usual gaps
    intervals: Shares  # of the tune's steps, from `LEAP` down to `LEAP` up; all alike where there is none
    motifs: frozenset[tuple[int, ...]]  # see `motif_at`
    motifs_in_order: tuple[tuple[int, ...], ...]
    repetition: float  # share of chords, from the second on, that strike just the keys of the one before
    most_together: int  # notes in the fullest chord
    longest_silence_s: float  # within the passage: seconds in which nothing sounds
    ends_long: bool  # whether the last chord lasts `LONG_NOTE` usual gaps or more


def features_of(notes: Sequence[Note], *, with_beat: bool = True) -> Features:
    """The features of notes by onset, one at least. To look for the beat takes as long as all the rest, and
    no distance needs it."""
    chords = chords_of(notes)
    gaps = gaps_between(chords)
    usual_gap = median(gaps) if gaps else _GAP_OF_ONE_CHORD_S
    lasts = max(max(note.until for note in notes) - notes[0].at, _SHORTEST_S)
    loud = [note.velocity for note in notes]
    tune = tune_of(chords)
    onsets = [chord.at for chord in chords]
    motifs = _motifs(tune, gaps)
    return Features(
        pitch_classes=_pitch_classes(notes),
        density=len(notes) / lasts,
        loudness=fmean(loud),
        loudness_spread=float(np.std(loud)),
        register=fmean(note.pitch for note in notes),
        sounding=sum(note.length_s for note in notes) / lasts,
        chords=fmean(len(chord.pitches) > 1 for chord in chords),
        notes_a_chord=fmean(len(chord.pitches) for chord in chords),
        span=_span(chords),
        gaps=tuple(sorted(gaps)),
        pulse=pulse_of(onsets),
        beat=beat_of(onsets) if with_beat else None,
        articulation=median(note.length_s for note in notes) / usual_gap,
        intervals=_intervals(tune),
        motifs=frozenset(motifs),
        motifs_in_order=tuple(motifs),
        repetition=fmean(one.pitches == other.pitches for one, other in pairwise(chords)) if gaps else 0.0,
        most_together=max(len(chord.pitches) for chord in chords),
        longest_silence_s=_longest_silence(notes),
        ends_long=(max(note.until for note in notes) - chords[-1].at) >= LONG_NOTE * usual_gap,
    )


DISTANCES = (
    "pitch classes",
    "density",
    "loudness",
    "loudness spread",
    "register",
    "sounding",
    "chords",
    "span",
    "gaps",
    "pulse",
    "articulation",
    "intervals",
    "motifs",
)


def distances(one: Features, other: Features) -> Mapping[str, float]:
    """How far one passage is from another in each of `DISTANCES`; 0 from itself, if it has pulse and motifs.

    Ratios are in octaves of a factor, shares in what they don't have in common, pitches in semitones. A
    motif counts that is the one's and isn't the other's.
    """
    return {
        "pitch classes": _apart(one.pitch_classes, other.pitch_classes),
        "density": abs(log2(one.density / other.density)),
        "loudness": abs(log2(one.loudness / other.loudness)),
        "loudness spread": abs(one.loudness_spread - other.loudness_spread),
        "register": abs(one.register - other.register),
        "sounding": abs(octaves(one.sounding, other.sounding)),
        "chords": abs(one.chords - other.chords),
        "span": abs(one.span - other.span),
        "gaps": gaps_apart(one, other),
        "pulse": 1.0 - pulse_likeness(one.pulse, other.pulse),
        "articulation": abs(octaves(one.articulation, other.articulation)),
        "intervals": _apart(one.intervals, other.intervals),
        "motifs": 1.0 - motifs_shared(one, other),
    }


def gaps_apart(one: Features, other: Features) -> float:
    """How far the gaps of one have to be moved to be those of the other, on average, in octaves of a factor.

    The shortest are compared with the shortest, and so on; 1 where only one of the two has gaps.
    """
    if not one.gaps or not other.gaps:
        return 0.0 if one.gaps == other.gaps else 1.0
    places = (np.arange(_PLACES) + 0.5) / _PLACES
    return float(np.abs(_quantiles(one.gaps, places) - _quantiles(other.gaps, places)).mean())


def motifs_shared(answer: Features, call: Features) -> float:
    """Which share of an answer's motifs stand in the call, in whatever key and tempo; 0 without motifs."""
    taken = [motif in call.motifs for motif in answer.motifs_in_order]
    return fmean(taken) if taken else 0.0


def _quantiles(gaps: Sequence[float], places: NDArray[np.float64]) -> NDArray[np.float64]:
    octaves = np.log2(np.array(gaps))
    found: NDArray[np.float64] = octaves[np.minimum((places * len(octaves)).astype(int), len(octaves) - 1)]
    return found


def _pitch_classes(notes: Sequence[Note]) -> Shares:
    weights = [min(max(note.length_s, _SHORTEST_S), _LONGEST_WEIGHT_S) for note in notes]
    found = np.bincount([note.pitch % 12 for note in notes], weights, minlength=12)
    shares: Shares = found / found.sum()
    return shares


def octaves(one: float, other: float) -> float:
    """The ratio of two numbers in octaves; of very small ones, as if they were `_LEAST`."""
    return log2(max(one, _LEAST) / max(other, _LEAST))


def _apart(one: Shares, other: Shares) -> float:
    return float(np.abs(one - other).sum() / 2)


def _span(chords: Sequence[Chord]) -> float:
    spans = [chord.pitches[-1] - chord.pitches[0] for chord in chords if len(chord.pitches) > 1]
    return fmean(spans) if spans else 0.0


def _intervals(tune: Sequence[int]) -> Shares:
    steps = [min(max(later - before, -LEAP), LEAP) + LEAP for before, later in pairwise(tune)]
    if not steps:
        return np.full(2 * LEAP + 1, 1 / (2 * LEAP + 1))
    found: Shares = np.bincount(steps, minlength=2 * LEAP + 1) / len(steps)
    return found


def motif_at(tune: Sequence[int], gaps: Sequence[float], place: int) -> tuple[int, ...] | None:
    """The tune's next intervals from a place on, and how their gaps compare, one with the next: None at its
    end, and of one key again and again, which is no motif.

    `PATTERN` intervals in semitones, then the ratios of their gaps, to the nearest half or double: so a motif
    stays itself when transposed, and at another tempo.
    """
    if place + PATTERN >= len(tune):
        return None
    steps = tuple(tune[place + n + 1] - tune[place + n] for n in range(PATTERN))
    rhythm = tuple(round(log2(gaps[place + n + 1] / gaps[place + n])) for n in range(PATTERN - 1))
    return steps + rhythm if any(steps) else None


def _motifs(tune: Sequence[int], gaps: Sequence[float]) -> list[tuple[int, ...]]:
    """The motifs at all places of the tune."""
    found = (motif_at(tune, gaps, place) for place in range(len(tune)))
    return [motif for motif in found if motif is not None]


def _longest_silence(notes: Sequence[Note]) -> float:
    until, longest = notes[0].until, 0.0
    for note in notes:
        longest = max(longest, note.at - until)
        until = max(note.until, until)
    return longest
