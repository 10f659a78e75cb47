"""A keyboard split in two: the keys of one part are the call, those of the other only pass through.

Must not know turns.
"""

import re
from dataclasses import dataclass

from music.notes import pitch_name, pitch_named

WHOLE = "none"  # no split, in words


@dataclass(frozen=True, slots=True)
class Split:
    """The keys that are the call: from one up, or from one down."""

    at: int = 0
    goes_up: bool = True

    def calls(self, pitch: int) -> bool:
        """Whether a key belongs to the call."""
        return pitch >= self.at if self.goes_up else pitch <= self.at

    @property
    def text(self) -> str:
        """As it is said: C4-up, C4-down, or none."""
        return WHOLE if self == UNSPLIT else f"{pitch_name(self.at)}-{'up' if self.goes_up else 'down'}"


UNSPLIT = Split()


def split_said(text: str) -> Split | None:
    """The split that a text says; None for what says none."""
    if text == WHOLE:
        return UNSPLIT
    match = re.fullmatch(r"(.+)-(up|down)", text)
    pitch = None if match is None else pitch_named(match[1])
    return None if match is None or pitch is None else Split(pitch, match[2] == "up")
