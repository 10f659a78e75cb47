"""How pieces end that were brought home to C major or A minor: on which bass, and what leads to it (C5).

Must not know who made them.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from evaluation.likeness.defined import Undefined
from music.phrase import Phrase

TONICS = (0, 9)  # of C major, of A minor
FIFTH = 7
_AT_ONCE_S = 0.05  # notes that end so close to one another end together


class Ending(NamedTuple):
    """The lowest of the notes that sound last, and the lowest of those that sounded before it began;
    none where nothing did."""

    bass: int
    before: int | None

    @property
    def is_on_the_tonic(self) -> bool:
        """Whether the last bass is C or A."""
        return self.bass % 12 in TONICS

    @property
    def is_cadence(self) -> bool:
        """Whether the bass comes home from the fifth: by a fifth down, or a fourth up."""
        return self.is_on_the_tonic and self.before is not None and (self.before - self.bass) % 12 == FIFTH


def ending_of(phrase: Phrase) -> Ending | None:
    """How it ends; none where it has no note."""
    if not phrase.notes:
        return None
    last = max(note.until for note in phrase.notes)
    bass = min((note for note in phrase.notes if note.until > last - _AT_ONCE_S), key=lambda note: note.pitch)
    earlier = [note for note in phrase.notes if note.at < bass.at - _AT_ONCE_S]
    if not earlier:
        return Ending(bass.pitch, None)
    then = min(bass.at, max(note.until for note in earlier))  # before a rest, what sounded last
    before = min(note.pitch for note in earlier if note.until > then - _AT_ONCE_S)
    return Ending(bass.pitch, before)


def endings_of(phrases: Iterable[Phrase]) -> list[Ending]:
    """Of the pieces that have notes."""
    return [ending for phrase in phrases if (ending := ending_of(phrase)) is not None]


def share_closing(endings: Sequence[Ending]) -> float:
    """How many end on the tonic."""
    return _share(ending.is_on_the_tonic for ending in endings)


def share_of_cadences(endings: Sequence[Ending]) -> float:
    """In how many the bass comes home to the tonic from its fifth."""
    return _share(ending.is_cadence for ending in endings)


def _share(which: Iterable[bool]) -> float:
    each = list(which)
    if not each:
        raise Undefined("no note sounds")
    return sum(each) / len(each)
