"""An answer is fitted to its call: in its time, as loud, as high, as thick, held alike; what is played stays
the answer's."""

from dataclasses import replace
from itertools import pairwise
from random import Random
from statistics import fmean

import pytest

from music.manner.chords import TOGETHER_S, chords_of
from music.manner.clashes import share_of_clashes
from music.manner.features import features_of
from music.manner.pulse import pulse_likeness
from music.notes import Note
from realtime.answerers.passages.call_time import LONGEST_PART_S, SOON_S, CallTime
from realtime.answerers.passages.contour import CONTOUR, CONTOUR_EVERY
from realtime.answerers.passages.fitting import Lent, fitted, towards

BEAT_S = 0.6
CALL = [
    Note(place * BEAT_S / 2, pitch, 70 + 8 * (place % 2), 0.25)
    for place, pitch in enumerate((60, 62, 64, 65, 67, 65, 64, 62, 60, 64, 67, 72))
]
OF_CALL = features_of(CALL)
TIME = CallTime.of(CALL, OF_CALL.beat)
ENDS = CALL[-1].until


def drawn(seed: int, thick: int = 1, octaves: int = 0, velocity: int = 40) -> list[Note]:
    """What a model might draw: somewhere else, in no time, softer."""
    chance, at, notes = Random(seed), 20.0, []
    for _ in range(16):
        pitch = chance.choice((60, 62, 64, 65, 67, 69, 71)) + 12 * octaves
        chord = [pitch - 4 * below for below in range(thick)]
        notes += [
            Note(at, each, velocity + chance.randrange(-9, 9), chance.uniform(0.1, 1.0))
            for each in sorted(chord)
        ]
        at += chance.uniform(0.1, 0.7)
    return notes


def fit(notes: list[Note], *lent: Lent, starts_after: float = ENDS + 0.5, place: float = 0.0) -> list[Note]:
    return fitted(notes, OF_CALL, TIME, lent=lent, starts_after=starts_after, place=place)


def test_the_calls_beat_is_known() -> None:
    assert TIME.beat is not None
    assert TIME.beat.length_s / (BEAT_S / 2) == pytest.approx(
        round(TIME.beat.length_s / (BEAT_S / 2)), abs=0.05
    )


@pytest.mark.parametrize("silence_s", [0.15, 0.3, 0.37, 0.55, 1.2])
def test_however_soon_the_hand_over_the_first_note_falls_on_the_players_own_beat(silence_s: float) -> None:
    first = fit(drawn(1), starts_after=ENDS + silence_s)[0]
    assert ENDS + silence_s < first.at <= ENDS + silence_s + SOON_S + LONGEST_PART_S
    assert TIME.beat is not None
    half_parts = (first.at - TIME.beat.at) / (TIME.beat.length_s / TIME.parts / 2)
    assert half_parts == pytest.approx(round(half_parts), abs=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_onsets_fall_into_the_calls_time_soon_after_the_hand_over(seed: int) -> None:
    answer = fit(drawn(seed))
    assert ENDS + 0.5 + SOON_S <= answer[0].at <= ENDS + 0.5 + SOON_S + LONGEST_PART_S
    assert TIME.beat is not None
    part_s = TIME.beat.length_s / TIME.parts
    off = [
        abs((chord.at - TIME.beat.at) / part_s - round((chord.at - TIME.beat.at) / part_s))
        for chord in chords_of(answer)
    ]
    assert fmean(off) < 0.12
    loose = [
        abs((chord.at - TIME.beat.at) / part_s - round((chord.at - TIME.beat.at) / part_s))
        for chord in chords_of(drawn(seed))
    ]
    assert fmean(loose) > fmean(off)


@pytest.mark.parametrize("seed", range(5))
def test_a_lent_rhythm_is_the_calls_own(seed: int) -> None:
    uneven = [replace(note, at=note.at + (0.3 if place >= 5 else 0.0)) for place, note in enumerate(CALL)]
    time = CallTime.of(uneven, features_of(uneven).beat)
    answer = fitted(
        drawn(seed), features_of(uneven), time, lent=(Lent.RHYTHM,), starts_after=ENDS + 0.5, place=0.0
    )
    gaps = [later.at - before.at for before, later in pairwise(chords_of(answer))]
    wanted = [later.at - before.at for before, later in pairwise(uneven)]
    assert gaps[: len(wanted)] == pytest.approx(wanted[: len(gaps)], abs=0.02)
    assert pulse_likeness(features_of(answer).pulse, features_of(uneven).pulse) > 0.6


def test_the_answers_own_tune_is_kept_where_no_contour_is_lent() -> None:
    notes = drawn(3)
    tune = [chord.pitches[-1] for chord in chords_of(fit(notes, Lent.RHYTHM))]
    own = [chord.pitches[-1] for chord in chords_of(notes)]
    assert [pitch % 12 for pitch in tune] == [pitch % 12 for pitch in own[: len(tune)]]


def test_a_lent_contour_goes_as_the_calls_tune_does() -> None:
    answer = fit(drawn(3), Lent.RHYTHM, Lent.CONTOUR)
    steps = [later.pitches[-1] - before.pitches[-1] for before, later in pairwise(chords_of(answer))]
    assert steps[:CONTOUR] == [2, 2, 1]
    taken_up = chords_of(answer)[: CONTOUR + 1]
    assert {chord.pitches[-1] % 12 for chord in taken_up} <= {note.pitch % 12 for note in CALL}


def test_a_contour_is_taken_up_again_and_again() -> None:
    long_call = [replace(note, at=note.at + again * 12 * BEAT_S / 2) for again in range(3) for note in CALL]
    time = CallTime.of(long_call, OF_CALL.beat)
    lent = {Lent.RHYTHM, Lent.CONTOUR}
    answer = fitted(drawn(3), OF_CALL, time, lent=lent, starts_after=ENDS + 0.5, place=0.0)
    tune = [chord.pitches[-1] for chord in chords_of(answer)]
    steps = [later - before for before, later in pairwise(tune)]
    taken_up = [steps[place : place + CONTOUR] == [2, 2, 1] for place in range(len(steps))]
    assert any(taken_up[:CONTOUR_EVERY])
    assert any(taken_up[CONTOUR_EVERY : 2 * CONTOUR_EVERY])


def test_voices_go_where_the_goal_has_them() -> None:
    chords = [replace(note, pitch=note.pitch + by) for note in CALL for by in (-12, 0)]
    of_chords = features_of(chords)
    time = CallTime.of(chords, None)
    assert towards(time, of_chords, of_chords) is time
    for register, span in ((50.0, 12.0), (75.0, 12.0), (60.0, 9.0), (60.0, 15.0)):
        goal = replace(of_chords, register=register, span=span)
        heights = towards(time, of_chords, goal).chords.heights
        moved = features_of([replace(note, pitch=heights.of(note.pitch)) for note in chords])
        assert moved.register == pytest.approx(register, abs=1.0)
        assert moved.span == pytest.approx(span, abs=1.0)
        assert moved.gaps == of_chords.gaps


@pytest.mark.parametrize("sounding", [0.8, 1.2, 1.6])
def test_as_much_sounds_as_is_aimed_at(sounding: float) -> None:
    goal = replace(OF_CALL, sounding=sounding)
    answer = fitted(drawn(1), goal, TIME, lent=(Lent.RHYTHM,), starts_after=ENDS + 0.5, place=0.0)
    usual = fitted(drawn(1), OF_CALL, TIME, lent=(Lent.RHYTHM,), starts_after=ENDS + 0.5, place=0.0)
    off, usually_off = (abs(features_of(notes).sounding - sounding) for notes in (answer, usual))
    assert off <= usually_off + 1e-9


def test_it_is_as_loud_as_high_and_as_held_as_the_call() -> None:
    answer = features_of(fit(drawn(1, octaves=-2)))
    assert answer.loudness == pytest.approx(OF_CALL.loudness, abs=2.0)
    assert abs(answer.register - OF_CALL.register) <= 6.0
    assert answer.articulation == pytest.approx(OF_CALL.articulation, rel=0.5)


def test_chords_become_a_single_line_where_the_call_is_one() -> None:
    assert features_of(drawn(2, thick=3)).notes_a_chord == 3.0
    assert features_of(fit(drawn(2, thick=3))).notes_a_chord == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(("velocities", "spread"), [((64, 64), 0.0), ((40, 88), 24.0)])
def test_it_is_as_even_or_uneven_in_loudness_as_the_call(velocities: tuple[int, int], spread: float) -> None:
    call = [replace(note, velocity=velocities[place % 2]) for place, note in enumerate(CALL)]
    of_call = features_of(call)
    answer = fitted(
        drawn(1), of_call, CallTime.of(call, of_call.beat), lent={Lent.VOICES}, starts_after=4.0, place=0.0
    )
    assert features_of(answer).loudness_spread == pytest.approx(spread, abs=4.0)


@pytest.mark.parametrize("lent", [(), (Lent.RHYTHM,), (Lent.VOICES,)])
@pytest.mark.parametrize("seed", range(3))
def test_a_key_is_let_go_where_its_neighbour_is_struck(seed: int, lent: tuple[Lent, ...]) -> None:
    goal = replace(OF_CALL, articulation=4.0, sounding=4.0)
    answer = fitted(drawn(seed), goal, TIME, lent=lent, starts_after=ENDS + 0.5, place=0.0)
    far = [
        one
        for place, one in enumerate(answer)
        for other in answer[place + 1 :]
        if other.at - one.at > TOGETHER_S and 0 < abs(other.pitch - one.pitch) <= 2 and one.until > other.at
    ]
    assert far == []
    assert max(note.length_s for note in answer[:-1]) > BEAT_S  # others are held


@pytest.mark.parametrize("lent", [(), (Lent.RHYTHM,), (Lent.VOICES,)])
def test_under_a_pedal_keys_ring_together_and_clash_as_far_as_the_calls_do(lent: tuple[Lent, ...]) -> None:
    def answered(pitches: tuple[int, ...], clash: bool) -> list[list[Note]]:
        call = [Note(place * BEAT_S / 2, pitch, 70, 3.0) for place, pitch in enumerate(pitches)]
        of_call = features_of(call)
        goal = replace(of_call, sounding=6.0, articulation=4.0)
        time = CallTime.of(call, of_call.beat)
        assert (time.chords.clearness, time.chords.clashes > 0.9) == (0.0, clash)
        return [
            fitted(drawn(seed), goal, time, lent=lent, starts_after=ENDS + 0.5, place=0.0)
            for seed in range(8)
        ]

    open_ones = answered((60, 62, 67, 69, 74, 72, 69, 67, 62, 60, 67, 74), False)
    assert max(share_of_clashes(answer) for answer in open_ones) < 0.12
    assert all(any(one.until > other.at + BEAT_S for one, other in pairwise(answer)) for answer in open_ones)
    blurred = answered((60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71), True)
    assert sum(map(share_of_clashes, blurred)) > 3 * sum(map(share_of_clashes, open_ones)) + 0.2


def test_it_ends_on_a_long_note() -> None:
    assert features_of(fit(drawn(4))).ends_long


def test_a_call_without_a_beat_lends_none() -> None:
    chance = Random(1)
    at, call = 0.0, []
    for pitch in (60, 67, 62, 71, 59):
        at += chance.uniform(0.3, 2.4)
        call.append(Note(at, pitch, 60, 0.2))
    time = CallTime.of(call, None)
    answer = fitted(drawn(1), features_of(call), time, lent=(), starts_after=30.0, place=0.5)
    assert answer[0].at == pytest.approx(30.0 + SOON_S)
    own = [later.at - before.at for before, later in pairwise(chords_of(drawn(1)))]
    assert [later.at - before.at for before, later in pairwise(chords_of(answer))] == pytest.approx(own)


def test_moved_later_it_stays_in_the_calls_beat() -> None:
    answer = fit(drawn(1))
    moved = TIME.moved(answer, 0.11)
    by_s = moved[0].at - answer[0].at
    assert TIME.beat is not None
    assert 0.11 <= by_s <= 0.11 + LONGEST_PART_S
    places = by_s / (TIME.beat.length_s / TIME.parts) * 2
    assert places == pytest.approx(round(places))
