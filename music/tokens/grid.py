"""Notes moved to the nearest frames of an even grid: what the encodings with a grid share.

Knows beats and seconds as ways of measuring, and what a grid does to notes. Must not know tokens or
vocabularies.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from music.beats import TempoMap, nearest_frame
from music.notes import Note
from music.phrase import Phrase
from music.tokens.encoding import EncodingError

# Five hours at 100 frames a second; beyond it, a stray note of a damaged file would cost gigabytes.
LONGEST_GRID = 2_000_000
HIGHEST_PITCH = 127
LEAST_TEMPO, MOST_TEMPO = 5.0, 1000.0  # beats a minute: slower than any metronome, faster than any hand

Measure = Callable[[float], float]  # seconds -> seconds or beats
Rounding = Callable[[float, float], int]  # a moment, frames to a second or beat -> a frame


@dataclass(frozen=True, slots=True)
class Span:
    """A note on a grid: from the frame `start` up to, and without, the frame `end`."""

    start: int
    end: int
    pitch: int
    velocity: int

    @property
    def frames(self) -> int:
        """Its length in frames."""
        return self.end - self.start


def in_beats(phrase: Phrase) -> Measure:
    """From seconds to beats, by the phrase's own tempo."""
    return phrase.tempo.beat_at


def in_seconds(_: Phrase) -> Measure:
    """From seconds to seconds: for an encoding that doesn't ask where the beats fall."""
    return float


def without_pedal(phrase: Phrase) -> Phrase:
    """The notes as they stand, each as long as its key was held."""
    return replace(phrase, pedals=())


def at_tempo(phrase: Phrase, beats_per_minute: float) -> Phrase:
    """The notes as they stand, on the same beats at one steady tempo."""
    steady = TempoMap.steady(beats_per_minute)
    beat_at, second_at = phrase.tempo.beat_at, steady.second_at
    notes = []
    for note in phrase.notes:
        at, until = second_at(beat_at(note.at)), second_at(beat_at(note.until))
        notes.append(replace(note, at=at, length_s=until - at))
    return Phrase.of(notes, tempo=steady)


def played(spans: Iterable[Span], per: float, tempo: TempoMap | None = None) -> Phrase:
    """The spans as a phrase, `per` frames to a beat of the tempo, or to a second where there is none."""
    notes = []
    for span in spans:
        at, until = span.start / per, span.end / per
        if tempo is not None:
            at, until = tempo.second_at(at), tempo.second_at(until)
        notes.append(Note(at, span.pitch, span.velocity, until - at))
    return Phrase.of(notes) if tempo is None else Phrase.of(notes, tempo=tempo)


def snapped(notes: Iterable[Note], measure: Measure, per: float, longest: int = LONGEST_GRID) -> list[Span]:
    """Notes at their nearest frames, `per` of them to a second or beat, by start, then pitch.

    Each lasts one frame at least. Time before 0 counts as 0; pitches outside 0 to 127 are left out.
    """
    spans = (
        Span(start, max(end, start + 1), note.pitch, note.velocity)
        for note, start, end in rounded(notes, measure, per, nearest_frame, longest)
    )
    return one_at_a_time(sorted(spans, key=lambda span: (span.start, span.pitch)))


def one_at_a_time(spans: Iterable[Span]) -> list[Span]:
    """Spans by start, then pitch, with no key sounding twice at a time.

    Of those that start one key in one frame the longest stays, with the greatest velocity of them; a span
    that still sounds when its key starts again ends there.
    """
    kept: list[Span] = []
    latest: dict[int, int] = {}  # pitch -> its last span's place in `kept`
    for span in spans:
        place = latest.get(span.pitch)
        if place is not None:
            before = kept[place]
            if before.start == span.start:
                velocity = max(before.velocity, span.velocity)
                kept[place] = replace(before, end=max(before.end, span.end), velocity=velocity)
                continue
            if before.end > span.start:
                kept[place] = replace(before, end=span.start)
        latest[span.pitch] = len(kept)
        kept.append(span)
    return kept


def rounded(
    notes: Iterable[Note], measure: Measure, per: float, rounding: Rounding, longest: int = LONGEST_GRID
) -> Iterable[tuple[Note, int, int]]:
    """Each MIDI note with the frames that it starts and ends at, none before frame 0."""
    for note in notes:
        if not 0 <= note.pitch <= HIGHEST_PITCH:
            continue
        start, end = measure(note.at), measure(note.until)
        if not (abs(start) * per <= longest and abs(end) * per <= longest):
            raise EncodingError(
                f"a note at {note.at:g} s lies beyond {longest} frames of the grid: cut the music, "
                "or take a coarser grid"
            )
        yield note, max(rounding(start, per), 0), max(rounding(end, per), 0)
