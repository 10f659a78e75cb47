"""The pulse of what is played: how regularly onsets come, how far apart the beats are, and where they fall.

Onsets, each drawn as a small hill, are compared with a later copy of themselves (autocorrelation): at the
lags of a pulse, the copy fits. Knows moments in seconds. Must not know pitches, and finds no bars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, log2

import numpy as np
from numpy.typing import NDArray

FRAMES_PER_S = 100
SHORTEST_LAG_S, LONGEST_LAG_S = 0.1, 2.0
HILL_S = 0.04  # how far off its place an onset still counts, by half
SHORTEST_BEAT_S, LONGEST_BEAT_S = 0.3, 1.1
USUAL_BEAT_S = 0.55  # of two periods that fit alike, the nearer to this one is the beat
_BREADTH_OCTAVES = 0.9  # how far from it a beat may be and still be likely
_PARTS = (1, 2, 3, 4)  # of a beat, by which its length is made exact and its place is found
_CLEAR_PLACE = 0.35  # at least, and onsets lie near to one place of the beat, or of its parts
_FAINT_PLACE = 0.1  # at least, and one place of the beat has more of them than the others
FEWEST_ONSETS = 4  # fewer have no pulse
SAME_TEMPO = 0.07  # tempos differ by less, or by as little from twice or half of one another

Curve = NDArray[np.float64]  # likeness by lag, from `SHORTEST_LAG_S` to `LONGEST_LAG_S`


@dataclass(frozen=True, slots=True)
class Beat:
    """A beat that was found: its length, a moment on which one falls, and how clear it is (0 to 1)."""

    length_s: float
    at: float
    clarity: float


def pulse_of(onsets: Sequence[float]) -> Curve | None:
    """How well onsets fit a later copy of themselves, for each lag; None of fewer than `FEWEST_ONSETS`.

    About 1 where every onset falls on another, below 0 where they miss each other.
    """
    if len(onsets) < FEWEST_ONSETS:
        return None
    hills = _hills(_from_the_first(onsets))
    hills = hills - hills.mean()
    size = 1 << (len(hills) + max(len(hills), _lag(LONGEST_LAG_S) + 1)).bit_length()
    spectrum = np.fft.rfft(hills, size)
    alike = np.fft.irfft(spectrum * spectrum.conj(), size)[: _lag(LONGEST_LAG_S) + 1]
    if alike[0] <= 0:
        return None
    # a later copy overlaps less: what is left of it is compared
    overlap = 1 - np.minimum(np.arange(len(alike)) / len(hills), 0.75)
    curve: Curve = (alike / alike[0] / overlap)[_lag(SHORTEST_LAG_S) :]
    return curve


def pulse_likeness(one: Curve | None, other: Curve | None) -> float:
    """How alike two pulses are: the correlation of their curves, -1 to 1; 0 where one is missing."""
    if one is None or other is None:
        return 0.0
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / size) if size > 0 else 0.0


def beat_of(onsets: Sequence[float]) -> Beat | None:
    """The beat that fits onsets best, however unclear (see `Beat.clarity`); None of too few onsets."""
    began_at = onsets[0] if onsets else 0.0
    onsets = _from_the_first(onsets)
    curve = pulse_of(onsets)
    if curve is None:
        return None
    lags = np.arange(_lag(SHORTEST_BEAT_S), _lag(LONGEST_BEAT_S) + 1)
    fits = np.array([_fit(curve, lag) for lag in lags.tolist()])
    best = int(lags[int(fits.argmax())])
    length_s = _exact(onsets, best / FRAMES_PER_S)
    return Beat(
        length_s,
        began_at + _phase(onsets, length_s),
        float(min(max(curve[best - _lag(SHORTEST_LAG_S)], 0.0), 1.0)),
    )


def tempo_is_the_same(one: Beat | None, other: Beat | None) -> bool:
    """Whether two beats are equally long, or one twice as long as the other, within `SAME_TEMPO`."""
    if one is None or other is None:
        return False
    octaves = log2(one.length_s / other.length_s)
    return abs(octaves - round(octaves)) < log2(1 + SAME_TEMPO) and abs(round(octaves)) <= 1


def _lag(seconds: float) -> int:
    return round(seconds * FRAMES_PER_S)


def _from_the_first(onsets: Sequence[float]) -> list[float]:
    """Seconds since the first onset, to the microsecond: so it doesn't matter when a passage began."""
    return [round(at - onsets[0], 6) for at in onsets]


def _hills(onsets: Sequence[float]) -> NDArray[np.float64]:
    first, last = onsets[0], onsets[-1]
    frames = np.arange(ceil((last - first + 4 * HILL_S) * FRAMES_PER_S) + 1) / FRAMES_PER_S
    hills = np.zeros(len(frames))
    for at in onsets:  # a chord, however spread, is one onset
        hills = np.maximum(hills, np.exp(-0.5 * ((frames - (at - first + 2 * HILL_S)) / HILL_S) ** 2))
    return hills


def _fit(curve: Curve, lag: int) -> float:
    """How well a beat of this lag fits: the beat itself, its double, its half, and how usual it is."""
    first = _lag(SHORTEST_LAG_S)
    at = float(curve[lag - first])
    double = float(curve[2 * lag - first]) if 2 * lag - first < len(curve) else at
    half = float(curve[lag // 2 - first]) if lag // 2 >= first else 0.0
    octaves = log2(lag / FRAMES_PER_S / USUAL_BEAT_S) / _BREADTH_OCTAVES
    return (at + 0.5 * double + 0.25 * half + 0.3) * exp(-0.5 * octaves * octaves)


def _exact(onsets: Sequence[float], length_s: float) -> float:
    """The length, within 3 % of this one, whose beats, halves, thirds and quarters onsets lie nearest to.

    Of quick even notes few lie near a beat, and only its parts say how long it is.
    """
    lengths = length_s * np.linspace(0.97, 1.03, 25)
    fits = sum(abs(_regularity(onsets, lengths, parts)) for parts in _PARTS)
    return float(lengths[int(np.argmax(fits))])


def _phase(onsets: Sequence[float], length_s: float) -> float:
    """The moment of a beat, at or after the first onset and within a beat of it.

    Onsets that fall on several parts of the beat alike, as even quavers do, cancel each other where whole
    beats are looked at. Then the parts say where they fall, and which of them is the beat is said by the
    whole beats as far as they can, or else by the first onset.
    """
    places = {parts: _regularity(onsets, np.array([length_s]), parts)[0] for parts in _PARTS}
    parts = next((parts for parts, place in places.items() if abs(place) >= _CLEAR_PLACE), 1)
    whole, part_s = places[1], length_s / parts
    after_s = float(np.angle(places[parts]) / (2 * np.pi)) * part_s  # of a place, after the first onset
    near_s = float(np.angle(whole) / (2 * np.pi)) * length_s if abs(whole) >= _FAINT_PLACE else 0.0
    after_s += round((near_s - after_s) / part_s) * part_s
    return onsets[0] + after_s % length_s


def _regularity(onsets: Sequence[float], lengths: Curve, parts: int) -> NDArray[np.complex128]:
    """For each length of a beat, how near onsets lie to one place in it, or in a part of it.

    The place is the angle of the number; it is 1 long where all onsets lie just there, and 0 where they lie
    anywhere.
    """
    turns = np.outer(1 / lengths, np.array(onsets) - onsets[0])
    means: NDArray[np.complex128] = np.exp(2j * np.pi * parts * turns).mean(1)
    return means
