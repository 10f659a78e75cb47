"""A phrase: notes in order, what the pedal did, and where the beats fall.

The same value serves a call of two seconds and a sonata of forty minutes. A phrase turned into
events and back is the same phrase, once each key sounds one note at a time.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain

from music.beats import STEADY_120, TempoMap
from music.notes import KeyEvent, Note, NoteOff, NoteOn, Pedal
from music.pedal import SILENT_KEYBOARD, fold, silence


@dataclass(frozen=True, slots=True)
class Phrase:
    """Notes by onset, then pitch; pedal changes by time. Make one with `Phrase.of`."""

    notes: tuple[Note, ...] = ()
    pedals: tuple[Pedal, ...] = ()
    tempo: TempoMap = STEADY_120

    @classmethod
    def of(
        cls, notes: Iterable[Note], pedals: Iterable[Pedal] = (), tempo: TempoMap = STEADY_120
    ) -> "Phrase":
        """From notes and pedal changes in any order."""
        return cls(
            tuple(sorted(notes, key=lambda note: (note.at, note.pitch))),
            tuple(sorted(pedals, key=lambda pedal: pedal.at)),
            tempo,
        )

    @property
    def until(self) -> float:
        """When the last note ends, in seconds; 0 where there is none."""
        return max((note.until for note in self.notes), default=0.0)

    def moved(self, by_s: float) -> "Phrase":
        """The same, later by `by_s` seconds; the tempo map stays where it is."""
        return replace(
            self,
            notes=tuple(replace(note, at=note.at + by_s) for note in self.notes),
            pedals=tuple(replace(pedal, at=pedal.at + by_s) for pedal in self.pedals),
        )


def each_key_once(notes: Iterable[Note]) -> list[Note]:
    """The notes with no key sounding twice at a time, by onset, then pitch.

    Of notes that strike one key at one moment the longest stays, with the greatest velocity of them; a note
    still sounding when its key is struck again ends there.
    """
    kept: list[Note] = []
    latest: dict[int, int] = {}  # pitch -> its last note's place in `kept`
    for note in sorted(notes, key=lambda note: (note.at, note.pitch)):
        place = latest.get(note.pitch)
        if place is not None:
            before = kept[place]
            if note.at <= before.at:
                longer = note if note.length_s > before.length_s else before
                kept[place] = replace(longer, velocity=max(note.velocity, before.velocity))
                continue
            if before.until > note.at:
                kept[place] = replace(before, length_s=note.at - before.at)
        latest[note.pitch] = len(kept)
        kept.append(note)
    return kept


def events_of(phrase: Phrase) -> list[KeyEvent]:
    """What a keyboard would have sent, in order of time.

    Of events at one moment: pedal changes first, then keys going up, then keys going down, low to high, so
    that a key struck again at the moment of its release is released first. A note without length is struck
    and then released at once.
    """
    notes = each_key_once(phrase.notes)
    ranked: Iterable[tuple[float, int, int, KeyEvent]] = chain(
        ((pedal.at, 0, place, pedal) for place, pedal in enumerate(phrase.pedals)),
        (
            (until, 1 if note.length_s > 0 else 3, note.pitch, NoteOff(until, note.pitch))
            for note, until in zip(notes, _ends(notes), strict=True)
        ),
        ((note.at, 2, note.pitch, NoteOn(note.at, note.pitch, note.velocity)) for note in notes),
    )
    return [event for *_, event in sorted(ranked, key=lambda row: row[:3])]


def _ends(notes: list[Note]) -> list[float]:
    """When each note ends, never after its key's next strike, where rounding alone may put its end."""
    ends: list[float] = []
    next_strike: dict[int, float] = {}
    for note in reversed(notes):
        ends.append(min(note.until, next_strike.get(note.pitch, note.until)))
        next_strike[note.pitch] = note.at
    return ends[::-1]


def phrase_of(events: Iterable[KeyEvent], tempo: TempoMap = STEADY_120) -> Phrase:
    """The phrase of events in order of time; keys still down at the last event end there."""
    notes: list[Note] = []
    pedals: list[Pedal] = []
    struck: dict[int, NoteOn] = {}
    last_at = 0.0
    for event in events:
        last_at = event.at
        if isinstance(event, Pedal):
            pedals.append(event)
            continue
        start = struck.pop(event.pitch, None)
        if start is not None:
            notes.append(Note(start.at, start.pitch, start.velocity, event.at - start.at))
        if isinstance(event, NoteOn):
            struck[event.pitch] = event
    notes.extend(Note(start.at, start.pitch, start.velocity, last_at - start.at) for start in struck.values())
    return Phrase.of(notes, pedals, tempo)


def pedal_folded(phrase: Phrase) -> Phrase:
    """The same sound without a pedal: each note as long as it sounds, by the rule of `music.pedal`.

    Under a pedal that never lifts, notes end with the last event.
    """
    keyboard = SILENT_KEYBOARD
    sounds: list[KeyEvent] = []
    last_at = 0.0
    for event in events_of(phrase):
        keyboard, changes = fold(keyboard, event)
        sounds.extend(changes)
        last_at = event.at
    sounds.extend(silence(keyboard, last_at)[1])
    return phrase_of(sounds, phrase.tempo)
