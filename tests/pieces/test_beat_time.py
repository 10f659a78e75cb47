"""Written music in beats: notes lie on the grid, played unevenly within bounds, always alike, whatever the
tempo."""

from statistics import fmean

import numpy as np
import pytest

from music.beats import TempoMap
from music.listening.beat_time import BEAT_S
from music.notes import Note, Pedal
from music.phrase import Phrase
from music.settings import SettingError
from pieces.beat_time import BeatTime
from pieces.transforms import transforms_listed

EXACTLY = BeatTime(uneven=0.0)
CHANGING = TempoMap(((0.0, 0.5), (4.0, 0.8), (9.0, 0.3)))


def written(tempo: TempoMap, *, every: float = 0.5, notes: int = 48, chord: int = 1) -> Phrase:
    """Notes, or chords, so many beats apart; each is held for half of that."""

    def note(place: int, voice: int) -> Note:
        at, until = (tempo.second_at(place * every + part) for part in (0.0, every / 2))
        return Note(at, 48 + (place * 5) % 24 + 24 * voice, 64, until - at)

    return Phrase.of((note(place, voice) for place in range(notes) for voice in range(chord)), (), tempo)


@pytest.mark.parametrize("every", [0.25, 0.5, 1.0, 2.0])
def test_without_unevenness_notes_as_dense_as_usual_lie_on_halves_of_a_beat(every: float) -> None:
    played = EXACTLY(written(CHANGING, every=every))
    assert [note.at / BEAT_S for note in played.notes] == pytest.approx([0.5 * place for place in range(48)])
    assert [note.length_s / BEAT_S for note in played.notes] == pytest.approx([0.25] * 48)


def test_changes_of_tempo_vanish() -> None:
    slow, fast, changing = (
        BeatTime()(written(tempo)) for tempo in (TempoMap.steady(50), TempoMap.steady(180), CHANGING)
    )
    for other in (fast, changing):
        for one, same in zip(slow.notes, other.notes, strict=True):
            assert (same.at, same.length_s) == pytest.approx((one.at, one.length_s))
            assert (same.pitch, same.velocity) == (one.pitch, one.velocity)


def test_the_tempo_of_what_is_played_is_that_of_its_beats() -> None:
    played = EXACTLY(written(CHANGING, every=0.5))
    assert [played.tempo.beat_at(note.at) for note in played.notes[:4]] == pytest.approx([0.0, 0.5, 1.0, 1.5])
    again = EXACTLY(played)
    assert [note.at for note in again.notes] == pytest.approx([note.at for note in played.notes])


def test_pedals_go_with_the_notes() -> None:
    phrase = written(CHANGING)
    trodden = Phrase.of(
        phrase.notes, [Pedal(CHANGING.second_at(beat), True) for beat in (1.0, 6.0)], CHANGING
    )
    assert [pedal.at for pedal in EXACTLY(trodden).pedals] == pytest.approx([BEAT_S, 6 * BEAT_S])


def test_a_hand_is_uneven_within_bounds() -> None:
    exact, played = EXACTLY(written(CHANGING, notes=400)), BeatTime()(written(CHANGING, notes=400))
    strays = [note.at - on.at for note, on in zip(played.notes, exact.notes, strict=True)]
    assert 0.003 < np.std(strays) < 0.012
    assert abs(fmean(strays)) < 0.006
    assert max(map(abs, strays)) < 0.05
    louder = [note.velocity - 64 for note in played.notes]
    assert 2 < np.std(louder) < 8
    assert max(map(abs, louder)) < 25
    lengths = [note.length_s / on.length_s for note, on in zip(played.notes, exact.notes, strict=True)]
    assert 0.04 < np.std(lengths) < 0.12


def test_notes_of_a_chord_stray_together_and_are_spread_a_little() -> None:
    played = BeatTime()(written(CHANGING, every=1.0, notes=100, chord=3))
    chords = [
        sorted(played.notes[place : place + 3], key=lambda note: note.pitch) for place in range(0, 300, 3)
    ]
    spreads = [max(note.at for note in chord) - min(note.at for note in chord) for chord in chords]
    assert max(spreads) < 0.025
    assert 0.001 < fmean(spreads) < 0.01


def test_the_same_phrase_is_always_played_alike_and_another_is_not() -> None:
    phrase = written(CHANGING)
    assert BeatTime()(phrase) == BeatTime()(phrase)
    higher = Phrase.of((Note(n.at, n.pitch + 1, n.velocity, n.length_s) for n in phrase.notes), (), CHANGING)
    assert [note.at for note in BeatTime()(higher).notes] != [note.at for note in BeatTime()(phrase).notes]


def test_velocities_and_lengths_stay_playable() -> None:
    phrase = Phrase.of([Note(place * 0.25, 60, (1, 127)[place % 2], 1e-4) for place in range(200)])
    played = BeatTime(uneven=3.0)(phrase)
    assert all(1 <= note.velocity <= 127 for note in played.notes)
    assert all(note.length_s > 0 for note in played.notes)
    assert all(note.at >= 0 for note in played.notes)


def test_a_phrase_without_notes_stays_without() -> None:
    assert BeatTime()(Phrase()).notes == ()


@pytest.mark.parametrize("uneven", [-1.0, float("nan"), float("inf")])
def test_an_unevenness_that_makes_no_sense_is_refused(uneven: float) -> None:
    with pytest.raises(SettingError, match="beat-time is 0 or more times as uneven"):
        BeatTime(uneven)


def test_a_recipe_names_it_and_it_is_left_out_of_music_that_keeps_no_beat() -> None:
    listed = transforms_listed([{"name": "beat-time", "uneven": 0.5}, {"name": "louder", "by": 8}])
    assert listed.transforms[0] == BeatTime(0.5)
    assert listed.of_music(has_beat=True) is listed
    assert [one.name for one in listed.of_music(has_beat=False).transforms] == ["louder"]
