"""What is done to phrases before they are learnt from: one pure function each, and the names recipes call
them by.

A transform takes a phrase and gives a phrase, or None where the phrase is to be left out. Must not know
files, chance or a model: what is drawn for each epoch is in `training.feeds.augmentation`.

A recipe names a transform and its settings; an unknown name or setting is an error that lists the valid ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from statistics import fmean
from typing import Any, ClassVar, Protocol

from music.keys import A_MINOR, C_MAJOR, best_fit, detect_key, semitones_to, transposed
from music.notes import Note
from music.phrase import Phrase
from music.settings import SettingError, right_ones, settings_from
from pieces.beat_time import BeatTime
from pieces.reversal import reversed_in_time

SLOWEST, FASTEST = 10.0, 0.1  # a factor beyond these is a slip of the pen, not a tempo


class TransformError(SettingError):
    """A transform that can't be made as asked: says what, and what to do."""


class Transform(Protocol):
    """What a recipe lists: settings that can be called with a phrase."""

    name: ClassVar[str]

    def __call__(self, phrase: Phrase) -> Phrase | None:
        """The phrase, changed; None where it is to be left out."""
        ...


def transposed_phrase(phrase: Phrase, semitones: int) -> Phrase:
    """Every note moved by semitones; one that would leave the piano comes back by octaves, as `music.keys`
    says.

    Moved back, a phrase is the same again unless a note met the edge.
    """
    return replace(phrase, notes=tuple(transposed(phrase.notes, semitones)))


def in_home_key(phrase: Phrase, minor_tonic: int = A_MINOR.tonic) -> Phrase:
    """The phrase in C major, or, where it is minor, in the minor key of that tonic, by the shortest way."""
    key = detect_key(phrase.notes)
    return transposed_phrase(phrase, semitones_to(key, minor_tonic if key.is_minor else C_MAJOR.tonic))


def stretched(phrase: Phrase, factor: float) -> Phrase:
    """The phrase lasting `factor` times as long: above 1 is slower;
    the beats stay where they are in the music."""
    if not (isfinite(factor) and FASTEST <= factor <= SLOWEST):
        raise TransformError(
            f"a stretch is between {FASTEST} and {SLOWEST} (above 1 is slower), not {factor}"
        )
    return Phrase.of(
        (replace(note, at=note.at * factor, length_s=note.length_s * factor) for note in phrase.notes),
        (replace(pedal, at=pedal.at * factor) for pedal in phrase.pedals),
        phrase.tempo.stretched(factor),
    )


def louder(phrase: Phrase, by: int) -> Phrase:
    """Every velocity changed by `by` (below 0 is softer), within 1 to 127."""
    return replace(phrase, notes=tuple(_at_velocity(note, note.velocity + by) for note in phrase.notes))


def spread_out(phrase: Phrase, factor: float) -> Phrase:
    """Every velocity `factor` times as far from their mean, within 1 to 127."""
    if not phrase.notes:
        return phrase
    mean = fmean(note.velocity for note in phrase.notes)
    notes = (_at_velocity(note, round(mean + (note.velocity - mean) * factor)) for note in phrase.notes)
    return replace(phrase, notes=tuple(notes))


def _at_velocity(note: Note, velocity: int) -> Note:
    return replace(note, velocity=min(max(velocity, 1), 127))


@dataclass(frozen=True, slots=True)
class HomeKey:
    """To C major or A minor; `minor_to` C brings minor keys to C minor."""

    name: ClassVar[str] = "home-key"
    minor_to: str = "A"

    def __post_init__(self) -> None:
        _check(
            self.minor_to in ("A", "C"), f"home-key brings minor keys to 'A' or 'C', not {self.minor_to!r}"
        )

    def __call__(self, phrase: Phrase) -> Phrase:
        """The phrase in its home key."""
        return in_home_key(phrase, A_MINOR.tonic if self.minor_to == "A" else C_MAJOR.tonic)


@dataclass(frozen=True, slots=True)
class OnlyMode:
    """Leaves out what isn't in the mode, what has no notes,
    and what leads its second-best key by less than `least_lead`."""

    name: ClassVar[str] = "only-mode"
    mode: str = "major"
    least_lead: float = 0.0

    def __post_init__(self) -> None:
        _check(self.mode in ("major", "minor"), f"only-mode keeps 'major' or 'minor', not {self.mode!r}")
        _check(0 <= self.least_lead <= 2, f"only-mode needs a least_lead from 0 to 2, not {self.least_lead}")

    def __call__(self, phrase: Phrase) -> Phrase | None:
        """The phrase, if it is in the mode."""
        found = best_fit(phrase.notes)
        fits = bool(phrase.notes) and found.lead >= self.least_lead
        return phrase if fits and found.key.is_minor == (self.mode == "minor") else None


@dataclass(frozen=True, slots=True)
class Reverse:
    """Backwards in time: see `pieces.reversal`."""

    name: ClassVar[str] = "reverse"

    def __call__(self, phrase: Phrase) -> Phrase:
        """The phrase backwards."""
        return reversed_in_time(phrase)


@dataclass(frozen=True, slots=True)
class Transpose:
    """Up by semitones, or down where they are below 0."""

    name: ClassVar[str] = "transpose"
    semitones: int = 0

    def __call__(self, phrase: Phrase) -> Phrase:
        """The phrase, moved."""
        return transposed_phrase(phrase, self.semitones)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Longer by a factor."""

    name: ClassVar[str] = "stretch"
    factor: float = 1.0

    def __post_init__(self) -> None:
        stretched(Phrase(), self.factor)

    def __call__(self, phrase: Phrase) -> Phrase:
        """The phrase, stretched."""
        return stretched(phrase, self.factor)


@dataclass(frozen=True, slots=True)
class Louder:
    """Louder by steps of MIDI velocity."""

    name: ClassVar[str] = "louder"
    by: int = 0

    def __call__(self, phrase: Phrase) -> Phrase:
        """The phrase, louder or softer."""
        return louder(phrase, self.by)


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first seconds alone: what begins in them, and lasts no longer."""

    name: ClassVar[str] = "beginning"
    seconds: float = 60.0

    def __post_init__(self) -> None:
        _check(
            isfinite(self.seconds) and self.seconds > 0,
            f"beginning needs seconds of more than 0, not {self.seconds}",
        )

    def __call__(self, phrase: Phrase) -> Phrase:
        """The beginning of the phrase."""
        notes = (note for note in phrase.notes if note.at < self.seconds)
        return Phrase.of(
            (replace(note, length_s=min(note.length_s, self.seconds - note.at)) for note in notes),
            (pedal for pedal in phrase.pedals if pedal.at < self.seconds),
            phrase.tempo,
        )


@dataclass(frozen=True, slots=True)
class InTurn:
    """Several transforms, one after the other; what one leaves out stays out."""

    name: ClassVar[str] = "in-turn"
    transforms: tuple[Transform, ...] = ()

    def of_music(self, *, has_beat: bool) -> "InTurn":
        """What is done to music: if its tempo says nothing of its beats, all but `beat-time`."""
        if has_beat:
            return self
        return InTurn(tuple(one for one in self.transforms if not isinstance(one, BeatTime)))

    def __call__(self, phrase: Phrase) -> Phrase | None:
        """The phrase, changed by each."""
        for transform in self.transforms:
            changed = transform(phrase)
            if changed is None:
                return None
            phrase = changed
        return phrase


_ALL: tuple[type[Transform], ...] = (
    HomeKey,
    OnlyMode,
    Reverse,
    Transpose,
    Stretch,
    Louder,
    Beginning,
    BeatTime,
)
TRANSFORMS: dict[str, type[Transform]] = {transform.name: transform for transform in _ALL}


def transform_named(name: str, **settings: Any) -> Transform:
    """The transform of that name with these settings."""
    if name not in TRANSFORMS:
        raise TransformError(f"no transform is called {name!r}; {right_ones(name, TRANSFORMS)}")
    return settings_from(TRANSFORMS[name], settings, name, error=TransformError)


def transforms_listed(rows: Iterable[Mapping[str, Any]]) -> InTurn:
    """The transforms of a recipe in turn, from tables that each hold a `name` and settings."""
    made = []
    for row in rows:
        if "name" not in row:
            raise TransformError(f"a transform needs a name; {right_ones('', TRANSFORMS)}")
        made.append(transform_named(**row))
    return InTurn(tuple(made))


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise TransformError(message)
