"""Passages that tests play: even or with rubato, as tunes and as chords, each as plain as can be."""

from collections.abc import Iterable, Sequence
from math import sin

from music.notes import Note
from music.phrase import Phrase

SCALE = (60, 62, 64, 65, 67, 69, 71, 72)


def tune(
    pitches: Sequence[int], gap_s: float = 0.5, *, velocity: int = 64, held: float = 0.9, at: float = 0.0
) -> Phrase:
    """One note after another, all equally long and loud."""
    return Phrase.of(
        Note(at + place * gap_s, pitch, velocity, held * gap_s) for place, pitch in enumerate(pitches)
    )


def at_moments(onsets: Iterable[float], pitch: int = 60, length_s: float = 0.1) -> Phrase:
    """A key struck at these moments."""
    return Phrase.of(Note(at, pitch, 64, length_s) for at in onsets)


def metronomic(count: int = 17, gap_s: float = 0.5) -> list[float]:
    """Moments that are equally far apart."""
    return [place * gap_s for place in range(count)]


def rubato(count: int = 17, gap_s: float = 0.5, by: float = 0.6) -> list[float]:
    """As many moments, that hurry and linger, each gap up to `by` shorter or longer."""
    moments = [0.0]
    for place in range(count - 1):
        moments.append(moments[-1] + gap_s * (1 + by * sin(2.4 * place)))
    return moments


def chords(*struck: Sequence[int], gap_s: float = 0.5, spread_s: float = 0.0) -> Phrase:
    """One chord after another, the notes of each from the lowest up, so far apart."""
    return Phrase.of(
        Note(place * gap_s + number * spread_s, pitch, 64, 0.9 * gap_s)
        for place, pitches in enumerate(struck)
        for number, pitch in enumerate(pitches)
    )


def phrases_of_a_piece(count: int = 6, first: int = 60, gap_s: float = 0.25, rest_s: float = 1.0) -> Phrase:
    """So many phrases of sixteen notes, each a step higher than the one before, a breath after each."""
    each_s = 15 * gap_s + rest_s
    return Phrase.of(
        note
        for number in range(count)
        for note in tune(
            [first + number + SCALE[(3 * place) % 8] - 60 for place in range(16)], gap_s, at=number * each_s
        ).notes
    )
