"""Which key a passage is in, and how far it lies from C major or A minor.

Knows pitch classes and how long each sounds. Must not know files, phrases or what a model wants with a key.

How long each step of the scale sounds is compared, by correlation, with the profile of each of the 24 keys.
The profiles are Temperley's, counted in the Kostka–Payne textbook (*Music and Probability*, 2007, table 6.1).
Of six published ones they find the stated key most often in a piece's first ten seconds (85 %), and nearly as
often as the best in whole pieces (87 %, where Albrecht–Shanahan find 88 %); Krumhansl–Kessler find 74 % and
78 %. Measured on 2,076 pieces by `benchmarks/repertoire/key_profiles.py`. What is missed is mostly the
relative key.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import fsum, sqrt

from music.notes import HIGHEST_KEY, LOWEST_KEY, Note, is_on_the_piano

_MAJOR_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
_MAJOR_STEPS = (0, 2, 4, 5, 7, 9, 11)
_MINOR_STEPS = (0, 2, 3, 5, 7, 8, 10)

Twelve = tuple[float, ...]  # one number a pitch class


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic, as a pitch class from 0 (C) to 11 (B), and whether the key is minor."""

    tonic: int
    is_minor: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.tonic <= 11:
            raise ValueError(f"a tonic is a pitch class from 0 (C) to 11 (B), not {self.tonic}")

    @property
    def name(self) -> str:
        """Its usual name: "C major", "A minor", "Bb major", "C# minor"."""
        return f"{_MINOR_NAMES[self.tonic]} minor" if self.is_minor else f"{_MAJOR_NAMES[self.tonic]} major"

    def __str__(self) -> str:
        return self.name


C_MAJOR = Key(0)
A_MINOR = Key(9, True)
ALL_KEYS = tuple(Key(tonic, is_minor) for is_minor in (False, True) for tonic in range(12))


@dataclass(frozen=True, slots=True)
class Profile:
    """How much each pitch class sounds in a major and in a minor key, the tonic first."""

    major: Twelve
    minor: Twelve


# The share of passages in which each pitch class sounds.
TEMPERLEY_2007 = Profile(
    (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
    (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
)


@dataclass(frozen=True, slots=True)
class KeyFit:
    """The key that fits best, how well (a correlation, -1 to 1), and by how much it beats the second best."""

    key: Key
    fit: float
    lead: float


def scale_of(key: Key) -> tuple[int, ...]:
    """The seven pitch classes of a key from its tonic up; a minor key's are those of natural minor."""
    steps = _MINOR_STEPS if key.is_minor else _MAJOR_STEPS
    return tuple((key.tonic + step) % 12 for step in steps)


def pitch_class_weights(notes: Iterable[Note]) -> Twelve:
    """Seconds for which each pitch class sounds, C first; where no note has a length, numbers of notes."""
    lengths: list[list[float]] = [[] for _ in range(12)]
    for note in notes:
        lengths[note.pitch % 12].append(note.length_s)
    # Summed exactly, so that the order of notes, and hence a transposition, can't decide between two keys.
    seconds = tuple(fsum(of_class) for of_class in lengths)
    return seconds if any(seconds) else tuple(float(len(of_class)) for of_class in lengths)


def detect_key(notes: Iterable[Note]) -> Key:
    """The key whose profile the notes fit best; see `best_fit` for what has no key of its own."""
    return best_fit(notes).key


def best_fit(notes: Iterable[Note], profile: Profile = TEMPERLEY_2007) -> KeyFit:
    """The best key with its fit and its lead.

    A single pitch class is taken for the tonic of its major key. No notes, or all twelve classes alike, fit
    every key alike: C major, with fit and lead 0. Every note given counts, so percussion is to be left out
    beforehand.
    """
    weights = pitch_class_weights(notes)
    fits = profile_fits(weights, profile)
    best, second = sorted(ALL_KEYS, key=lambda key: -fits[key])[:2]
    sounding = [pitch_class for pitch_class, weight in enumerate(weights) if weight]
    if len(sounding) == 1:
        key = Key(sounding[0])
        return KeyFit(key, fits[key], 0.0)
    return KeyFit(best, fits[best], fits[best] - fits[second])


def profile_fits(weights: Twelve, profile: Profile = TEMPERLEY_2007) -> dict[Key, float]:
    """The correlation of twelve pitch-class weights, C first, with the profile of every key."""
    shape, major, minor = map(_standardised, (weights, profile.major, profile.minor))
    return {
        key: fsum(
            shape[(key.tonic + step) % 12] * share
            for step, share in enumerate(minor if key.is_minor else major)
        )
        for key in ALL_KEYS
    }


def semitones_to(key: Key, tonic: int) -> int:
    """The shortest shift that brings a key's tonic to another: -6 to 5, so that a tritone goes down."""
    return (tonic - key.tonic + 6) % 12 - 6


def semitones_to_home(key: Key) -> int:
    """The shortest shift, -6 to 5 semitones, that brings a key to C major or A minor."""
    return semitones_to(key, (A_MINOR if key.is_minor else C_MAJOR).tonic)


def transposed_pitch(pitch: int, semitones: int) -> int:
    """A pitch moved by semitones; what would leave the piano, or MIDI's 0 to 127 where it wasn't on it, comes
    back by octaves."""
    lowest, highest = (LOWEST_KEY, HIGHEST_KEY) if is_on_the_piano(pitch) else (0, 127)
    moved = pitch + semitones
    octaves_above = -((highest - moved) // 12)  # rounded up; below the highest this is 0 or less
    octaves_below = -((moved - lowest) // 12)
    return moved - 12 * max(octaves_above, 0) + 12 * max(octaves_below, 0)


def transposed(notes: Iterable[Note], semitones: int) -> list[Note]:
    """The notes moved by semitones, by onset, then pitch; `transposed_pitch` says what the edges do."""
    moved = [replace(note, pitch=transposed_pitch(note.pitch, semitones)) for note in notes]
    return sorted(moved, key=lambda note: (note.at, note.pitch))


def _standardised(weights: Twelve) -> Twelve:
    """Moved to mean 0 and scaled to length 1; all 0 where the weights don't differ."""
    mean = fsum(weights) / len(weights)
    size = sqrt(fsum((weight - mean) ** 2 for weight in weights))
    if size <= mean * 1e-9:  # twelve equal weights, up to rounding
        return (0.0,) * len(weights)
    return tuple((weight - mean) / size for weight in weights)
