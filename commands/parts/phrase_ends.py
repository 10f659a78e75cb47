"""Ways of hearing when a phrase is over, each through its settings, as `antiphon evaluate` compares them.

Joins the performer's own rules to the measure, which knows none. Must not know corpora.
"""

from collections.abc import Callable, Mapping, Sequence

from evaluation.phrase_ends.curve import REFERENCE_S, Way
from music.phrase_ends.cues import Playing
from realtime.knobs import Knobs
from realtime.performer.pace import Pace, silence_by_gaps, silence_needed
from realtime.performer.rules import DEFAULT_RULES, Rules

FIXED_S = tuple(round(0.05 * place, 2) for place in range(3, 41))  # 0.15 to 2 s
CAUTIONS = tuple(0.5 * 1.06**place for place in range(32))  # 0.5 to 3
EAGERNESSES = tuple(2.0 ** (-place / 4) for place in range(-24, 25))  # 64 to 1/64
_AS_PLAYED = 1.0


def ways() -> Mapping[str, Way]:
    """A fixed silence, one by the gaps between onsets, and one by all that tells the end of a phrase."""
    cautious = tuple(sorted({*CAUTIONS, _AS_PLAYED}))
    return {
        "fixed": Way(_through(_fixed), FIXED_S, FIXED_S.index(REFERENCE_S)),
        "by gaps": Way(_by_gaps, cautious, cautious.index(_AS_PLAYED)),
        "by cues": Way(_through(_eager), EAGERNESSES, EAGERNESSES.index(_AS_PLAYED)),
    }


def _fixed(setting: float) -> Rules:
    return Rules(fixed_silence_s=setting)


def _eager(setting: float) -> Rules:
    return Rules(knobs=Knobs(eagerness=setting))


def _through(rules_of: Callable[[float], Rules]) -> Callable[[Playing, Sequence[float]], Sequence[float]]:
    """How long the performer waits by each of these rules."""
    known: dict[float, Rules] = {}

    def waits(playing: Playing, settings: Sequence[float]) -> Sequence[float]:
        pace = Pace(playing)
        for setting in settings:
            if setting not in known:
                known[setting] = rules_of(setting)
        return [silence_needed(pace, known[setting]) for setting in settings]

    return waits


def _by_gaps(playing: Playing, settings: Sequence[float]) -> Sequence[float]:
    return [silence_by_gaps(Pace(playing, caution), DEFAULT_RULES) for caution in settings]
