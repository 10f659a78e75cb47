"""How near an answer is to its call, feature by feature, as people would say it.

Every measure of belonging is declared here and nowhere else; the report, its printed table, the dashboard and
the table in docs/evaluation.md are made from `MEASURES`. Knows a call and an answer that have been measured.
Must not know who answered.
"""

from math import log2

from evaluation.answering.measure import MEAN, MEDIAN, Measure, table_of
from evaluation.belonging.faults import Answered
from music.manner.clashes import share_of_clashes
from music.manner.copying import intervals_of, longest_shared
from music.manner.features import gaps_apart, motifs_shared, octaves
from music.manner.pulse import pulse_likeness, tempo_is_the_same


def _pulse(one: Answered) -> float:
    return pulse_likeness(one.of_answer.pulse, one.of_call.pulse)


def _same_tempo(one: Answered) -> float:
    return float(tempo_is_the_same(one.of_answer.beat, one.of_call.beat))


def _gaps(one: Answered) -> float:
    return gaps_apart(one.of_answer, one.of_call)


def _density(one: Answered) -> float:
    return abs(log2(one.of_answer.density / one.of_call.density))


def _texture(one: Answered) -> float:
    return abs(octaves(one.of_answer.sounding, one.of_call.sounding))


def _register(one: Answered) -> float:
    return abs(one.of_answer.register - one.of_call.register)


def _loudness(one: Answered) -> float:
    return abs(log2(one.of_answer.loudness / one.of_call.loudness))


def _loudness_spread(one: Answered) -> float:
    return one.of_answer.loudness_spread - one.of_call.loudness_spread


def _articulation(one: Answered) -> float:
    return abs(octaves(one.of_answer.articulation, one.of_call.articulation))


def _motifs(one: Answered) -> float:
    return motifs_shared(one.of_answer, one.of_call)


def _copied(one: Answered) -> float:
    return float(longest_shared(intervals_of(one.answer.notes), intervals_of(one.call.notes)))


MEASURES: tuple[Measure[[Answered]], ...] = (
    Measure(
        "pulse",
        "pulse",
        "how alike its pulse and the call's are: the correlation of both autocorrelations of onsets, at lags "
        "from 0.1 to 2 s",
        "-1 to 1",
        "more",
        ".2f",
        MEAN,
        _pulse,
    ),
    Measure(
        "same_tempo",
        "tempo",
        "the share whose beat is as long as the call's, or half or twice as long, within 7 %",
        "share",
        "more",
        ".0%",
        MEAN,
        _same_tempo,
    ),
    Measure(
        "gaps",
        "gaps",
        "how far its gaps from chord to chord have to be moved to be the call's, the shortest to the "
        "shortest",
        "octaves of a factor",
        "near 0",
        ".2f",
        MEAN,
        _gaps,
    ),
    Measure(
        "density",
        "density",
        "how far its notes per second are from the call's",
        "octaves of a factor",
        "near 0",
        ".2f",
        MEAN,
        _density,
    ),
    Measure(
        "texture",
        "texture",
        "how far the number of its notes that sound at a time is from the call's",
        "octaves of a factor",
        "near 0",
        ".2f",
        MEAN,
        _texture,
    ),
    Measure(
        "register",
        "register",
        "how far its mean pitch is from the call's",
        "semitones",
        "near 0",
        ".1f",
        MEAN,
        _register,
    ),
    Measure(
        "loudness",
        "loud",
        "how far its mean velocity is from the call's",
        "octaves of a factor",
        "near 0",
        ".2f",
        MEAN,
        _loudness,
    ),
    Measure(
        "loudness_spread",
        "spread",
        "by how much the standard deviation of its velocities is greater than the call's",
        "velocity",
        "near 0",
        "+.1f",
        MEAN,
        _loudness_spread,
    ),
    Measure(
        "articulation",
        "artic.",
        "how far the length of its notes, in gaps, is from the call's",
        "octaves of a factor",
        "near 0",
        ".2f",
        MEAN,
        _articulation,
    ),
    Measure(
        "in_key",
        "in key",
        "the share of its notes in the scale of the call's key",
        "share",
        "more",
        ".0%",
        MEAN,
        lambda one: one.in_key,
    ),
    Measure(
        "clashes",
        "clashes",
        "the share of the time in which two keys or more are down, in which two of them are a small second "
        "or a small ninth apart",
        "share",
        "near the truth's",
        ".0%",
        MEAN,
        lambda one: share_of_clashes(one.answer.notes),
    ),
    Measure(
        "motifs",
        "motifs",
        "the share of its motifs, of three intervals and their rhythm, that stand in the call, in whatever "
        "key and tempo",
        "share",
        "more",
        ".2f",
        MEAN,
        _motifs,
    ),
    Measure(
        "copied",
        "copied",
        "the longest run of intervals of its tune that stands in the call's tune, too",
        "intervals",
        "near the truth's",
        ".1f",
        MEAN,
        _copied,
    ),
    Measure(
        "repetition",
        "repeats",
        "the share of its chords that strike just the keys of the one before",
        "share",
        "less",
        ".0%",
        MEAN,
        lambda one: one.of_answer.repetition,
    ),
    Measure(
        "ends_long",
        "long end",
        "the share whose last chord lasts one and a half usual gaps or more",
        "share",
        "more",
        ".0%",
        MEAN,
        lambda one: float(one.of_answer.ends_long),
    ),
    Measure(
        "first_s",
        "first, s",
        "how long after the call's last sound its first note comes (the median)",
        "seconds",
        "near the truth's",
        ".2f",
        MEDIAN,
        lambda one: one.first_s,
    ),
)


def table_drawn() -> str:
    """The measures as docs/evaluation.md lists them, in Markdown."""
    return table_of(MEASURES)
