"""Which recordings are taken of Alexander Holm's Salamander Grand Piano, and how they are known.

Every third key in three strokes of sixteen. Knows names, checksums and lengths. Must not know where they
come from.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CREDIT = "Salamander Grand Piano by Alexander Holm, CC BY 3.0"
VERSION = "1.0.5"  # of the packages that hold it
STROKES = (4, 8, 12)  # of the sixteen
PITCHES = tuple(range(21, 109, 3))
SAMPLE_RATE = 48000

_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True, slots=True)
class Recording:
    """One key struck once."""

    pitch: int
    stroke: int

    @property
    def package(self) -> str:
        """The package that holds it."""
        return f"@audio-samples/piano-velocity{self.stroke}"

    @property
    def published(self) -> str:
        """What its file is called there."""
        return f"{_NAMES[self.pitch % 12]}{self.pitch // 12 - 1}v{self.stroke}.ogg"

    @property
    def file(self) -> str:
        """What its file is called here."""
        return f"{self.pitch}-{self.stroke}.ogg"

    @property
    def velocity(self) -> int:
        """The velocity that it was struck with."""
        return round(self.stroke * 127 / 16)

    @property
    def sha256(self) -> str:
        """The checksum of its file as published."""
        return _checksums()[self.published]

    @property
    def samples(self) -> int:
        """How many are kept: low strings ring longer."""
        seconds = 6.0 if self.pitch < 60 else 4.5 if self.pitch < 84 else 2.0
        return round(seconds * SAMPLE_RATE)


RECORDINGS = tuple(Recording(pitch, stroke) for stroke in STROKES for pitch in PITCHES)


@cache
def _checksums() -> dict[str, str]:
    lines = (files(__package__) / "salamander.sha256").read_text(encoding="ascii").splitlines()
    return {name: checksum for checksum, name in (line.split() for line in lines)}
