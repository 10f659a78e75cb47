"""Calls that end where a phrase ends: at a breath or a long note, whether or not something still rings.

A phrase ends where the gap to the next chord is long beside those around it. Which calls are taken depends on
the music and its hash alone, so that every answerer is asked the same. The pedal is folded in. Must not know
models.
"""

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from statistics import median

from music.manner.chords import Chord, chords_of, gaps_between
from music.notes import Note, is_on_the_piano
from music.phrase import Phrase, pedal_folded
from pieces.corpus import PieceRecord

SHORTEST_S, LONGEST_S = 3.0, 12.0
FEWEST_NOTES = 8
BREATH = 1.8  # times the usual gap: a gap so long, from chord to chord, ends a phrase
BREATH_S = 0.25  # and no shorter one does
NEAR_ENOUGH = 0.4  # of a call's length: what follows may be longer or shorter, to end where a phrase does
MOST_OF_A_PIECE = 2
_AROUND = 12  # gaps before and after that say what is usual

Span = tuple[float, float]  # seconds of a piece


@dataclass(frozen=True, slots=True)
class Call:
    """A phrase of a piece, how the piece goes on, and another passage of it; each begins at its own second 0.

    `from_s` is where the call begins in its piece; `rest_s` is how long nothing new is heard from the call's
    last sound until the piece goes on.
    """

    piece: str
    from_s: float
    phrase: Phrase
    continuation: Phrase
    elsewhere: Phrase
    rest_s: float


def phrase_calls(pieces: Iterable[tuple[PieceRecord, Phrase]], most: int) -> list[Call]:
    """At most so many calls: one of each piece before a second of any, in an order drawn by their hashes."""
    ranked: list[tuple[int, str, Call]] = []
    for record, phrase in pieces:
        found = sorted((_drawn(record, call), call) for call in _calls_in(record.file, phrase))
        ranked.extend((place, drawn, call) for place, (drawn, call) in enumerate(found[:MOST_OF_A_PIECE]))
    ranked.sort(key=lambda row: row[:2])
    return [call for *_, call in ranked[:most]]


def _drawn(record: PieceRecord, call: Call) -> str:
    return blake2b(f"{record.hash},{round(call.from_s * 100)}".encode(), digest_size=8).hexdigest()


def _calls_in(piece: str, phrase: Phrase) -> Iterator[Call]:
    """The calls of a piece, none overlapping another or its continuation."""
    notes = [note for note in pedal_folded(phrase).notes if is_on_the_piano(note.pitch)]
    chords = chords_of(notes)
    beginnings = _beginnings(chords)
    if not chords:
        return
    boundaries = [*beginnings, chords[-1].until]
    free_from = float("-inf")
    for begin, until in _spans(beginnings):
        if begin < free_from:
            continue
        lasts = until - begin
        goes_on_until = _end_near(boundaries, until, lasts)
        away = _elsewhere(boundaries, (begin, goes_on_until), lasts)
        if goes_on_until > boundaries[-1] or away is None:
            continue
        parts = ((begin, until), (until, goes_on_until), away)
        call, after, elsewhere = (_passage(notes, *part) for part in parts)
        if min(len(part.notes) for part in (call, after, elsewhere)) >= FEWEST_NOTES:
            free_from = goes_on_until
            yield Call(piece, begin, call, after, elsewhere, rest_s=max(lasts - call.until, 0.0))


def _beginnings(chords: Sequence[Chord]) -> list[float]:
    """When phrases begin: with the first chord, and with each that a long gap precedes."""
    gaps = gaps_between(chords)
    found = [chord.at for chord in chords[:1]]
    for place, gap in enumerate(gaps):
        usual = median(gaps[max(place - _AROUND, 0) : place + _AROUND + 1])
        if gap >= max(BREATH * usual, BREATH_S):
            found.append(chords[place + 1].at)
    return found


def _spans(beginnings: Sequence[float]) -> Iterator[Span]:
    """From each phrase's beginning to the first later one that makes a call long enough, if not too long."""
    for place, begin in enumerate(beginnings):
        long_enough = (until for until in beginnings[place + 1 :] if until - begin >= SHORTEST_S)
        until = next(long_enough, None)
        if until is not None and until - begin <= LONGEST_S:
            yield begin, until


def _end_near(boundaries: Sequence[float], begin: float, lasts: float) -> float:
    """Where what begins here ends: with a phrase, if it is then about as long; else after just so long."""
    wanted = begin + lasts
    place = bisect(boundaries, wanted)
    nearest = min(boundaries[max(place - 1, 0) : place + 1], key=lambda at: abs(at - wanted))
    return nearest if abs(nearest - wanted) <= NEAR_ENOUGH * lasts else wanted


def _elsewhere(boundaries: Sequence[float], call: Span, lasts: float) -> Span | None:
    """The nearest passage, about as long, that has nothing of the call or of its continuation.

    The nearest is most like them: a page further on, many a piece is in another key, tempo and loudness, and
    would be no more of a partner than a stranger is.
    """
    begin, until = call
    passages = [(at, _end_near(boundaries, at, lasts)) for at in boundaries[:-1]]
    away = [one for one in passages if one[1] <= begin or until <= one[0] <= one[1] <= boundaries[-1]]
    return min(away, key=lambda one: abs(one[0] - (begin + until) / 2), default=None)


def _passage(notes: Sequence[Note], begin: float, until: float) -> Phrase:
    """The notes struck from one moment until another, none ringing beyond it, from second 0."""
    kept = [
        replace(note, length_s=min(note.length_s, until - note.at))
        for note in notes
        if begin <= note.at < until
    ]
    return Phrase.of(kept).moved(-begin)
