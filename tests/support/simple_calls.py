"""Ten calls of the kind that people play first, each quite different from the others."""

from music.notes import Note, Pedal
from music.phrase import Phrase

_C_MAJOR = (60, 62, 64, 65, 67, 69, 71, 72)


def _line(pitches: tuple[int, ...], each_s: float, velocity: int = 70, held: float = 0.9) -> list[Note]:
    return [
        Note(place * each_s, pitch, velocity + place % 5, each_s * held)
        for place, pitch in enumerate(pitches)
    ]


def _chords(chords: tuple[tuple[int, ...], ...], each_s: float, velocity: int = 64) -> list[Note]:
    return [
        Note(place * each_s + 0.004 * voice, pitch, velocity, each_s * 0.9)
        for place, chord in enumerate(chords)
        for voice, pitch in enumerate(chord)
    ]


_TUNE = (64, 64, 65, 67, 67, 65, 64, 62, 60, 60, 62, 64, 64, 62, 62)
_CADENCE = ((48, 64, 67, 72), (53, 65, 69, 72), (55, 62, 67, 71), (48, 64, 67, 72))
_WALTZ_BASS = _chords(((43,), (55, 59, 62), (55, 59, 62)) * 4, 0.4, 50)

CALLS: dict[str, Phrase] = {
    "scale": Phrase.of(_line(_C_MAJOR + _C_MAJOR[-2::-1], 0.25)),
    "slow tune": Phrase.of(_line((67, 64, 65, 62, 64, 60), 1.1, 60)),
    "tune": Phrase.of(_line(_TUNE, 0.45)),
    "one note": Phrase.of([Note(0.0, 60, 80, 1.0)]),
    "chords": Phrase.of(_chords(_CADENCE, 1.0)),
    "waltz": Phrase.of([*_WALTZ_BASS, *_line((74, 71, 67, 69, 71, 74, 72, 71, 69, 67), 0.48, 84)]),
    "one key again and again": Phrase.of(_line((69,) * 12, 0.3)),
    "fast run": Phrase.of(_line(tuple(range(84, 55, -1)), 0.07, 90)),
    "low octaves": Phrase.of(_chords(((31, 43), (33, 45), (35, 47), (36, 48), (31, 43)), 0.6, 105)),
    "broken chords under the pedal": Phrase.of(
        _line((48, 55, 60, 64, 67, 64, 60, 55) * 3, 0.16, 45),
        [Pedal(0.0, True), Pedal(1.27, False), Pedal(1.29, True), Pedal(3.9, False)],
    ),
}
