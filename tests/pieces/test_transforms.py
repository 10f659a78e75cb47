"""What recipes do to phrases: each transform's own promise, and how they are named, joined and refused."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from music.keys import A_MINOR, C_MAJOR, Key, best_fit, detect_key
from music.notes import Note, Pedal, is_on_the_piano
from music.phrase import Phrase
from pieces.transforms import (
    TRANSFORMS,
    Beginning,
    HomeKey,
    InTurn,
    Louder,
    OnlyMode,
    Reverse,
    Stretch,
    TransformError,
    Transpose,
    in_home_key,
    louder,
    spread_out,
    stretched,
    transforms_listed,
    transposed_phrase,
)
from tests.support.phrases import improvised, phrases

MAJOR = Phrase.of(
    Note(place * 0.5, pitch, 64, 0.5)
    for place, chord in enumerate(((50, 66, 69, 74), (55, 67, 71, 74), (57, 64, 69, 73), (50, 66, 69, 74)))
    for pitch in chord
)  # D major
MINOR = Phrase.of(
    Note(place * 0.5, pitch, 64, 0.5)
    for place, chord in enumerate(((47, 62, 66, 71), (52, 64, 67, 71), (54, 61, 66, 70), (47, 62, 66, 71)))
    for pitch in chord
)  # B minor
EMPTY = Phrase()


def test_home_is_c_major_or_a_minor() -> None:
    assert detect_key(HomeKey()(MAJOR).notes) == C_MAJOR
    assert detect_key(HomeKey()(MINOR).notes) == A_MINOR


def test_minor_can_go_to_c_minor_instead() -> None:
    assert detect_key(HomeKey(minor_to="C")(MINOR).notes) == Key(0, True)
    assert detect_key(HomeKey(minor_to="C")(MAJOR).notes) == C_MAJOR


@given(phrases(lowest=40, highest=90), st.integers(-11, 11))
def test_whatever_key_it_was_played_in_home_is_one_place_up_to_octaves(phrase: Phrase, by: int) -> None:
    found = best_fit(phrase.notes)
    assume(found.lead > 1e-9)
    at_home, from_elsewhere = in_home_key(phrase), in_home_key(transposed_phrase(phrase, by))
    assert detect_key(at_home.notes) in (C_MAJOR, A_MINOR)
    assert [(note.at, note.pitch % 12) for note in sorted(at_home.notes, key=_by_class)] == [
        (note.at, note.pitch % 12) for note in sorted(from_elsewhere.notes, key=_by_class)
    ]


def _by_class(note: Note) -> tuple[float, int]:
    return (note.at, note.pitch % 12)


@given(phrases())
def test_home_twice_is_home(phrase: Phrase) -> None:
    assume(best_fit(phrase.notes).lead > 1e-9)
    assert in_home_key(in_home_key(phrase)) == in_home_key(phrase)


def test_only_the_mode_asked_for_stays() -> None:
    assert OnlyMode("major")(MAJOR) is MAJOR
    assert OnlyMode("minor")(MAJOR) is None
    assert OnlyMode("minor")(MINOR) is MINOR
    assert OnlyMode("major")(MINOR) is None


@given(phrases())
def test_every_phrase_with_notes_is_major_or_minor_and_never_both(phrase: Phrase) -> None:
    kept = [OnlyMode("major")(phrase) is not None, OnlyMode("minor")(phrase) is not None]
    assert sum(kept) == bool(phrase.notes)


def test_what_hardly_leads_can_be_left_out() -> None:
    assert OnlyMode("major", least_lead=0.01)(MAJOR) is MAJOR
    assert OnlyMode("major", least_lead=1.5)(MAJOR) is None


@given(phrases(lowest=33, highest=96, pedal=True), st.integers(-12, 12))
def test_moved_back_a_phrase_is_the_same_away_from_the_edge(phrase: Phrase, by: int) -> None:
    assert transposed_phrase(transposed_phrase(phrase, by), -by) == phrase


@given(phrases(lowest=33, highest=96), st.integers(-6, 6), st.integers(-6, 6))
def test_two_transpositions_are_one_by_their_sum(phrase: Phrase, one: int, other: int) -> None:
    assert transposed_phrase(transposed_phrase(phrase, one), other) == transposed_phrase(phrase, one + other)


@given(phrases(pedal=True), st.integers(-40, 40))
def test_transposing_loses_no_note_and_none_leaves_the_piano(phrase: Phrase, by: int) -> None:
    moved = transposed_phrase(phrase, by)
    assert len(moved.notes) == len(phrase.notes)
    assert all(is_on_the_piano(note.pitch) for note in moved.notes)
    assert moved == Phrase.of(moved.notes, phrase.pedals, phrase.tempo)


@given(phrases(pedal=True), st.sampled_from([0.5, 2.0, 4.0]))
def test_stretched_by_a_power_of_two_and_back_is_exact(phrase: Phrase, factor: float) -> None:
    assert stretched(stretched(phrase, factor), 1 / factor) == phrase


@given(phrases(pedal=True), st.floats(0.5, 2.0))
def test_a_stretch_keeps_every_note_on_its_beat(phrase: Phrase, factor: float) -> None:
    longer = stretched(phrase, factor)
    assert longer.until == pytest.approx(phrase.until * factor)
    assert sorted(longer.tempo.beat_at(note.at) for note in longer.notes) == pytest.approx(
        sorted(phrase.tempo.beat_at(note.at) for note in phrase.notes)
    )
    assert [pedal.at for pedal in longer.pedals] == pytest.approx(
        [pedal.at * factor for pedal in phrase.pedals]
    )


def test_above_one_is_slower() -> None:
    assert stretched(Phrase.of([Note(1.0, 60, 64, 2.0)], [Pedal(1.0, True)]), 1.5) == Phrase.of(
        [Note(1.5, 60, 64, 3.0)], [Pedal(1.5, True)], stretched(EMPTY, 1.5).tempo
    )
    assert stretched(EMPTY, 1.5).tempo.second_at(1.0) == 0.75


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf"), 0.01, 100])
def test_a_stretch_that_is_no_tempo_is_refused(factor: float) -> None:
    with pytest.raises(TransformError, match=r"a stretch is between 0\.1 and 10\.0"):
        Stretch(factor)


@given(phrases(), st.integers(-200, 200))
def test_velocities_stay_within_midi(phrase: Phrase, by: int) -> None:
    for before, after in zip(phrase.notes, louder(phrase, by).notes, strict=True):
        assert after.velocity == min(max(before.velocity + by, 1), 127)


@given(phrases(), st.floats(0.1, 20))
def test_a_beginning_has_what_begins_in_it_and_ends_with_it(phrase: Phrase, seconds: float) -> None:
    beginning = Beginning(seconds)(phrase)
    assert [(note.at, note.pitch, note.velocity) for note in beginning.notes] == [
        (note.at, note.pitch, note.velocity) for note in phrase.notes if note.at < seconds
    ]
    assert all(note.until <= seconds + 1e-9 for note in beginning.notes)
    assert list(beginning.pedals) == [pedal for pedal in phrase.pedals if pedal.at < seconds]
    assert Beginning(1e6)(phrase) == phrase


@pytest.mark.parametrize("kind", TRANSFORMS.values(), ids=list(TRANSFORMS))
def test_every_transform_takes_an_empty_phrase(kind: Any) -> None:
    made = kind()(EMPTY)
    assert made is None or not (made.notes or made.pedals)


@pytest.mark.parametrize("kind", TRANSFORMS.values(), ids=list(TRANSFORMS))
def test_every_transform_is_a_function_of_the_phrase_alone(kind: Any) -> None:
    for seed in range(5):
        assert kind()(improvised(seed, pedal=True)) == kind()(improvised(seed, pedal=True))


def test_in_turn_the_second_sees_what_the_first_made() -> None:
    both = InTurn((Transpose(2), Louder(10)))
    assert both(MAJOR) == louder(transposed_phrase(MAJOR, 2), 10)
    assert InTurn()(MAJOR) is MAJOR


def test_what_one_leaves_out_stays_out() -> None:
    assert InTurn((OnlyMode("minor"), Transpose(2)))(MAJOR) is None


def test_a_recipe_lists_transforms_by_name_with_their_settings() -> None:
    rows: list[dict[str, Any]] = [
        {"name": "home-key", "minor_to": "C"},
        {"name": "only-mode", "mode": "minor", "least_lead": 0},
        {"name": "reverse"},
        {"name": "transpose", "semitones": -3},
        {"name": "stretch", "factor": 2},
        {"name": "louder", "by": 5},
    ]
    assert transforms_listed(rows).transforms == (
        HomeKey("C"),
        OnlyMode("minor"),
        Reverse(),
        Transpose(-3),
        Stretch(2),
        Louder(5),
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"name": "revers"}, "no transform is called 'revers'; did you mean 'reverse'? there are: home-key"),
        ({"name": "xyz"}, "no transform is called 'xyz'; there are: home-key, only-mode, reverse"),
        ({"semitones": 3}, "a transform needs a name; there are: home-key"),
        ({"name": "transpose", "semitone": 3}, "has no setting 'semitone'; did you mean 'semitones'?"),
        ({"name": "reverse", "twice": True}, "reverse has no setting 'twice'; there are: none"),
        ({"name": "transpose", "semitones": 1.5}, "transpose: semitones is a whole number, not 1.5"),
        ({"name": "transpose", "semitones": True}, "transpose: semitones is a whole number, not True"),
        ({"name": "stretch", "factor": "slow"}, "stretch: factor is a number, not 'slow'"),
        ({"name": "stretch", "factor": 0}, "a stretch is between"),
        ({"name": "home-key", "minor_to": "B"}, "brings minor keys to 'A' or 'C', not 'B'"),
        ({"name": "only-mode", "mode": "dorian"}, "keeps 'major' or 'minor', not 'dorian'"),
        ({"name": "only-mode", "least_lead": -1}, "least_lead from 0 to 2, not -1"),
        ({"name": "beginning", "seconds": 0}, "beginning needs seconds of more than 0, not 0"),
    ],
)
def test_a_wrong_row_is_refused_with_the_value_and_the_right_ones(row: dict[str, Any], message: str) -> None:
    with pytest.raises(TransformError) as refused:
        transforms_listed([row])
    assert message in str(refused.value)


def test_velocities_are_spread_about_their_mean_within_what_can_be_played() -> None:
    phrase = Phrase.of([Note(place, 60, velocity, 0.5) for place, velocity in enumerate((20, 60, 100))])
    assert [note.velocity for note in spread_out(phrase, 0.5).notes] == [40, 60, 80]
    assert [note.velocity for note in spread_out(phrase, 2.0).notes] == [1, 60, 127]
    assert [note.velocity for note in spread_out(phrase, 0.0).notes] == [60, 60, 60]
    assert spread_out(phrase, 1.0) == phrase
    assert spread_out(Phrase(), 2.0) == Phrase()
