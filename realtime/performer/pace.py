"""How long a silence must last before it is the end of a phrase, learnt from the playing.

Two ways: by what tells that a phrase is over (`music/phrase_ends/`), once the playing has shown its pace; and
until then by the gaps between onsets alone. Knows what was played and how answers fared. Must not know turns.
"""

from dataclasses import dataclass, field

from music.changed import changed
from music.notes import KeyEvent
from music.phrase_ends.certainty import certainty_after
from music.phrase_ends.cues import Playing
from realtime.performer.rules import Rules

GAPS_THAT_TELL = 2
MOST_CAUTION = 2.0
_LESS = -1 / 3  # a silence that isn't by odds goes with this power of the eagerness: about as one that is


@dataclass(frozen=True)
class Pace:
    """What is remembered of the playing, and how careful earlier interruptions made us."""

    playing: Playing = field(default_factory=Playing)
    caution: float = 1.0

    def after(self, event: KeyEvent, sounds: bool) -> "Pace":
        """After what was played; `sounds` says whether anything is held now, by key or pedal."""
        return changed(self, playing=self.playing.after(event, sounds))

    def resting(self) -> "Pace":
        """Before another phrase: the gap across the answer is not a gap of the playing."""
        return changed(self, playing=self.playing.resting())

    def interrupted(self) -> "Pace":
        """After an answer that came too soon."""
        return changed(self, caution=min(self.caution * 1.3, MOST_CAUTION))

    def welcomed(self) -> "Pace":
        """After an answer that was heard to its end."""
        return changed(self, caution=max(self.caution / 1.15, 1.0))


def silence_needed(pace: Pace, rules: Rules) -> float:
    """How long nothing must be held, in seconds, for this playing to be at the end of a phrase."""
    if rules.fixed_silence_s is not None:
        return rules.fixed_silence_s
    certainty = certainty_after(pace.playing)
    if certainty is None:
        return silence_by_gaps(pace, rules)
    wanted = certainty.silence_s(1 / rules.knobs.eagerness) * pace.caution
    return _within(rules.shortest_silence_when_sure_s, wanted, rules)


def shortest_silence(rules: Rules) -> float:
    """How long nothing must be held at the least, in seconds, whatever was played."""
    if rules.fixed_silence_s is not None:
        return rules.fixed_silence_s
    return _within(min(rules.shortest_silence_when_sure_s, rules.shortest_silence_s), 0.0, rules)


def silence_by_gaps(pace: Pace, rules: Rules) -> float:
    """The same by the gaps between onsets alone: for playing of which too little has been heard.

    The margin and 1.1 times the third-longest of the last gaps (of fewer than twelve: the upper quarter),
    within the rules' bounds: one long rest within a phrase doesn't make every answer late.
    """
    gaps = pace.playing.gaps
    if len(gaps) < GAPS_THAT_TELL:
        wanted = rules.silence_of_unknown_pace_s
    else:
        longest_first = sorted(gaps, reverse=True)
        wanted = rules.silence_margin_s + 1.1 * longest_first[len(longest_first) // 4]
    wanted *= rules.knobs.eagerness**_LESS * pace.caution
    return _within(rules.shortest_silence_s, wanted, rules)


def _within(shortest_s: float, wanted_s: float, rules: Rules) -> float:
    """What is wanted, within the rules' bounds; whoever would rather jump in needn't wait for the
    shortest."""
    shortest_s *= max(rules.knobs.eagerness, 1.0) ** _LESS
    return min(max(wanted_s, shortest_s), rules.longest_silence_s)
