"""Calls cut out of held-out pieces: phrases between silences, and how the piece really goes on.

The pedal is folded in; a silence is where nothing sounds. Which calls are taken depends on the music alone,
so every model gets the same ones: first one of each piece, then a second one, in an order drawn from the
pieces' hashes. Must not know models.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from music.notes import Note, is_on_the_piano
from music.phrase import Phrase, pedal_folded
from pieces.corpus import PieceRecord

CALLS = 60
SILENCE_S = 0.1  # nothing sounds for so long: shorter breaks are between notes, not between phrases
SHORTEST_S = 3.0
LONGEST_S = 12.0
FEWEST_NOTES = 8
FEWEST_NOTES_AFTER = 4


@dataclass(frozen=True, slots=True)
class Call:
    """A phrase, `from_s` to `until_s` of a piece, moved to begin at 0, and what follows it for as long."""

    piece: str
    from_s: float
    until_s: float
    phrase: Phrase
    continuation: Phrase  # on the same clock as the phrase


def calls_of(pieces: Iterable[tuple[PieceRecord, Phrase]], most: int = CALLS) -> list[Call]:
    """So many calls of these pieces, from as many pieces as there are."""
    ranked: list[tuple[int, str, Call]] = []
    for record, phrase in pieces:
        found = sorted((_drawn(record, call), call) for call in _calls_in(record.file, phrase))
        ranked.extend((place, drawn, call) for place, (drawn, call) in enumerate(found))
    ranked.sort(key=lambda row: row[:2])
    return [call for *_, call in ranked[:most]]


def strangers(calls: Sequence[Call]) -> list[Call | None]:
    """For each call one of another piece, whose continuation is a partner by chance; None without one."""
    half = len(calls) // 2
    return [
        next((other for other in _turned(calls, place + half) if other.piece != call.piece), None)
        for place, call in enumerate(calls)
    ]


def _turned(calls: Sequence[Call], begin: int) -> Iterator[Call]:
    return (calls[(begin + step) % len(calls)] for step in range(len(calls)))


def _calls_in(piece: str, phrase: Phrase) -> Iterator[Call]:
    notes = [note for note in pedal_folded(phrase).notes if is_on_the_piano(note.pitch)]
    silences = _after_silences(notes)
    for first in silences:
        call = _call_from(piece, notes, silences, first)
        if call is not None:
            yield call


def _after_silences(notes: Sequence[Note]) -> list[int]:
    """The notes before which nothing sounded."""
    places, sounding_until = [], float("-inf")
    for place, note in enumerate(notes):
        if note.at - sounding_until >= SILENCE_S:
            places.append(place)
        sounding_until = max(sounding_until, note.until)
    return places


def _call_from(piece: str, notes: Sequence[Note], silences: Sequence[int], first: int) -> Call | None:
    """The shortest call that begins with this note; None where all are too short or too long."""
    begin = notes[first].at
    for end in silences:
        if end <= first:
            continue
        until = max(note.until for note in notes[first:end])
        if until - begin > LONGEST_S:
            return None
        if until - begin >= SHORTEST_S and end - first >= FEWEST_NOTES:
            after = _following(notes[end:], until - begin)
            if len(after) < FEWEST_NOTES_AFTER or notes[-1].until < notes[end].at + until - begin:
                return None
            called, goes_on = (Phrase.of(part).moved(-begin) for part in (notes[first:end], after))
            return Call(piece, begin, until, called, goes_on)
    return None


def _following(notes: Sequence[Note], length_s: float) -> list[Note]:
    """The notes that begin within so many seconds, none ringing on for longer than that again."""
    begin = notes[0].at
    return [
        replace(note, length_s=min(note.length_s, length_s)) for note in notes if note.at < begin + length_s
    ]


def _drawn(record: PieceRecord, call: Call) -> str:
    place = f"{record.hash},{round(call.from_s * 100)}"
    return blake2b(place.encode(), digest_size=8).hexdigest()
