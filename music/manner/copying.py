"""Copying: the longest run of intervals of a tune that stands in another tune too, in whatever key.

A tune is the highest note of each chord, and its intervals are semitones; how fast they go by doesn't count.
People share runs with what they have just heard, and with other pieces, too: an answer copies where its runs
are longer than theirs. Knows tunes. Must not know who played them.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from music.manner.chords import chords_of, tune_of
from music.manner.suffixes import longest_standing
from music.notes import Note

Intervals = Sequence[int]

_AT_ONCE = 1 << 20  # intervals that are looked through at a time
_UNISON = 0x1000  # the letter that no step at all is written as


def intervals_of(notes: Sequence[Note]) -> list[int]:
    """The steps of the tune of notes by onset, in semitones."""
    return [later - before for before, later in pairwise(tune_of(chords_of(notes)))]


def longest_shared(one: Intervals, other: Intervals) -> int:
    """How many intervals the longest run has that stands in both; for two tunes, not for a corpus."""
    ours, theirs = _letters(one), _letters(other)
    longest = 0
    for begin in range(len(ours)):
        while begin + longest < len(ours) and ours[begin : begin + longest + 1] in theirs:
            longest += 1
    return longest


def longest_shared_with_any(tunes: Sequence[Intervals], others: Iterable[Intervals]) -> list[int]:
    """For each tune, how many intervals the longest run has that stands in any of the others too.

    The others may be all pieces of a corpus: they are read once, and few are held in memory at a time.
    """
    longest = [0] * len(tunes)
    for gathered in _gathered(others):
        found = longest_standing(tunes, gathered)
        longest = [max(before, now) for before, now in zip(longest, found, strict=True)]
    return longest


def _gathered(tunes: Iterable[Intervals]) -> Iterator[list[Intervals]]:
    """Tunes in groups of about `_AT_ONCE` intervals."""
    group: list[Intervals] = []
    count = 0
    for tune in tunes:
        group.append(tune)
        count += len(tune)
        if count >= _AT_ONCE:
            yield group
            group, count = [], 0
    if group:
        yield group


def _letters(tune: Intervals) -> str:
    """A tune as a word, a letter for each interval, since nothing finds words as fast as words."""
    return "".join(chr(_UNISON + step) for step in tune)
