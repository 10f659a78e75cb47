"""How motifs are varied: within their key and their time, the bass as it was; what repeats too long is
refreshed."""

from random import Random

import pytest

from music.keys import ALL_KEYS, C_MAJOR, Key, scale_of
from music.notes import HIGHEST_KEY, LOWEST_KEY, Note
from realtime.answerers.rule.motifs import Moment, Motif
from realtime.answerers.rule.variations import (
    SPLIT_FROM_S,
    Scale,
    agreeing,
    backwards,
    decorated,
    moved,
    never_silent_for_longer,
    refreshed,
    thinned,
    turned_over,
)

SCALE = Scale.of(C_MAJOR)


def struck(*pitches: int) -> list[Note]:
    return [Note(float(place), pitch, 64, 0.5) for place, pitch in enumerate(pitches)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((60, 60, 60), [60, 60, 60]),
        ((60, 60, 60, 60, 60), [60, 62, 60, 60, 60]),
        ((60, 62, 60, 60), [60, 62, 60, 60]),
    ],
)
def test_of_too_many_strikes_running_one_becomes_its_neighbour(
    before: tuple[int, ...], after: list[int]
) -> None:
    assert [note.pitch for note in refreshed(struck(*before), 3, SCALE)] == after


@pytest.mark.parametrize("pitch", [LOWEST_KEY, HIGHEST_KEY])
def test_at_the_end_of_the_piano_the_neighbour_is_on_it(pitch: int) -> None:
    fresh = refreshed(struck(*[pitch] * 9), 3, SCALE)
    assert all(LOWEST_KEY <= note.pitch <= HIGHEST_KEY for note in fresh)
    assert len({note.pitch for note in fresh}) == 2


def test_a_silence_too_long_is_shortened_by_the_note_that_rang_last() -> None:
    long, short, late = Note(0.0, 60, 64, 1.0), Note(0.2, 64, 64, 0.1), Note(4.0, 67, 64, 0.5)
    held, *others = never_silent_for_longer([long, short, late], 1.2)
    assert held.until == pytest.approx(2.8)
    assert others == [short, late]


def test_a_silence_of_the_length_allowed_stays() -> None:
    notes = [Note(0.0, 60, 64, 1.0), Note(2.0, 64, 64, 0.5), Note(3.5, 64, 64, 0.5)]
    assert never_silent_for_longer(notes, 1.0) == notes


def motif(*tune: int, bass: tuple[int, ...] = (), each_s: float = 0.5) -> Motif:
    """A tune of single notes, and under each the bass if there is one."""

    def hand(pitches: tuple[int, ...]) -> tuple[Moment, ...]:
        return tuple(
            Moment(place * each_s, each_s, (Note(0.0, pitch, 60 + place, each_s * 0.9),))
            for place, pitch in enumerate(pitches)
        )

    return Motif(hand(tune), hand(bass), each_s * len(tune))


def tune_of(varied: Motif) -> list[int]:
    return [moment.top.pitch for moment in varied.upper]


def bass_of(varied: Motif) -> list[int]:
    return [moment.top.pitch for moment in varied.lower]


@pytest.mark.parametrize(
    ("pitch", "steps", "wanted"),
    [
        (60, 1, 62),
        (60, 7, 72),
        (60, -1, 59),
        (64, 2, 67),
        (71, 1, 72),
        (61, 7, 73),  # altered over octaves
        (61, 1, 62),  # else it joins the key
        (61, 0, 61),
        (127, 40, 151),
        (0, -40, -24),
    ],
)
def test_a_pitch_moves_by_steps_of_the_key(pitch: int, steps: int, wanted: int) -> None:
    assert SCALE.moved(pitch, steps) == wanted


@pytest.mark.parametrize("key", ALL_KEYS, ids=str)
def test_of_every_key_the_scale_has_seven_steps_in_an_octave(key: Key) -> None:
    scale = Scale.of(key)
    assert {pitch % 12 for pitch in scale.pitches} == set(scale_of(key))
    for pitch in range(21, 109):
        assert scale.moved(pitch, 7) == pitch + 12
        assert scale.pitch_of(scale.step_of(pitch)) <= pitch < scale.pitch_of(scale.step_of(pitch) + 1)


@pytest.mark.parametrize(
    ("pitch", "classes", "wanted"),
    [(60, (0, 4, 7), 60), (61, (0, 2), 60), (66, (4, 7), 67), (59, (0, 7), 60), (60, (6,), 54)],
)
def test_the_nearest_of_some_pitch_classes(pitch: int, classes: tuple[int, ...], wanted: int) -> None:
    assert SCALE.nearest(pitch, classes) == wanted


def test_moved_goes_with_both_hands_and_keeps_times_and_loudness() -> None:
    before = motif(60, 64, 67, bass=(48, 48, 43))
    after = moved(before, SCALE, 2)
    assert (tune_of(after), bass_of(after)) == ([64, 67, 71], [52, 52, 47])
    assert moved(after, SCALE, -2) == before


def test_turned_over_the_tune_falls_where_it_rose_and_the_bass_stays() -> None:
    before = motif(60, 64, 62, 67, bass=(48, 50, 52, 53))
    after = turned_over(before, SCALE)
    assert tune_of(after) == [60, 57, 59, 53]
    assert after.lower == before.lower
    assert turned_over(after, SCALE) == before


def test_turned_over_a_chord_moves_with_its_top() -> None:
    chord = Moment(0.5, 0.5, (Note(0.0, 60, 64, 0.4), Note(0.0, 64, 64, 0.4)))
    after = turned_over(Motif((motif(60).upper[0], chord), (), 1.0), SCALE)
    assert [note.pitch for note in after.upper[1].notes] == [53, 57]


def test_without_a_tune_there_is_nothing_to_turn_over() -> None:
    resting = Motif((), motif(48, 50).upper, 1.0)
    assert turned_over(resting, SCALE) is resting


def test_backwards_the_pitches_come_in_reverse_in_the_rhythm_as_it_was() -> None:
    before = motif(60, 62, 67, bass=(48,))
    after = backwards(before)
    assert tune_of(after) == [67, 62, 60]
    assert [moment.at for moment in after.upper] == [moment.at for moment in before.upper]
    assert [moment.top.velocity for moment in after.upper] == [60, 61, 62]
    assert after.lower == before.lower
    assert backwards(after) == before


def test_where_a_chord_would_fall_on_a_single_note_nothing_runs_backwards() -> None:
    chord = Moment(0.0, 0.5, (Note(0.0, 60, 64, 0.4), Note(0.0, 64, 64, 0.4)))
    uneven = Motif((chord, motif(60, 62).upper[1]), (), 1.0)
    assert backwards(uneven) is uneven


@pytest.mark.parametrize("seed", range(4))
def test_decorated_every_long_note_is_two_halves_and_the_time_stays(seed: int) -> None:
    before = motif(60, 67, 64, 64)
    after = decorated(before, SCALE, Random(seed), share=1.0)
    assert tune_of(after)[::2] == [60, 67, 64, 64]
    assert tune_of(after)[1] == 62  # a step towards the next note
    assert tune_of(after)[3] == 65
    assert tune_of(after)[5] in (62, 65)  # a neighbour
    assert [moment.at for moment in after.upper] == pytest.approx([0.25 * place for place in range(8)])
    assert sum(moment.gap_s for moment in after.upper) == pytest.approx(2.0)
    assert all(moment.top.length_s <= moment.gap_s for moment in after.upper)


def test_the_halves_that_are_added_are_softer() -> None:
    after = decorated(motif(60, 67), SCALE, Random(1), share=1.0)
    assert after.upper[1].top.velocity < after.upper[0].top.velocity


@pytest.mark.parametrize(
    "before",
    [
        motif(60, 67, each_s=0.9 * SPLIT_FROM_S),
        Motif((Moment(0.0, 1.0, (Note(0.0, 60, 64, 0.4), Note(0.0, 64, 64, 0.4))),), (), 1.0),
    ],
    ids=["short notes", "a chord"],
)
def test_short_notes_and_chords_are_not_decorated(before: Motif) -> None:
    assert decorated(before, SCALE, Random(1), share=1.0) == before


@pytest.mark.parametrize("seed", range(3))
def test_at_a_share_of_nothing_nothing_changes(seed: int) -> None:
    before = motif(60, 62, 64, bass=(48,))
    assert decorated(before, SCALE, Random(seed), 0.0) == before
    assert thinned(before, Random(seed), 0.0) == before


def test_thinned_to_the_end_the_first_note_lasts_for_all() -> None:
    after = thinned(motif(60, 62, 64, 65), Random(1), share=1.0)
    (only,) = after.upper
    assert (only.top.pitch, only.gap_s) == (60, 2.0)
    assert only.top.length_s == pytest.approx(0.45 + 1.5)


@pytest.mark.parametrize("seed", range(4))
def test_thinned_by_half_the_time_stays(seed: int) -> None:
    before = motif(*range(60, 76))
    after = thinned(before, Random(seed), share=0.5)
    assert 1 < len(after.upper) < len(before.upper)
    assert sum(moment.gap_s for moment in after.upper) == pytest.approx(8.0)
    assert after.upper[0].top.pitch == 60


@pytest.mark.parametrize(
    ("tune", "bass", "wanted"),
    [(64, 48, 64), (62, 48, 60), (65, 59, 64), (53, 52, 52), (71, 48, 69), (60, 62, 59)],
    ids=["a third", "a second", "a tritone", "a half step", "a seventh", "a second over the octave"],
)
def test_where_tune_and_bass_clash_the_tune_gives_way_by_a_step(tune: int, bass: int, wanted: int) -> None:
    after = agreeing(motif(tune, bass=(bass,)), SCALE)
    assert tune_of(after) == [wanted]
    assert bass_of(after) == [bass]


def test_what_is_not_struck_together_may_clash() -> None:
    later = Motif(motif(62).upper, (Moment(0.2, 0.3, (Note(0.0, 48, 60, 0.2),)),), 0.5)
    assert agreeing(later, SCALE) == later
