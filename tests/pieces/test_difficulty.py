"""Difficulty: what makes a phrase harder, what leaves it as hard, and where the levels begin."""

from dataclasses import asdict, replace
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.keys import transposed
from music.notes import Note
from music.phrase import Phrase, pedal_folded
from pieces.difficulty import LEVEL_STARTS, STARTING_FROM, WEIGHTS, Features, difficulty, features_of
from pieces.transforms import louder, stretched, transposed_phrase
from tests.support.phrases import improvised, phrases

SCALE = (60, 62, 64, 65, 67, 69, 71, 72)


def _line(pitches: tuple[int, ...], every_s: float = 0.25, start: float = 0.0) -> list[Note]:
    return [Note(start + place * every_s, pitch, 64, every_s) for place, pitch in enumerate(pitches)]


def _at_level(every_s: float, chord: tuple[int, ...], steps: tuple[int, ...]) -> Phrase:
    roots = accumulate(steps * 20, initial=0)
    return Phrase.of(
        Note(place * every_s, 48 + root % 24 + tone, 64, every_s)
        for place, root in enumerate(roots)
        for tone in chord
    )


def test_no_notes_are_as_easy_as_can_be() -> None:
    found = difficulty(Phrase())
    assert found.features == Features(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert (found.level, found.score) == (1, STARTING_FROM)


@given(phrases())
def test_nothing_is_easier_than_no_notes_and_a_level_is_one_to_four(phrase: Phrase) -> None:
    found = difficulty(phrase)
    assert found.score >= difficulty(Phrase()).score
    assert found.level == 1 + sum(found.score >= start for start in LEVEL_STARTS)


def test_one_note_and_one_chord_are_level_one() -> None:
    assert difficulty(Phrase.of([Note(0.0, 60, 64, 1.0)])).level == 1
    assert difficulty(Phrase.of(Note(0.0, pitch, 64, 1.0) for pitch in (48, 55, 60, 64))).level == 1


def test_a_slow_melody_is_level_one_and_fast_chromatic_chords_are_level_four() -> None:
    assert difficulty(_at_level(1.0, (0,), (2, 2, 1, -5))).level == 1
    assert difficulty(_at_level(0.1, (0, 4, 7, 12, 16), (7, 13, 5, 10, 3))).level == 4


@given(phrases(), st.sampled_from([0.5, 0.25]))
def test_faster_is_never_less_pace_or_travel(phrase: Phrase, factor: float) -> None:
    slow, fast = features_of(phrase.notes), features_of(stretched(phrase, factor).notes)
    assert fast.pace >= slow.pace
    assert fast.upper_travel >= slow.upper_travel
    assert (fast.reach, fast.chromaticism) == (slow.reach, slow.chromaticism)


@pytest.mark.parametrize("seed", range(12))
def test_a_performance_played_faster_is_harder(seed: int) -> None:
    scores = [difficulty(stretched(improvised(seed), factor)).score for factor in (2.0, 1.0, 0.7, 0.5)]
    assert scores == sorted(scores)
    assert len(set(scores)) == 4


@given(phrases(lowest=40, highest=90), st.integers(-12, 12))
def test_a_phrase_is_as_hard_in_any_key(phrase: Phrase, by: int) -> None:
    assert difficulty(transposed_phrase(phrase, by)) == difficulty(phrase)


@given(phrases())
def test_loudness_and_how_long_keys_are_held_do_not_count(phrase: Phrase) -> None:
    legato = replace(phrase, notes=tuple(replace(note, length_s=3.0) for note in phrase.notes))
    assert difficulty(louder(phrase, 20)) == difficulty(phrase)
    assert difficulty(legato) == difficulty(phrase)


@pytest.mark.parametrize("seed", range(5))
def test_folding_the_pedal_in_makes_nothing_harder(seed: int) -> None:
    phrase = improvised(seed, pedal=True)
    assert difficulty(pedal_folded(phrase)) == difficulty(phrase)


@given(phrases(), st.integers(0, 1000))
def test_when_a_phrase_begins_does_not_count(phrase: Phrase, later_s: int) -> None:
    assert asdict(difficulty(phrase.moved(later_s)).features) == pytest.approx(
        asdict(difficulty(phrase).features)
    )


def test_a_note_at_the_very_end_of_the_window_counts_wherever_the_phrase_begins() -> None:
    notes = [
        Note(at, 60, 64, 0.1) for at in (2.55, 4.52)
    ]  # 1.97 s apart, or a little less or more as it is rounded
    paces = {features_of([replace(note, at=note.at + later) for note in notes]).pace for later in range(200)}
    assert len(paces) == 1


def test_a_second_voice_in_octaves_is_harder_than_the_line_alone() -> None:
    line = _line(SCALE * 4)
    assert difficulty(Phrase.of(line + transposed(line, -12))).score > difficulty(Phrase.of(line)).score


def test_chromatic_is_harder_than_diatonic() -> None:
    chromatic = tuple(range(60, 68))
    assert features_of(_line(chromatic)).chromaticism == pytest.approx(3.0)
    assert features_of(_line(chromatic)).chromaticism > features_of(_line(SCALE)).chromaticism


def test_a_leaping_bass_is_harder_than_one_that_stays() -> None:
    melody = _line((72, 74, 76, 77) * 4, 0.5)
    staying = difficulty(Phrase.of(melody + _line((48, 50) * 8, 0.5)))
    leaping = difficulty(Phrase.of(melody + _line((41, 57) * 8, 0.5)))
    assert leaping.features.lower_leaps == pytest.approx(16.0)
    assert leaping.score > staying.score


def test_eight_notes_a_second_are_a_pace_of_eight() -> None:
    assert features_of(_line(SCALE * 10, 0.125)).pace == pytest.approx(8.0)


def test_a_burst_counts_though_the_rest_is_slow() -> None:
    slow = _line(SCALE * 4, 0.5)
    burst = _line(SCALE * 8, 0.0625, start=20.0)
    assert features_of(slow).pace == pytest.approx(2.0)
    assert features_of(slow + burst).pace == pytest.approx(16.0)


def test_a_rolled_chord_is_one_chord_and_a_broken_one_is_not() -> None:
    rolled = [Note(place * 0.008, pitch, 64, 1.0) for place, pitch in enumerate((48, 55, 64, 72))]
    broken = [replace(note, at=note.at * 20) for note in rolled]
    assert features_of(rolled).chord_size == 4
    assert features_of(broken).chord_size == 1


def test_every_weight_makes_harder() -> None:
    assert all(weight > 0 for weight in asdict(WEIGHTS).values())
    assert list(LEVEL_STARTS) == sorted(LEVEL_STARTS)
    assert LEVEL_STARTS[0] > STARTING_FROM
