"""Calls that nobody would call music, and that come all the same: each has to be answered."""

from music.notes import Note, Pedal
from music.phrase import Phrase


def _struck(pitches: list[int], each_s: float, velocity: int = 90) -> list[Note]:
    return [Note(place * each_s, pitch, velocity, each_s * 0.8) for place, pitch in enumerate(pitches)]


_HOUR = [48 + (5 * place + place // 7) % 30 for place in range(3 * 3600)]
_TUNE = [60, 64, 62, 65, 64, 67, 65, 69, 67, 64, 62, 60]

BAD_CALLS: dict[str, Phrase] = {
    "one note": Phrase.of([Note(0.0, 60, 80, 0.3)]),
    "one click": Phrase.of([Note(0.0, 60, 1, 0.0)]),
    "a cluster": Phrase.of(Note(0.0, pitch, 110, 1.0) for pitch in range(48, 60)),
    "all keys at once": Phrase.of(Note(0.0, pitch, 127, 2.0) for pitch in range(21, 109)),
    "a drum roll on one key": Phrase.of(_struck([38] * 150, 0.03)),
    "an hour": Phrase.of(_struck(_HOUR, 1 / 3)),
    "300 notes a second": Phrase.of(_struck([30 + 7 * place % 60 for place in range(900)], 1 / 300)),
    "pitch 0": Phrase.of(_struck([0] * 8, 0.25)),
    "pitch 127": Phrase.of(_struck([127] * 8, 0.25)),
    "half off the piano": Phrase.of(_struck([0, 60, 127, 64, 12, 67, 115, 72], 0.25)),
    "at both ends": Phrase.of(_struck([21, 108, 21, 108, 22, 107, 21, 108], 0.2)),
    "pedal held throughout": Phrase.of(_struck(_TUNE * 3, 0.2), [Pedal(0.0, True)]),
    "one chord held for a minute": Phrase.of(Note(0.0, pitch, 70, 60.0) for pitch in (48, 55, 64)),
    "two notes a minute apart": Phrase.of([Note(0.0, 60, 70, 0.2), Note(60.0, 62, 70, 0.2)]),
}
