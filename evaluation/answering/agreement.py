"""How well an answer keeps to its call: its key, its density, its loudness, its register.

Knows two phrases. Must not know who played them, so that a model's answer, the true continuation and another piece's
can be measured alike. Ratios are the answer's over the call's.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import exp, log, sqrt
from statistics import fmean

from music.keys import best_fit, pitch_class_weights, profile_fits, scale_of
from music.phrase import Phrase

_SHORTEST_S = 0.5  # of a phrase, when its density is reckoned: one short note is not a hundred a second


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one answer with its call."""

    in_key: float  # share of its notes in the scale of the call's key
    key_fit: (
        float  # correlation of how long its pitch classes sound with the profile of the call's key, -1 to 1
    )
    density_ratio: float  # of onsets a second
    velocity_ratio: float  # of mean velocities
    register: float  # semitones that its mean pitch lies above the call's

    def told(self) -> dict[str, float]:
        """By name, as JSON can hold it."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def agreement(call: Phrase, answer: Phrase) -> Agreement | None:
    """None where the answer has no note."""
    if not answer.notes:
        return None
    key = best_fit(call.notes).key
    scale = scale_of(key)
    return Agreement(
        in_key=fmean(note.pitch % 12 in scale for note in answer.notes),
        key_fit=profile_fits(pitch_class_weights(answer.notes))[key],
        density_ratio=density(answer) / density(call),
        velocity_ratio=_mean_velocity(answer) / _mean_velocity(call),
        register=_mean_pitch(answer) - _mean_pitch(call),
    )


def density(phrase: Phrase) -> float:
    """Onsets a second, from the first onset to the end of the last note."""
    return len(phrase.notes) / max(phrase.until - phrase.notes[0].at, _SHORTEST_S)


def summary(found: Sequence[Agreement | None]) -> dict[str, float]:
    """All answers of one player in figures: means, what the ratios are off by as a factor, and how many had no note.

    `..._ratio` is the geometric mean, so that half and twice even out; `..._off_by` is how far a typical answer is away,
    whichever way: 2 is half or twice.
    """
    heard = [one for one in found if one is not None]
    told: dict[str, float] = {"answers": len(heard), "silent": len(found) - len(heard)}
    if not heard:
        return told
    in_key, key_fit = [one.in_key for one in heard], [one.key_fit for one in heard]
    densities, velocities = (
        [log(one.density_ratio) for one in heard],
        [log(one.velocity_ratio) for one in heard],
    )
    registers = [one.register for one in heard]
    return told | {
        "in_key": fmean(in_key),
        "in_key_error": _standard_error(in_key),
        "key_fit": fmean(key_fit),
        "key_fit_error": _standard_error(key_fit),
        "density_ratio": exp(fmean(densities)),
        "density_off_by": exp(fmean(map(abs, densities))),
        "velocity_ratio": exp(fmean(velocities)),
        "velocity_off_by": exp(fmean(map(abs, velocities))),
        "register": fmean(registers),
        "register_off_by": fmean(map(abs, registers)),
    }


def _standard_error(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    mean = fmean(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))


def _mean_velocity(phrase: Phrase) -> float:
    return fmean(note.velocity for note in phrase.notes)


def _mean_pitch(phrase: Phrase) -> float:
    return fmean(note.pitch for note in phrase.notes)
