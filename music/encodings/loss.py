"""What an encoding loses of a phrase, and how much: written down, read back, and compared note by note.

A note that came back is the nearest in onset among those of its pitch, each used once and no further away than
`MATCH_WITHIN_S`. What came back shifted as a whole is not compared kindly: the shift is the error.
"""

from bisect import bisect_left
from dataclasses import asdict, dataclass
from statistics import fmean

from music.encodings.encoding import Encoding
from music.notes import Note, is_on_the_piano
from music.phrase import Phrase, pedal_folded

MATCH_WITHIN_S = 0.5  # a note half a second away is another note to the ear


@dataclass(frozen=True, slots=True)
class Loss:
    """How a phrase came back: notes, and mean errors over the notes that came back."""

    notes: int
    outside_the_piano: int
    lost: int
    invented: int
    onset_error_ms: float
    onset_error_max_ms: float
    length_error_ms: float
    velocity_error: float

    @property
    def lost_share(self) -> float:
        """The share of notes that did not come back."""
        return self.lost / self.notes if self.notes else 0.0

    def told(self) -> dict[str, float]:
        """Every figure by name, as JSON can hold it."""
        return asdict(self) | {"lost_share": self.lost_share}


def loss_of(encoding: Encoding, phrase: Phrase) -> Loss:
    """What comes back of a phrase (its pedal folded in) from an encoding."""
    sounding = pedal_folded(phrase).notes
    back = encoding.decode(encoding.encode(phrase)).notes
    return compare(sounding, back)


def compare(notes: tuple[Note, ...], back: tuple[Note, ...]) -> Loss:
    """How the notes that came back differ from the notes that were."""
    pairs = _matched(notes, back)
    onsets = [abs(a.at - b.at) * 1000 for a, b in pairs]
    return Loss(
        notes=len(notes),
        outside_the_piano=sum(not is_on_the_piano(note.pitch) for note in notes),
        lost=len(notes) - len(pairs),
        invented=len(back) - len(pairs),
        onset_error_ms=fmean(onsets) if onsets else 0.0,
        onset_error_max_ms=max(onsets, default=0.0),
        length_error_ms=fmean([abs(a.length_s - b.length_s) * 1000 for a, b in pairs]) if pairs else 0.0,
        velocity_error=fmean([abs(a.velocity - b.velocity) for a, b in pairs]) if pairs else 0.0,
    )


def _matched(notes: tuple[Note, ...], back: tuple[Note, ...]) -> list[tuple[Note, Note]]:
    free: dict[int, list[Note]] = {}
    for note in sorted(back, key=lambda note: note.at):
        free.setdefault(note.pitch, []).append(note)
    pairs = []
    for note in sorted(notes, key=lambda note: note.at):
        candidates = free.get(note.pitch, [])
        place = bisect_left(candidates, note.at, key=lambda other: other.at)
        near = [index for index in (place - 1, place) if 0 <= index < len(candidates)]
        if not near:
            continue
        best = min(near, key=lambda index: abs(candidates[index].at - note.at))
        if abs(candidates[best].at - note.at) <= MATCH_WITHIN_S:
            pairs.append((note, candidates.pop(best)))
    return pairs
