"""What stands again in a long stretch of music: loops, long runs that stand twice, and how much is repeated.

A chord is known by its keys; how fast and how loud it is doesn't count. People repeat themselves, too: in
ostinati, and wherever a section is played twice. Knows chords. Must not know who played them.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from music.manner.chords import Chord

LONGEST_PATTERN = 64  # chords
FEWEST_TIMES = 3  # in a row: a pattern that is played twice is no loop
RUN = 8  # chords

_Names = NDArray[np.int64]


def longest_loop_s(chords: Sequence[Chord]) -> float:
    """How many seconds the longest stretch lasts that is one pattern of chords, three times running or
    more."""
    names, at = _names(chords), [chord.at for chord in chords]
    longest = 0.0
    for period in range(1, min(LONGEST_PATTERN, len(names) // FEWEST_TIMES) + 1):
        for begin, end in _runs(names[period:] == names[:-period]):
            if end - begin >= (FEWEST_TIMES - 1) * period:
                longest = max(longest, at[end + period - 1] - at[begin])
    return longest


def longest_again(chords: Sequence[Chord]) -> int:
    """How many chords the longest run has that stands at two places."""
    names = _names(chords).tolist()
    known, unknown = 0, len(names)  # a run can only stand twice where all shorter ones do
    while unknown - known > 1:
        middle = (known + unknown) // 2
        if _distinct(names, middle) < len(names) - middle + 1:
            known = middle
        else:
            unknown = middle
    return known


def repeated_share(chords: Sequence[Chord]) -> float:
    """The share of runs of `RUN` chords that have stood before; 0 where there is no run."""
    names = _names(chords).tolist()
    count = len(names) - RUN + 1
    return 1 - _distinct(names, RUN) / count if count > 0 else 0.0


def _distinct(names: list[int], length: int) -> int:
    return len({tuple(names[begin : begin + length]) for begin in range(len(names) - length + 1)})


def _names(chords: Sequence[Chord]) -> _Names:
    """A number for each chord, the same for the same keys."""
    numbers: dict[tuple[int, ...], int] = {}
    return np.array([numbers.setdefault(chord.pitches, len(numbers)) for chord in chords], np.int64)


def _runs(same: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where stretches of what is so begin and end."""
    turns = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    return list(pairwise(turns.tolist()))[::2]
