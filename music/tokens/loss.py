"""What an encoding loses of a phrase, and how much: written down, read back, and compared note by note.

Notes of one pitch are paired with what came back, the nearest in onset first, each once and no further apart
than `MATCH_WITHIN_S`, so that a note that vanished can't take the place of its neighbour. What came back
shifted as a whole is not compared kindly: the shift is the error.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean

from music.notes import Note, is_on_the_piano
from music.phrase import Phrase
from music.tokens.encoding import Encoding

MATCH_WITHIN_S = 0.5  # a note half a second away is another note to the ear
_NEIGHBOURS = 8  # on either side: more strikes of one key in half a second no finger plays


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

    def record(self) -> dict[str, float]:
        """Every figure by name, as JSON can hold it."""
        return asdict(self) | {"lost_share": self.lost_share}


def loss_of(encoding: Encoding, phrase: Phrase) -> Loss:
    """What comes back of a phrase from an encoding, against that encoding's own reference.

    An open encoding that has learnt nothing yet learns the phrase first, so that its grid is measured and not
    its ignorance.
    """
    encoding = encoding if encoding.is_fitted else encoding.fitted([phrase])
    back = encoding.decode(encoding.encode(phrase)).notes
    return compare(encoding.reference(phrase).notes, back)


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


def _matched(notes: Sequence[Note], back: Sequence[Note]) -> list[tuple[Note, Note]]:
    were, came = _by_pitch(notes), _by_pitch(back)
    return [pair for pitch in were for pair in _nearest_first(were[pitch], came.get(pitch, []))]


def _by_pitch(notes: Iterable[Note]) -> dict[int, list[Note]]:
    by_pitch: dict[int, list[Note]] = {}
    for note in sorted(notes, key=lambda note: note.at):
        by_pitch.setdefault(note.pitch, []).append(note)
    return by_pitch


def _nearest_first(were: list[Note], came: list[Note]) -> list[tuple[Note, Note]]:
    """Pairs of one pitch, each note in one at most, the nearest paired first."""
    near = []
    for place, note in enumerate(were):
        middle = bisect_left(came, note.at, key=lambda other: other.at)
        for other in range(max(middle - _NEIGHBOURS, 0), min(middle + _NEIGHBOURS, len(came))):
            distance = abs(came[other].at - note.at)
            if distance <= MATCH_WITHIN_S:
                near.append((distance, place, other))
    pairs = []
    free_were, free_came = set(range(len(were))), set(range(len(came)))
    for _, place, other in sorted(near):
        if place in free_were and other in free_came:
            free_were.remove(place)
            free_came.remove(other)
            pairs.append((were[place], came[other]))
    return pairs
