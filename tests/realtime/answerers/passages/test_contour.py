"""Of a call's tune, what comes back in it is taken up, a few steps at a time, from near the answer's own."""

from itertools import pairwise
from random import Random

import pytest

from music.notes import HIGHEST_KEY, Note
from realtime.answerers.passages.contour import CONTOUR, CONTOUR_EVERY, CallTune, with_contour
from realtime.answerers.passages.harmony import NO_HARMONY
from realtime.answerers.passages.voicing import Chords, gathered

# Four steps that are nowhere else, then one figure twice.
ANYTHING = [NO_HARMONY] * 14
TUNE = (60, 67, 61, 70, 59, 60, 62, 64, 65, 72, 60, 62, 64, 65)


def line(pitches: tuple[int, ...] | list[int]) -> list[Note]:
    return [Note(place * 0.3, pitch, 60, 0.25) for place, pitch in enumerate(pitches)]


def drawn(count: int, seed: int = 1) -> Chords:
    chance = Random(seed)
    return gathered(line([chance.randint(55, 80) for _ in range(count)]))


def tune_of(chords: Chords) -> list[int]:
    return [max(note.pitch for note in chord) for chord in chords]


def steps_of(pitches: list[int] | tuple[int, ...]) -> list[int]:
    return [later - before for before, later in pairwise(pitches)]


def test_a_call_knows_how_often_each_of_its_motifs_stands_in_it() -> None:
    tune = CallTune.of(gathered(line(TUNE)))
    assert tune.pitches == TUNE
    assert [place for place, times in enumerate(tune.times) if times == 2] == [5, 10]
    assert tune.times[-CONTOUR:] == (0,) * CONTOUR


@pytest.mark.parametrize("seed", range(5))
def test_what_comes_back_in_the_call_is_taken_up(seed: int) -> None:
    chords = drawn(CONTOUR_EVERY, seed)
    made = with_contour(chords, CallTune.of(gathered(line(TUNE))), 0, ANYTHING)
    assert steps_of(tune_of(made))[5 : 5 + CONTOUR] == [2, 2, 1]
    assert tune_of(made)[:5] == tune_of(chords)[:5]
    assert abs(tune_of(made)[5] - tune_of(chords)[5]) <= 4


@pytest.mark.parametrize("seed", range(5))
def test_it_is_taken_up_where_it_belongs_to_the_harmony(seed: int) -> None:
    in_d = tuple(0.0 if pitch_class in (2, 4, 6, 7, 9, 11, 1) else 3.0 for pitch_class in range(12))
    made = with_contour(drawn(CONTOUR_EVERY, seed), CallTune.of(gathered(line(TUNE))), 0, [in_d] * len(TUNE))
    taken_up = tune_of(made)[5 : 5 + CONTOUR + 1]
    assert steps_of(taken_up) == [2, 2, 1]
    assert all(in_d[pitch % 12] == 0.0 for pitch in taken_up)


def test_where_nothing_comes_back_the_first_place_is_taken() -> None:
    call = (60, 62, 65, 64, 71, 69, 60, 66, 61, 72)
    made = with_contour(drawn(9), CallTune.of(gathered(line(call))), 2, ANYTHING)
    assert steps_of(tune_of(made))[:CONTOUR] == steps_of(call)[2 : 2 + CONTOUR]


def test_of_a_call_that_repeats_itself_more_is_taken_up() -> None:
    figure = (60, 67, 64, 71, 62, 66, 65, 72)
    tune = CallTune.of(gathered(line(figure * 3)))
    assert tune.repeated > 0.9
    assert CONTOUR < tune.steps < CONTOUR_EVERY
    made = with_contour(drawn(CONTOUR_EVERY), tune, 0, [NO_HARMONY] * len(tune.pitches))
    assert steps_of(tune_of(made))[: tune.steps] == steps_of(figure)[: tune.steps]
    once = CallTune.of(gathered(line(TUNE[:9])))
    assert (once.repeated, once.steps) == (0.0, CONTOUR)


def test_what_doubles_the_tune_goes_with_it_and_nothing_rubs() -> None:
    in_octaves = [[Note(place * 0.3, pitch, 60, 0.25) for pitch in (48, 60)] for place in range(9)]
    made = with_contour(in_octaves, CallTune.of(gathered(line(TUNE))), 0, ANYTHING)
    assert steps_of(tune_of(made))[5 : 5 + CONTOUR] == [2, 2, 1]
    assert all(chord[1].pitch - chord[0].pitch == 12 for chord in made)

    over_a_note = [[Note(place * 0.3, pitch, 60, 0.25) for pitch in (63, 70)] for place in range(9)]
    low = (70, 77, 71, 80, 69, 70, 65, 64, 70, 82, 70, 65, 64, 70)
    made = with_contour(over_a_note, CallTune.of(gathered(line(low))), 0, ANYTHING)
    assert 0 < sum(len(chord) == 1 for chord in made) <= CONTOUR + 1
    assert all(chord[1].pitch - chord[0].pitch > 2 for chord in made if len(chord) == 2)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_of_too_few_chords_nothing_is_known_again(count: int) -> None:
    chords = drawn(count)
    assert with_contour(chords, CallTune.of(gathered(line(TUNE))), 0, ANYTHING) == chords


def test_a_call_on_one_key_has_no_motif_to_take_up() -> None:
    chords = drawn(9)
    assert with_contour(chords, CallTune.of(gathered(line([60] * 12))), 0, ANYTHING) == chords


def test_it_stays_on_the_piano() -> None:
    high = gathered(line([HIGHEST_KEY] * 9))
    made = with_contour(high, CallTune.of(gathered(line(TUNE))), 0, ANYTHING)
    assert max(tune_of(made)) <= HIGHEST_KEY
