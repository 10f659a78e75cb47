"""What tells, when everything has been let go, whether a phrase is over: its cues, in numbers.

`Playing` is what is remembered of the playing, one key after another, a value that grows cheaply; `cues` are
read off it when nothing is held any more. Knows keys, moments in seconds and loudness. Must not know who
plays, nor what is done when a phrase is over.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from operator import mul
from statistics import fmean, median

from music.changed import changed
from music.keys import ALL_KEYS, Key, profile_fits
from music.notes import KeyEvent, NoteOff, NoteOn
from music.pedal import SILENT_KEYBOARD, fold

REMEMBERED = 12  # chords, and the gaps before them
FEWEST_GAPS = 3  # fewer show no pace
ONE_CHORD_S = 0.05  # onsets closer than this are one chord, or a spread of the hand
LONGEST_S = 2.4  # a gap or rest counts as no longer
FADES = 0.97  # of what the pitch classes weigh, with each chord
YOUNGEST_S = 3.0  # no phrase that was learnt from is shorter, so that a younger one counts as old as this
_SHORTEST_S = 0.02
_LATE = 3  # chords that say whether it slows down

Twelve = tuple[float, ...]
_NO_CLASSES: Twelve = (0.0,) * 12


@dataclass(frozen=True, slots=True)
class Struck:
    """A chord as it was struck: how long after the one before, how much of that was silence, and what."""

    gap_s: float | None  # None: nothing came before it
    rest_s: float
    pitches: tuple[int, ...]
    loudness: int  # of its loudest key


@dataclass(frozen=True)
class Playing:
    """The last chords, newest last, what the pitch classes weigh, and moments in seconds: when this phrase
    began, when the last chord was struck, when a key went up last, and since when nothing is held (None:
    something is)."""

    chords: tuple[Struck, ...] = ()
    classes: Twelve = _NO_CLASSES
    begun_at: float | None = None
    last_at: float | None = None
    up_at: float | None = None
    quiet_at: float | None = None

    def after(self, event: KeyEvent, sounds: bool) -> "Playing":
        """After what was played; `sounds` says whether anything is held now, by key or pedal."""
        if isinstance(event, NoteOn):
            return self._struck(event)
        if self.quiet_at is not None:
            return self  # nothing is held: the release of a key whose strike was lost
        up_at = event.at if isinstance(event, NoteOff) else self.up_at
        quiet_at = None if sounds else event.at
        return changed(self, up_at=up_at, quiet_at=quiet_at)

    def resting(self) -> "Playing":
        """Before another phrase: the gap across what comes between is no gap of the playing."""
        return changed(self, begun_at=None, last_at=None, up_at=None, quiet_at=None)

    def _struck(self, key: NoteOn) -> "Playing":
        if self.last_at is not None and key.at - self.last_at < ONE_CHORD_S:
            return self._grown(key)
        gap_s = None if self.last_at is None else min(key.at - self.last_at, LONGEST_S)
        rest_s = 0.0 if gap_s is None or self.quiet_at is None else min(key.at - self.quiet_at, gap_s)
        chord = Struck(gap_s, rest_s, (key.pitch,), key.velocity)
        faded = tuple(weight * FADES for weight in self.classes)
        begun_at = key.at if self.begun_at is None else self.begun_at
        return Playing(
            (*self.chords, chord)[-REMEMBERED:], _with(faded, key.pitch), begun_at, key.at, self.up_at
        )

    def _grown(self, key: NoteOn) -> "Playing":
        last = self.chords[-1]
        chord = changed(last, pitches=(*last.pitches, key.pitch), loudness=max(last.loudness, key.velocity))
        classes = _with(self.classes, key.pitch)
        return changed(self, chords=(*self.chords[:-1], chord), classes=classes, quiet_at=None)

    @property
    def gaps(self) -> list[float]:
        """Seconds from chord to chord, newest last."""
        return [chord.gap_s for chord in self.chords if chord.gap_s is not None]


def _with(classes: Twelve, pitch: int) -> Twelve:
    """The weights with one more key of a pitch class."""
    place = pitch % 12
    return (*classes[:place], classes[place] + 1.0, *classes[place + 1 :])


def playing_of(events: Iterable[KeyEvent]) -> Playing:
    """What is remembered of events in order of time."""
    playing, keyboard = Playing(), SILENT_KEYBOARD
    for event in events:
        keyboard, _ = fold(keyboard, event)
        playing = playing.after(event, keyboard.sounding != 0)
    return playing


def cues(playing: Playing) -> tuple[float, ...] | None:
    """The number of each of `CUES`; None while something is held, or before the playing has shown its
    pace."""
    gaps = playing.gaps
    if len(gaps) < FEWEST_GAPS or None in (playing.quiet_at, playing.up_at, playing.begun_at):
        return None
    heard = _Heard(playing, gaps, median(gaps), _key(playing.classes))
    return tuple(of(heard) for of in CUES.values())


@dataclass(frozen=True, slots=True)
class _Heard:
    """What cues are read off."""

    playing: Playing
    gaps: Sequence[float]
    usual_s: float
    key: Key

    @property
    def last(self) -> Struck:
        return self.playing.chords[-1]

    @property
    def before(self) -> Sequence[Struck]:
        """The chords before the last, or the last, if it is the only one."""
        return self.playing.chords[:-1] or self.playing.chords

    @property
    def rests(self) -> list[float]:
        return [chord.rest_s for chord in self.playing.chords if chord.gap_s is not None]

    def since(self, moment: float | None) -> float:
        """Seconds from a moment until all was let go."""
        assert self.playing.quiet_at is not None
        assert moment is not None
        return self.playing.quiet_at - moment


def _of_one_class(place: int) -> Mapping[Key, float]:
    return profile_fits(tuple(float(place == other) for other in range(12)))


# How well each pitch class alone fits each key: as fits add up, the best key of all that sounds is quick to
# find.
_FITS = [_of_one_class(place) for place in range(12)]
_PROFILES: Mapping[Key, Twelve] = {key: tuple(fits[key] for fits in _FITS) for key in ALL_KEYS}


def _key(classes: Twelve) -> Key:
    return max(ALL_KEYS, key=lambda key: sum(map(mul, classes, _PROFILES[key])))


def _octaves(one: float, other: float) -> float:
    return log2(max(one, _SHORTEST_S) / max(other, _SHORTEST_S))


def _slowing(heard: _Heard) -> float:
    """How much longer the latest gaps are than the ones before them."""
    late, early = heard.gaps[-_LATE:], heard.gaps[:-_LATE]
    return _octaves(fmean(late), fmean(early)) if early else 0.0


def _fading(heard: _Heard) -> float:
    """How much louder the latest chords are than the ones before them; below 0: softer."""
    loud = [chord.loudness for chord in heard.playing.chords]
    return (fmean(loud[-_LATE:]) - fmean(loud[:-_LATE] or loud)) / 16


def _usually_held_s(heard: _Heard) -> float:
    """How long the chords before were held, at most until the next."""
    return fmean(gap_s - rest_s for gap_s, rest_s in zip(heard.gaps, heard.rests, strict=True))


def _in_tonic_chord(heard: _Heard) -> float:
    """Which share of the last chord's pitch classes belong to the chord of the key's tonic."""
    third = 3 if heard.key.is_minor else 4
    classes = {(pitch - heard.key.tonic) % 12 for pitch in heard.last.pitches}
    return len(classes & {0, third, 7}) / len(classes)


def _on(pitch: int, heard: _Heard, step: int) -> float:
    """1 where a pitch stands so many semitones above the key's tonic, in any octave; else 0."""
    return float((pitch - heard.key.tonic) % 12 == step)


def _top(chord: Struck) -> int:
    return max(chord.pitches)


def _bass(chord: Struck) -> int:
    return min(chord.pitches)


CUES: Mapping[str, Callable[[_Heard], float]] = {
    "usual gap": lambda heard: log2(heard.usual_s),
    "longer gaps": lambda heard: _octaves(_quarter(heard.gaps), heard.usual_s),
    "longest gap": lambda heard: _octaves(max(heard.gaps), heard.usual_s),
    "last gap": lambda heard: _octaves(heard.gaps[-1], heard.usual_s),
    "slowing": _slowing,
    "held": lambda heard: _octaves(heard.since(heard.playing.last_at), heard.usual_s),
    "held at all": lambda heard: log2(max(heard.since(heard.playing.last_at), _SHORTEST_S)),
    "usual rest": lambda heard: fmean(heard.rests),
    "longest rest": lambda heard: log2(max(heard.rests) + 0.05),
    "detached": lambda heard: fmean(rest > 0 for rest in heard.rests),
    "held longer": lambda heard: _octaves(heard.since(heard.playing.last_at), _usually_held_s(heard)),
    "by the pedal": lambda heard: log2(heard.since(heard.playing.up_at) + 0.05),
    "age": lambda heard: log2(1.0 + max(heard.since(heard.playing.begun_at), YOUNGEST_S)),
    "softer": lambda heard: (heard.last.loudness - fmean(one.loudness for one in heard.before)) / 16,
    "fading": _fading,
    "loudness": lambda heard: heard.last.loudness / 32,
    "top": lambda heard: (_top(heard.last) - fmean(map(_top, heard.before))) / 12,
    "step": lambda heard: (_top(heard.last) - _top(heard.before[-1])) / 12,
    "bass": lambda heard: (_bass(heard.last) - fmean(map(_bass, heard.before))) / 12,
    "fuller": lambda heard: len(heard.last.pitches) - fmean(len(one.pitches) for one in heard.before),
    "tonic chord": _in_tonic_chord,
    "tonic in the bass": lambda heard: _on(_bass(heard.last), heard, 0),
    "tonic on top": lambda heard: _on(_top(heard.last), heard, 0),
    "dominant in the bass": lambda heard: _on(_bass(heard.last), heard, 7),
    "dominant before": lambda heard: _on(_bass(heard.before[-1]), heard, 7),
}


def _quarter(gaps: Sequence[float]) -> float:
    """The gap that a quarter of them are as long as or longer."""
    return sorted(gaps, reverse=True)[len(gaps) // 4]
