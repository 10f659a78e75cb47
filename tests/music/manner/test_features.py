"""The features of a passage, one by one: what a person can work out, and what they must not depend on."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from music.manner.features import (
    DISTANCES,
    LEAP,
    Features,
    distances,
    features_of,
    gaps_apart,
    motifs_shared,
    octaves,
)
from music.notes import Note
from music.phrase import Phrase
from tests.support.passages import SCALE, at_moments, chords, metronomic, tune
from tests.support.phrases import improvised

A_TUNE = (60, 64, 62, 65, 67, 64, 65, 60)


def of(phrase: Phrase) -> Features:
    return features_of(phrase.notes)


def changed(phrase: Phrase, change: Callable[[Note], Note]) -> Phrase:
    return Phrase.of(map(change, phrase.notes))


def higher(phrase: Phrase, semitones: int) -> Phrase:
    return changed(phrase, lambda note: replace(note, pitch=note.pitch + semitones))


def slower(phrase: Phrase, factor: float) -> Phrase:
    return changed(phrase, lambda note: replace(note, at=note.at * factor, length_s=note.length_s * factor))


def test_pitch_classes_are_shares_weighted_by_length_in_whatever_octave() -> None:
    found = of(Phrase.of([Note(0, 60, 64, 0.3), Note(1, 72, 64, 0.3), Note(2, 67, 64, 0.2)])).pitch_classes
    assert found[0] == pytest.approx(0.75)
    assert found[7] == pytest.approx(0.25)
    assert found.sum() == pytest.approx(1)


def test_a_very_long_note_weighs_no_more_than_a_second() -> None:
    found = of(Phrase.of([Note(0, 60, 64, 30.0), Note(1, 67, 64, 1.0)])).pitch_classes
    assert found[0] == found[7] == 0.5


def test_density_is_notes_a_second_until_the_last_note_ends() -> None:
    assert of(tune([60] * 8, 0.5, held=1.0)).density == pytest.approx(2)
    assert of(chords(*[(60, 64, 67)] * 4, gap_s=0.5)).density == pytest.approx(12 / 1.95)


def test_loudness_is_the_mean_velocity_and_its_spread_the_deviation() -> None:
    found = of(Phrase.of(Note(place, 60, velocity, 0.5) for place, velocity in enumerate((40, 60, 80, 60))))
    assert found.loudness == 60
    assert found.loudness_spread == pytest.approx(np.std([40, 60, 80, 60]))
    assert of(tune(SCALE, velocity=80)).loudness_spread == 0


def test_register_is_the_mean_pitch() -> None:
    assert of(chords((48, 60), (50, 62))).register == 55


def test_texture_is_how_many_notes_sound_at_a_time() -> None:
    assert of(tune(SCALE, held=1.0)).sounding == pytest.approx(1)
    assert of(tune(SCALE, held=0.5)).sounding == pytest.approx(8 * 0.25 / 3.75)
    assert of(chords((60, 64, 67), (60, 64, 67))).sounding == pytest.approx(3 * 0.9 / 0.95)


def test_chords_are_a_share_and_count_their_notes() -> None:
    found = of(chords((60, 64, 67), (62,), (64,), (60, 72)))
    assert found.chords == 0.5
    assert found.notes_a_chord == pytest.approx(7 / 4)
    assert found.most_together == 3
    assert of(tune(SCALE)).chords == 0


def test_the_span_is_how_far_a_hand_reaches_in_chords_of_several_notes() -> None:
    assert of(chords((60, 67), (62,), (60, 72))).span == pytest.approx((7 + 12) / 2)
    assert of(tune(SCALE)).span == 0


def test_gaps_are_seconds_from_chord_to_chord_the_shortest_first() -> None:
    assert of(at_moments([0.0, 1.0, 1.25, 1.75])).gaps == pytest.approx((0.25, 0.5, 1.0))


def test_gaps_twice_as_long_are_an_octave_apart_in_whatever_order_they_come() -> None:
    one = of(at_moments([0.0, 0.25, 0.75, 1.75]))
    assert gaps_apart(one, of(at_moments([0.0, 1.0, 1.5, 1.75]))) == pytest.approx(0)
    assert gaps_apart(one, of(at_moments([0.0, 0.5, 1.5, 3.5]))) == pytest.approx(1)


def test_a_passage_without_gaps_is_an_octave_from_one_with_and_like_its_kind() -> None:
    alone, several = of(tune([60])), of(tune(SCALE))
    assert gaps_apart(alone, several) == gaps_apart(several, alone) == 1
    assert gaps_apart(alone, of(tune([72]))) == 0


def test_pulse_and_beat_are_those_of_chords_not_of_notes() -> None:
    found = of(chords(*[(48, 60, 64)] * 9, spread_s=0.012))
    assert found.beat is not None
    assert found.beat.length_s == pytest.approx(0.5, rel=0.02)
    assert found.beat.clarity > 0.9
    assert of(tune([60, 62, 64])).pulse is None


@pytest.mark.parametrize("held", [0.2, 0.9, 1.5])
def test_articulation_is_how_much_of_their_gaps_notes_last(held: float) -> None:
    assert of(tune(SCALE, 0.4, held=held)).articulation == pytest.approx(held)


def test_intervals_are_shares_of_the_tunes_steps_and_great_leaps_are_one() -> None:
    found = of(tune([60, 62, 64, 60, 100])).intervals
    assert found[LEAP + 2] == pytest.approx(0.5)
    assert found[LEAP - 4] == pytest.approx(0.25)
    assert found[2 * LEAP] == pytest.approx(0.25)
    assert found.sum() == pytest.approx(1)


def test_without_a_step_all_intervals_are_alike() -> None:
    assert np.ptp(of(tune([60])).intervals) == 0


def test_motifs_are_known_again_in_another_key_and_at_another_tempo() -> None:
    one = of(tune(A_TUNE))
    assert motifs_shared(one, one) == 1
    assert motifs_shared(of(higher(tune(A_TUNE), 5)), one) == 1
    assert motifs_shared(of(slower(tune(A_TUNE), 1.7)), one) == 1


def test_another_tune_and_another_rhythm_are_other_motifs() -> None:
    one = of(tune(A_TUNE))
    assert motifs_shared(of(tune(A_TUNE[::-1])), one) == 0
    dotted = Phrase.of(
        replace(note, at=note.at + 0.25 * (place % 2)) for place, note in enumerate(tune(A_TUNE).notes)
    )
    assert motifs_shared(of(dotted), one) == 0


def test_motifs_that_are_taken_up_are_a_share_of_the_answers() -> None:
    call, answer = of(tune(A_TUNE)), of(tune([*A_TUNE[:5], 70, 61, 69, 58]))
    assert motifs_shared(answer, call) == pytest.approx(2 / 6)


def test_one_key_again_and_again_is_no_motif() -> None:
    again = of(at_moments(metronomic()))
    assert not again.motifs
    assert motifs_shared(again, again) == 0


def test_repetition_is_the_share_of_chords_that_strike_the_keys_of_the_one_before() -> None:
    assert of(chords((60, 64), (60, 64), (60,), (60,), (62,))).repetition == 0.5
    assert of(tune(SCALE)).repetition == 0
    assert of(tune([60])).repetition == 0


def test_the_longest_silence_is_within_the_passage_and_none_while_something_rings() -> None:
    apart = [Note(1.0, 60, 64, 0.5), Note(2.0, 62, 64, 0.5), Note(5.0, 64, 64, 1.0)]
    assert of(Phrase.of(apart)).longest_silence_s == pytest.approx(2.5)
    assert of(Phrase.of([Note(0.9, 40, 64, 6.0), *apart])).longest_silence_s == 0
    assert of(tune([60])).longest_silence_s == 0


def test_an_end_is_long_when_the_last_chord_is_held_for_one_and_a_half_usual_gaps() -> None:
    assert not of(tune(SCALE)).ends_long
    held = [*tune(SCALE[:-1]).notes, Note(3.5, 72, 64, 0.75)]
    assert of(Phrase.of(held)).ends_long


def test_a_passage_is_no_distance_from_itself() -> None:
    for phrase in (tune(A_TUNE), improvised(3)):
        found = distances(of(phrase), of(phrase))
        assert tuple(found) == DISTANCES
        assert max(found.values()) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("feature", "change"),
    [
        ("loudness", lambda phrase: changed(phrase, lambda note: replace(note, velocity=2 * note.velocity))),
        ("density", lambda phrase: slower(phrase, 2.0)),
        ("gaps", lambda phrase: slower(phrase, 2.0)),
    ],
)
def test_twice_as_much_is_an_octave_away(feature: str, change: Callable[[Phrase], Phrase]) -> None:
    call = tune(A_TUNE, velocity=40)
    assert distances(of(change(call)), of(call))[feature] == pytest.approx(1)


def test_another_octave_is_far_in_register_and_in_nothing_else() -> None:
    found = distances(of(higher(tune(A_TUNE), 12)), of(tune(A_TUNE)))
    assert found["register"] == 12
    assert [name for name, far in found.items() if far > 1e-6] == ["register"]


def test_when_a_passage_is_played_changes_nothing() -> None:
    found = distances(of(improvised(5).moved(100.0)), of(improvised(5)))
    assert max(found.values()) == pytest.approx(0, abs=0.02)


def test_ratios_of_very_small_numbers_are_alike() -> None:
    assert octaves(0.0, 0.01) == 0
    assert octaves(2.0, 1.0) == 1
    assert octaves(0.0, 0.1) == -1


@pytest.mark.parametrize(
    "phrase",
    [
        tune([60]),
        tune([0, 127]),
        chords(tuple(range(21, 109))),
        at_moments([0.0, 0.0, 0.0], length_s=0.0),
        at_moments([place / 300 for place in range(600)]),
    ],
    ids=["one note", "the ends of MIDI", "a cluster of all keys", "no length at all", "300 a second"],
)
def test_whatever_is_played_has_features(phrase: Phrase) -> None:
    found = of(phrase)
    for far in (*distances(found, of(tune(A_TUNE))).values(), *distances(of(tune(A_TUNE)), found).values()):
        assert np.isfinite(far)
