"""How well an answer keeps to its call: its key, its density, its loudness, its register.

Every measure of answers is declared here and nowhere else; the report, its printed table, the dashboard and
the table in docs/evaluation.md are made from `MEASURES`. Knows two phrases. Must not know who played them, so
that a model's answer, the true continuation and another piece's can be measured alike. Ratios are the
answer's over the call's.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean

from evaluation.answering.measure import DISTANCE, MEAN, RATIO, Measure, table_of
from music.keys import best_fit, pitch_class_weights, profile_fits, scale_of
from music.phrase import Phrase

Agreement = Mapping[str, float]  # of one answer with its call, by the names of measures

# Whose answers are measured: by their names in a report, in words.
PLAYERS = {"model": "the model", "continuation": "the true continuation", "chance": "another piece's"}

_SHORTEST_S = 0.5  # of a phrase, when its density is reckoned: one short note is not a hundred per second


def density(phrase: Phrase) -> float:
    """Onsets per second, from the first onset to the end of the last note."""
    return len(phrase.notes) / max(phrase.until - phrase.notes[0].at, _SHORTEST_S)


def _share_in_key(call: Phrase, answer: Phrase) -> float:
    scale = scale_of(best_fit(call.notes).key)
    return fmean(note.pitch % 12 in scale for note in answer.notes)


def _key_fit(call: Phrase, answer: Phrase) -> float:
    return profile_fits(pitch_class_weights(answer.notes))[best_fit(call.notes).key]


def _density_ratio(call: Phrase, answer: Phrase) -> float:
    return density(answer) / density(call)


def _velocity_ratio(call: Phrase, answer: Phrase) -> float:
    return _mean_velocity(answer) / _mean_velocity(call)


def _register(call: Phrase, answer: Phrase) -> float:
    return _mean_pitch(answer) - _mean_pitch(call)


def _mean_velocity(phrase: Phrase) -> float:
    return fmean(note.velocity for note in phrase.notes)


def _mean_pitch(phrase: Phrase) -> float:
    return fmean(note.pitch for note in phrase.notes)


MEASURES: tuple[Measure[[Phrase, Phrase]], ...] = (
    Measure(
        "in_key",
        "in key",
        "the share of its notes in the scale of the call's key (`music/keys.py`; of a minor key "
        "the natural one)",
        "share",
        "more",
        ".1%",
        MEAN,
        _share_in_key,
    ),
    Measure(
        "key_fit",
        "key fit",
        "the correlation of how long its pitch classes sound with the profile of the call's key",
        "-1 to 1",
        "more",
        "+.2f",
        MEAN,
        _key_fit,
    ),
    Measure(
        "density_ratio",
        "density ratio",
        "its onsets per second over the call's",
        "factor",
        "near 1",
        ".2f",
        RATIO,
        _density_ratio,
    ),
    Measure(
        "velocity_ratio",
        "velocity ratio",
        "its mean velocity over the call's",
        "factor",
        "near 1",
        ".2f",
        RATIO,
        _velocity_ratio,
    ),
    Measure(
        "register",
        "semitones up",
        "how far its mean pitch lies above the call's",
        "semitones",
        "near 0",
        "+.1f",
        DISTANCE,
        _register,
    ),
)


def agreement(call: Phrase, answer: Phrase) -> Agreement | None:
    """Every measure of one answer that can be taken, by name; None where the answer has no note."""
    if not answer.notes:
        return None
    figures = {measure.name: measure.of(call, answer) for measure in MEASURES}
    return {name: value for name, value in figures.items() if value is not None}


def summary(found: Sequence[Agreement | None]) -> dict[str, float]:
    """All answers of one player in figures: how many, how many without a note, and every measure pooled."""
    heard = [one for one in found if one is not None]
    figures: dict[str, float] = {"answers": len(heard), "silent": len(found) - len(heard)}
    for measure in MEASURES:
        figures |= measure.pooled([one[measure.name] for one in heard if measure.name in one])
    return figures


def table_drawn() -> str:
    """The measures as docs/evaluation.md lists them, in Markdown."""
    return table_of(MEASURES)
