"""How long a silence must last before it is the end of a phrase, learnt from the playing.

Knows onsets and how answers fared. Must not know turns.
"""

from dataclasses import dataclass, replace

from realtime.performer.rules import Rules

REMEMBERED_GAPS = 12
GAPS_THAT_TELL = 2
ONE_CHORD_S = 0.05  # onsets closer than this are one chord, or a spread of the hand
MOST_CAUTION = 2.0


@dataclass(frozen=True, slots=True)
class Pace:
    """The last gaps between onsets in seconds, newest last, and how careful earlier interruptions made us."""

    gaps: tuple[float, ...] = ()
    last_onset: float | None = None
    caution: float = 1.0

    def struck(self, at: float, rules: Rules) -> "Pace":
        """After another onset; a gap longer than any silence waited for tells nothing of the pace."""
        if self.last_onset is None:
            return replace(self, last_onset=at)
        gap = at - self.last_onset
        if gap < ONE_CHORD_S:
            return self
        gaps = (*self.gaps, min(gap, 2 * rules.longest_silence_s))[-REMEMBERED_GAPS:]
        return replace(self, gaps=gaps, last_onset=at)

    def resting(self) -> "Pace":
        """Before another phrase: the gap across the answer is not a gap of the playing."""
        return replace(self, last_onset=None)

    def interrupted(self) -> "Pace":
        """After an answer that came too soon."""
        return replace(self, caution=min(self.caution * 1.3, MOST_CAUTION))

    def welcomed(self) -> "Pace":
        """After an answer that was heard to its end."""
        return replace(self, caution=max(self.caution / 1.15, 1.0))


def silence_needed(pace: Pace, rules: Rules) -> float:
    """How long nothing must be held, in seconds, for this playing to be at the end of a phrase.

    The margin and 1.1 times the third-longest of the last twelve gaps (fewer: the upper quarter), within the
    rules' bounds: one long rest within a phrase doesn't make every answer late.
    """
    if len(pace.gaps) < GAPS_THAT_TELL:
        wanted = rules.silence_of_unknown_pace_s
    else:
        longest_first = sorted(pace.gaps, reverse=True)
        wanted = rules.silence_margin_s + 1.1 * longest_first[len(longest_first) // 4]
    return min(max(wanted * pace.caution, rules.shortest_silence_s), rules.longest_silence_s)
