"""How often a way of hearing phrase ends hands over in vain, against how late it is where a phrase is over.

A way is tried at several settings on the same silences; each setting is a point of its curve. Ways are
compared where they hand over in vain as often as a fixed silence does. Intervals are by bootstrap over
pieces. Must not know how a way comes to its silence.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.phrase_ends.silences import Heard
from music.phrase_ends.cues import Playing

REFERENCE_S = 0.55  # the fixed silence whose false hand-overs the others are allowed
RESAMPLED = 1000
_INTERVAL = (2.5, 97.5)
_DIGITS = 4

Numbers = NDArray[np.float64]
Waits = Callable[[Playing, Sequence[float]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Way:
    """How long it waits in a silence, in seconds, at each of its settings, from the hastiest to the most
    patient; `default` is the place of the one that it is played with."""

    waits: Waits
    settings: tuple[float, ...]
    default: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What came of a way, piece by piece (rows) and setting by setting (columns)."""

    vain: Numbers  # hand-overs within phrases
    delays_s: Numbers  # the sum over the piece's phrase ends
    ends: Numbers  # one number a piece
    played_s: Numbers  # one number a piece

    def curve(self) -> tuple[Numbers, Numbers]:
        """Hand-overs in vain a minute, and the mean delay at a phrase's end in seconds, at each setting."""
        return self._of(np.ones((1, len(self.ends))))

    def drawn(self, draws: Numbers) -> tuple[Numbers, Numbers]:
        """The same for samples of the pieces: how often each was drawn, a sample a row."""
        return self._of(draws)

    def _of(self, weights: Numbers) -> tuple[Numbers, Numbers]:
        minutes = weights @ self.played_s[:, None] / 60
        ends = np.maximum(weights @ self.ends[:, None], 1.0)
        return weights @ self.vain / minutes, weights @ self.delays_s / ends


def counted(pieces: Sequence[Heard], way: Way) -> Counted:
    """Play a way at each of its settings to the silences of pieces."""
    vain, delays_s = np.zeros((2, len(pieces), len(way.settings)))
    ends = np.zeros(len(pieces))
    for row, piece in enumerate(pieces):
        for silence in piece.silences:
            waits = np.array(way.waits(silence.playing, way.settings))
            if silence.lasts_s is None:
                ends[row] += 1
                delays_s[row] += waits
            else:
                vain[row] += waits < silence.lasts_s
    return Counted(vain, delays_s, ends, np.array([piece.played_s for piece in pieces]))


def compared(pieces: Sequence[Heard], ways: Mapping[str, Way], seed: int = 1) -> dict[str, Any]:
    """Each way's curve, how it is at its default, and how late at the reference's rate of false
    hand-overs."""
    fixed = counted(pieces, Way(_fixed, (REFERENCE_S,), 0))
    draws = _draws(len(pieces), seed)
    return {
        "pieces": len(pieces),
        "minutes": round(float(fixed.played_s.sum()) / 60, 1),
        "ends": int(fixed.ends.sum()),
        "vain_a_minute_of_reference": _rounded(fixed.curve()[0][0, 0]),
        "ways": {name: _found(counted(pieces, way), way, fixed, draws) for name, way in ways.items()},
    }


def _fixed(_: Playing, settings: Sequence[float]) -> Sequence[float]:
    return settings


def _draws(pieces: int, seed: int) -> Numbers:
    """How often each piece is drawn in each of the samples."""
    chance = np.random.default_rng(seed)
    return chance.multinomial(pieces, np.full(pieces, 1 / pieces), RESAMPLED).astype(np.float64)


def _found(found: Counted, way: Way, fixed: Counted, draws: Numbers) -> dict[str, Any]:
    vain, delay_s = found.curve()
    at_equal = _delay_at(vain, delay_s, fixed.curve()[0])[0]
    sampled = _delay_at(*found.drawn(draws), fixed.drawn(draws)[0])
    low, high = np.percentile(sampled, _INTERVAL).tolist()
    return {
        "default": {
            "vain_a_minute": _rounded(vain[0, way.default]),
            "delay_s": _rounded(delay_s[0, way.default]),
        },
        "at_equal_vain": {"delay_s": _rounded(at_equal), "low": _rounded(low), "high": _rounded(high)},
        "curve": [
            [_rounded(setting), _rounded(rate), _rounded(delay)]
            for setting, rate, delay in zip(way.settings, vain[0], delay_s[0], strict=True)
        ],
    }


def _delay_at(vain: Numbers, delay_s: Numbers, allowed: Numbers) -> Numbers:
    """The mean delay at the hastiest setting that hands over in vain no more often than allowed, sample by
    sample; at the most patient one, where none does."""
    is_rare_enough = vain <= allowed + 1e-9
    first = np.where(is_rare_enough.any(1), is_rare_enough.argmax(1), vain.shape[1] - 1)
    found: Numbers = np.take_along_axis(delay_s, first[:, None], 1)[:, 0]
    return found


def _rounded(number: float) -> float:
    return round(float(number), _DIGITS)
