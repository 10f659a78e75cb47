"""Music backwards, and back again exactly.

Each note begins where it ended, the pedal goes down where it lifted, and the tempo changes come in the
opposite order. The phrase is turned within itself: what it began with, it ends with, and the silence before
the first note stays as long.

Numbers with a fraction can't be turned without rounding, so the turning is done on a grid of whole
microseconds, the unit in which MIDI states its tempo. `settled` brings a phrase there and moves nothing by
more than half of one; from then on `reversed_in_time` is exactly its own inverse, and for any phrase,
reversed twice is `settled`.

It turns keys and pedal, not the sound: a note that rang on under the pedal is turned as the key that was
held. Music read with its pedal folded in has the sound itself turned.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from music.beats import TempoMap
from music.notes import Note, Pedal
from music.phrase import Phrase

MICROSECONDS = 1_000_000  # in a second


@dataclass(frozen=True, slots=True)
class _Span:
    """From the first event to the last, in microseconds."""

    first: int
    last: int

    @property
    def axis(self) -> int:
        """Twice the middle: what a moment and its reflection add up to."""
        return self.first + self.last


def reversed_in_time(phrase: Phrase) -> Phrase:
    """The phrase from its end to its beginning, on whole microseconds;
    see the module's text for what that means."""
    phrase = settled(phrase)
    span = _span_of(phrase)
    if span is None:
        return phrase
    return Phrase(
        _in_full_order(replace(note, at=_seconds(span.axis - _until(note))) for note in phrase.notes),
        _pedals_turned(phrase.pedals, span.axis),
        _tempo_turned(phrase.tempo, span.axis),
    )


def settled(phrase: Phrase) -> Phrase:
    """The phrase on whole microseconds and in an order that nothing is left to chance in.

    A pedal that is down at the end lifts there. Tempo changes that are a microsecond apart or come after the
    end are lost. A phrase must not begin before 0.
    """
    span = _span_of(phrase)
    if span is None:
        return phrase
    if span.first < 0:
        raise ValueError(
            f"a phrase that begins at {span.first / MICROSECONDS} s can't be reversed: move it to 0 or later"
        )
    pedals = tuple(replace(pedal, at=_seconds(_moment(pedal.at))) for pedal in phrase.pedals)
    if pedals and pedals[-1].down:
        pedals = (*pedals, Pedal(_seconds(span.last), False))
    notes = (
        replace(note, at=_seconds(_moment(note.at)), length_s=_seconds(_moment(note.length_s)))
        for note in phrase.notes
    )
    return Phrase(_in_full_order(notes), pedals, _tempo_of(_changes_within(phrase.tempo, span.axis)))


def _span_of(phrase: Phrase) -> _Span | None:
    moments = [_moment(pedal.at) for pedal in phrase.pedals]
    moments += [_moment(note.at) for note in phrase.notes]
    if not moments:
        return None
    return _Span(min(moments), max([*moments, *map(_until, phrase.notes)]))


def _in_full_order(notes: Iterable[Note]) -> tuple[Note, ...]:
    return tuple(
        sorted(notes, key=lambda note: (note.at, note.pitch, note.length_s, note.velocity, note.voice))
    )


def _pedals_turned(pedals: tuple[Pedal, ...], axis: int) -> tuple[Pedal, ...]:
    """Backwards, a change leads to what was before it; before the first, the pedal was up."""
    turned, before = [], False
    for pedal in pedals:
        turned.append(Pedal(_seconds(axis - _moment(pedal.at)), before))
        before = pedal.down
    return tuple(reversed(turned))


_Changes = list[tuple[int, float]]  # (microseconds, seconds per beat), the first at 0


def _changes_within(tempo: TempoMap, axis: int) -> _Changes:
    """The tempo changes before the axis, the last of those on one microsecond."""
    by_moment: dict[int, float] = {}
    for beat, seconds_per_beat in tempo.changes:
        moment = _moment(tempo.second_at(beat))
        if moment == 0 or moment < axis:
            by_moment[moment] = seconds_per_beat
    return list(by_moment.items())


def _tempo_turned(tempo: TempoMap, axis: int) -> TempoMap:
    changes = _changes_within(tempo, axis)
    last_tempo = changes[-1][1]
    turned = [(axis - moment, before) for (_, before), (moment, _) in pairwise(changes)]
    return _tempo_of([(0, last_tempo), *reversed(turned)])


def _tempo_of(changes: _Changes) -> TempoMap:
    """Beats computed from the microseconds alone, so that equal moments give equal beats to the last bit."""
    beat, by_beat = 0.0, [(0.0, changes[0][1])]
    for (moment, seconds_per_beat), (next_moment, next_tempo) in pairwise(changes):
        beat += (next_moment - moment) / MICROSECONDS / seconds_per_beat
        by_beat.append((beat, next_tempo))
    return TempoMap(tuple(by_beat))


def _until(note: Note) -> int:
    return _moment(note.at) + _moment(note.length_s)


def _moment(seconds: float) -> int:
    return round(seconds * MICROSECONDS)


def _seconds(moment: int) -> float:
    return moment / MICROSECONDS
