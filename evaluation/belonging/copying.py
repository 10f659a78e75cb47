"""Copying: the longest run of intervals of a tune that stands in another tune too, in whatever key.

A tune is the highest note of each chord, and its intervals are semitones; how fast they go by doesn't count.
People share runs with what they have just heard, and with other pieces, too: an answer copies where its runs
are longer than theirs. Knows tunes. Must not know who played them.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from music.manner.chords import chords_of, tune_of
from music.notes import Note

Intervals = Sequence[int]
_Numbers = NDArray[np.uint64]

_BETWEEN = 1000  # stands between tunes that lie end to end: no interval is so large
_AT_ONCE = 1 << 20  # intervals that are looked through at a time
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that runs of 64 bits hardly ever get one number


def intervals_of(notes: Sequence[Note]) -> list[int]:
    """The steps of the tune of notes by onset, in semitones."""
    return [later - before for before, later in pairwise(tune_of(chords_of(notes)))]


def longest_shared(one: Intervals, other: Intervals) -> int:
    """How many intervals the longest run has that stands in both."""
    return longest_shared_with_any([one], [other])[0]


def longest_shared_with_any(tunes: Sequence[Intervals], others: Iterable[Intervals]) -> list[int]:
    """For each tune, how many intervals the longest run has that stands in any of the others too.

    The others may be all pieces of a corpus: they are read once, and few are held in memory at a time.
    """
    longest = [0] * len(tunes)
    for music in _end_to_end(others):
        for number, length in enumerate(_longest_within(tunes, music)):
            longest[number] = max(longest[number], length)
    return longest


def _longest_within(tunes: Sequence[Intervals], music: _Numbers) -> list[int]:
    """The same for one stretch of music: a run can only be there where all shorter ones are."""
    longest = [0] * len(tunes)
    left = {number: _numbers(tune) for number, tune in enumerate(tunes) if tune}
    runs_of_music, runs = music, dict(left)
    length = 1
    while left:
        known = np.unique(runs_of_music)
        left = {number: steps for number, steps in left.items() if np.isin(runs[number], known).any()}
        for number in left:
            longest[number] = length
        left = {number: steps for number, steps in left.items() if len(steps) > length}
        runs = {number: _one_longer(runs[number], steps[length:]) for number, steps in left.items()}
        runs_of_music = _one_longer(runs_of_music, music[length:])
        length += 1
    return longest


def _one_longer(runs: _Numbers, following: _Numbers) -> _Numbers:
    """A number for each run and the interval that follows it; the last run has none."""
    return runs[: len(following)] * _BASE + following


def _end_to_end(tunes: Iterable[Intervals]) -> Iterator[_Numbers]:
    """Tunes one after another, in stretches of about `_AT_ONCE` intervals."""
    gathered: list[int] = []
    for tune in tunes:
        gathered += [*tune, _BETWEEN]
        if len(gathered) >= _AT_ONCE:
            yield _numbers(gathered)
            gathered = []
    yield _numbers(gathered)


def _numbers(steps: Intervals) -> _Numbers:
    return np.array(steps, np.int64).astype(np.uint64)
