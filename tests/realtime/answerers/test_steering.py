"""A hand that steers moves the call that is answered: denser, higher, held longer; in the middle it stays."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median

import pytest

from music.manner.features import features_of
from music.notes import HIGHEST_KEY, LOWEST_KEY, Note, NoteOn
from music.phrase import Phrase, events_of, phrase_of
from realtime.answerers.rule.imitation import Imitation
from realtime.answerers.steering import FEWEST_CHORDS, STRAIGHT, Steering
from realtime.knobs import DEFAULT_KNOBS, KNOBS, Knobs
from realtime.performer.actions import Request
from tests.support.phrases import improvised

STEERS = ("density", "register", "articulation")
TUNE = tuple(
    Note(place * 0.4, pitch, 70, 0.3) for place, pitch in enumerate((60, 62, 64, 67, 65, 64, 62, 60, 67, 72))
)
CHORDS = tuple(sorted([*TUNE, *(replace(note, pitch=note.pitch - 24) for note in TUNE)], key=lambda n: n.at))


def ends(knob: str) -> tuple[float, float]:
    return KNOBS[knob].lowest, KNOBS[knob].highest


def test_in_the_middle_the_call_is_itself() -> None:
    assert Steering.of(DEFAULT_KNOBS) == STRAIGHT
    assert STRAIGHT.of_call(TUNE) is TUNE


@pytest.mark.parametrize("call", [TUNE, CHORDS, improvised(4, notes=30, pedal=False).notes])
def test_each_knob_moves_what_it_names(call: Sequence[Note]) -> None:
    sparse, dense = (features_of(Steering(density=by).of_call(call)) for by in (0.5, 2.0))
    assert sparse.density < 0.7 * features_of(call).density
    assert dense.density > 1.5 * features_of(call).density
    low, high = (features_of(Steering(register=by).of_call(call)) for by in (-12, 12))
    assert (low.register, high.register) == pytest.approx(
        (features_of(call).register - 12, features_of(call).register + 12), abs=2
    )
    short, long = (median(n.length_s for n in Steering(articulation=by).of_call(call)) for by in (0.5, 2.0))
    assert short < 0.7 * median(note.length_s for note in call) < 0.7 * long


@pytest.mark.parametrize("knob", STEERS)
def test_at_every_place_it_is_music_in_the_same_time_and_on_the_same_pitch_classes(knob: str) -> None:
    for call in (TUNE, CHORDS, improvised(5, notes=30, pedal=False).notes):
        classes = {note.pitch % 12 for note in call}
        for place in range(0, 128, 9):
            notes = Steering(**{knob: KNOBS[knob].at(place)}).of_call(call)
            assert list(notes) == sorted(notes, key=lambda note: (note.at, note.pitch))
            assert {note.pitch % 12 for note in notes} <= classes
            assert all(LOWEST_KEY <= note.pitch <= HIGHEST_KEY and note.length_s > 0 for note in notes)
            assert call[0].at <= notes[0].at <= notes[-1].at <= call[-1].at + 1e-9


@pytest.mark.parametrize("knob", STEERS)
@pytest.mark.parametrize(
    "call", [(), TUNE[:1], TUNE[:2], (Note(0.0, 108, 1, 0.001),), (Note(0.0, 21, 1, 60.0),)]
)
def test_of_a_call_of_hardly_anything_something_is_left(knob: str, call: Sequence[Note]) -> None:
    for end in ends(knob):
        assert bool(Steering(**{knob: end}).of_call(call)) == bool(call)


def test_however_sparse_a_rhythm_is_left_and_its_longest_notes_stay() -> None:
    uneven = [replace(note, at=place // 2 + 0.2 * (place % 2)) for place, note in enumerate(TUNE)]
    kept = Steering(density=0.5).of_call(uneven)
    assert [note.at % 1 for note in kept] == pytest.approx([0.2] * 5)
    assert len(Steering(density=0.01).of_call(TUNE)) == FEWEST_CHORDS


def test_what_is_put_in_repeats_nothing_and_lies_on_the_way() -> None:
    dense = Steering(density=2.0).of_call(TUNE)
    assert len(dense) == 2 * len(TUNE) - 1
    assert [note for note in dense if note.at in {n.at for n in TUNE}] == [
        replace(note, length_s=pytest.approx(0.15 if note is not TUNE[-1] else 0.3)) for note in TUNE
    ]
    for before, between, after in zip(dense[::2], dense[1::2], dense[2::2], strict=False):
        assert between.pitch not in (before.pitch, after.pitch)
        assert abs(between.pitch - before.pitch) <= 7


def test_what_goes_on_from_an_answer_is_moved_by_what_was_turned_since() -> None:
    stood, stands = Knobs(density=2.0, register=12.0), Knobs(density=2.0, register=24.0, articulation=0.5)
    assert Steering.of(stood, already=stood) == STRAIGHT
    assert Steering.of(stands, already=stood) == Steering(1.0, 12.0, 0.5)
    assert Steering.of(DEFAULT_KNOBS, already=stood) == Steering(0.5, -12.0, 1.0)


def by_rule(knobs: Knobs) -> Sequence[Note]:
    call = tuple(events_of(Phrase.of(TUNE)))
    request = Request(1, 1, 0, call, 0.5, TUNE[-1].until + 0.5, 4.0)
    return phrase_of(list(Imitation(1).answer(request, knobs))).notes


def test_the_answer_by_rule_is_steered() -> None:
    assert len(by_rule(Knobs(density=0.4))) < len(by_rule(DEFAULT_KNOBS)) < len(by_rule(Knobs(density=2.0)))
    low, middle, high = (fmean(n.pitch for n in by_rule(Knobs(register=by))) for by in (-12.0, 0.0, 12.0))
    assert (low, high) == pytest.approx((middle - 12, middle + 12), abs=1)
    short, middle, long = (
        median(n.length_s for n in by_rule(Knobs(articulation=by))) for by in (0.25, 1.0, 4.0)
    )
    assert short < 0.6 * middle < 0.6 * long


def test_steering_changes_nothing_of_an_answer_in_the_middle() -> None:
    call = tuple(events_of(Phrase.of(TUNE)))
    request = Request(1, 1, 0, call, 0.5, TUNE[-1].until + 0.5, 4.0)
    plain = list(Imitation(3).answer(request))
    again = replace(request, already=Knobs(density=2.0, register=12.0))
    assert list(Imitation(3).answer(again, Knobs(density=2.0, register=12.0))) == plain
    assert any(isinstance(event, NoteOn) for event in plain)
