"""Gross faults of an answer: what anybody would hear at once, beside its call.

Each has a name, half a sentence and a bound; `faults_of` names those that an answer has. Knows features. Must
not know who answered.
"""

from dataclasses import dataclass
from functools import cached_property
from math import log2

from music.keys import detect_key, scale_of
from music.manner.features import Features, octaves
from music.manner.pulse import pulse_likeness
from music.phrase import Phrase

LEAST_IN_KEY = 0.65
MOST_LEAP = 12.0  # semitones
MOST_LOUDER = 1.5
LEAST_PULSE = 0.15
MOST_REPEATED = 0.2
MOST_TOGETHER = 10
LONGEST_SILENCE_S = 2.0
LATEST_S = 1.5
SEVERAL = 3  # so many faults are hopeless

SILENT = "silent"
FAULTS = {
    "out of key": f"less than {LEAST_IN_KEY:.0%} of its notes in the scale of the call's key",
    "density": "more than twice or less than half as many notes a second as the call",
    "texture": "more than twice or less than half as many notes sounding at a time",
    "register": f"its mean pitch {MOST_LEAP:.0f} semitones away, or more",
    "loudness": f"its mean velocity more than {MOST_LOUDER} times the call's, or less than two thirds",
    "pulse": f"a pulse likeness of less than {LEAST_PULSE}",
    "repetition": f"{MOST_REPEATED:.0%} of its chords, or more, strike just the keys of the one before",
    "cluster": f"{MOST_TOGETHER} notes or more in one chord",
    "silence": f"nothing sounds for {LONGEST_SILENCE_S:.0f} s or more in the middle of it",
    "late": f"its first note comes {LATEST_S} s after the call's end, or later",
    SILENT: "it has no note",
}


@dataclass(frozen=True)
class Answered:
    """A call and an answer to it that has notes, measured.

    `first_s` is how long after the call's last sound it begins; None of music that waits for no call.
    """

    call: Phrase
    answer: Phrase
    of_call: Features
    of_answer: Features
    first_s: float | None = None

    @cached_property
    def in_key(self) -> float:
        """Which share of the answer's notes lies in the scale of the call's key."""
        steps = set(scale_of(detect_key(self.call.notes)))
        inside = [note.pitch % 12 in steps for note in self.answer.notes]
        return sum(inside) / len(inside)


def faults_of(answered: Answered | None) -> list[str]:
    """The gross faults of an answer, by their names in `FAULTS`; None has no note."""
    if answered is None:
        return [SILENT]
    call, answer = answered.of_call, answered.of_answer
    found = {
        "out of key": answered.in_key < LEAST_IN_KEY,
        "density": abs(log2(answer.density / call.density)) > 1,
        "texture": abs(octaves(answer.sounding, call.sounding)) > 1,
        "register": abs(answer.register - call.register) >= MOST_LEAP,
        "loudness": abs(log2(answer.loudness / call.loudness)) > log2(MOST_LOUDER),
        "pulse": pulse_likeness(answer.pulse, call.pulse) < LEAST_PULSE,
        "repetition": answer.repetition >= MOST_REPEATED,
        "cluster": answer.most_together >= MOST_TOGETHER,
        "silence": answer.longest_silence_s >= LONGEST_SILENCE_S,
        "late": answered.first_s is not None and answered.first_s >= LATEST_S,
    }
    return [name for name, is_so in found.items() if is_so]
