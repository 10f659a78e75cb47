"""How much a set of pieces quotes from music that was learnt, beside how much people quote from each other.

Of each piece: the longest run of intervals of its tune that stands in any of the learnt ones, in whatever
key. Unseen pieces of people, cut to the same length, are the human baseline: they share runs with the learnt
music without having copied it. Must not know models.
"""

from collections.abc import Iterable, Sequence
from statistics import fmean

from evaluation.likeness.defined import Figures, Undefined
from music.manner.copying import intervals_of, longest_shared_with_any
from music.phrase import Phrase


def quoting(made: Sequence[Phrase], unseen: Sequence[Phrase], learnt: Iterable[Phrase]) -> Figures:
    """The mean longest quotation, in intervals, of what was made and of unseen pieces: `quoted`,
    `real_quoted`."""
    figures = Figures()
    tunes = [intervals_of(piece.notes) for piece in made]
    others = [intervals_of(piece.notes) for piece in unseen]
    known = [tune for piece in learnt if (tune := intervals_of(piece.notes))]
    if not known:
        reason = "no piece that was learnt has two chords, so there is no tune to quote"
        return Figures(undefined=dict.fromkeys(("quoted", "real_quoted"), reason))
    longest = longest_shared_with_any([*tunes, *others], known)
    figures.put("quoted", lambda: _mean(tunes, longest[: len(tunes)]))
    figures.put("real_quoted", lambda: _mean(others, longest[len(tunes) :]))
    return figures


def _mean(tunes: Sequence[Sequence[int]], longest: Sequence[int]) -> float:
    """Of the pieces that have a tune."""
    there = [length for tune, length in zip(tunes, longest, strict=True) if tune]
    if not there:
        raise Undefined("no piece has two chords, so none has a tune")
    return fmean(there)
