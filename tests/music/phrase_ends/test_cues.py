"""What tells that a phrase is over is read off the playing: its pace, its harmony, how it slows and fades."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.keys import profile_fits
from music.notes import KeyEvent, NoteOff, NoteOn, Pedal
from music.phrase_ends.cues import CUES, FEWEST_GAPS, REMEMBERED, Playing, _key, cues, playing_of

C_MAJOR = (60, 64, 67, 65, 62, 67, 71, 72)


def played(*events: KeyEvent) -> Playing:
    return playing_of(events)


def tune(
    pitches: Sequence[int] = C_MAJOR,
    gaps_s: Sequence[float] = (0.4,),
    held: float = 0.5,
    velocities: Sequence[int] = (80,),
) -> list[KeyEvent]:
    """Keys one after another, each held for a share of its gap."""
    events: list[KeyEvent] = []
    at = 10.0
    for place, pitch in enumerate(pitches):
        gap_s = gaps_s[min(place, len(gaps_s) - 1)]
        events += [
            NoteOn(at, pitch, velocities[min(place, len(velocities) - 1)]),
            NoteOff(at + held * gap_s, pitch),
        ]
        at += gap_s
    return events


def cue(name: str, playing: Playing) -> float:
    found = cues(playing)
    assert found is not None
    return dict(zip(CUES, found, strict=True))[name]


def test_there_are_none_while_a_key_is_held_nor_before_the_pace_is_known() -> None:
    assert cues(played(*tune()[:-1])) is None
    assert cues(played(*tune(C_MAJOR[:FEWEST_GAPS]))) is None
    assert cues(played(*tune(C_MAJOR[: FEWEST_GAPS + 1]))) is not None
    assert cues(Playing()) is None


def test_the_usual_gap_is_that_of_chords() -> None:
    chords = [
        event
        for place in range(8)
        for event in (
            *(
                NoteOn(0.5 * place + spread, 60 + pitch, 80)
                for pitch, spread in ((0, 0.0), (4, 0.02), (7, 0.04))
            ),
            *(NoteOff(0.5 * place + 0.3, 60 + pitch) for pitch in (0, 4, 7)),
        )
    ]
    assert cue("usual gap", played(*chords)) == pytest.approx(-1.0)  # octaves: half a second
    assert len(played(*chords).chords[-1].pitches) == 3


def test_a_last_note_held_for_long_is_heard() -> None:
    long = [*tune()[:-1], NoteOff(10.0 + 7 * 0.4 + 1.6, 72)]
    assert cue("held", played(*long)) == pytest.approx(2.0)
    assert cue("held longer", played(*long)) > cue("held longer", played(*tune()))


def test_slowing_and_fading_are_heard() -> None:
    slower = tune(gaps_s=(0.4, 0.4, 0.4, 0.4, 0.5, 0.6, 0.7), velocities=(80, 80, 80, 80, 70, 60, 50, 40))
    assert cue("slowing", played(*slower)) > 0.3
    assert cue("slowing", played(*tune())) == pytest.approx(0.0)
    assert cue("fading", played(*slower)) < -1
    assert cue("softer", played(*slower)) < -1


def test_a_cadence_is_heard_in_every_key() -> None:
    for semitones in range(-5, 7):
        home = played(*tune([pitch + semitones for pitch in C_MAJOR]))
        assert cue("tonic chord", home) == 1.0
        assert cue("tonic on top", home) == 1.0
        away = played(*tune([pitch + semitones for pitch in (*C_MAJOR[:-1], 74)]))
        assert cue("tonic chord", away) == 0.0


@given(st.lists(st.integers(0, 40), min_size=12, max_size=12).filter(lambda weights: len(set(weights)) > 1))
def test_the_key_is_the_one_whose_profile_fits_best(weights: list[int]) -> None:
    classes = tuple(map(float, weights))
    fits = profile_fits(classes)
    assert fits[_key(classes)] == pytest.approx(max(fits.values()))


def test_the_pedal_is_heard_to_hold_what_the_hand_has_let_go() -> None:
    by_hand = tune()
    by_pedal = [Pedal(9.9, True), *tune(), Pedal(15.0, False)]
    assert cue("by the pedal", played(*by_pedal)) > cue("by the pedal", played(*by_hand))
    assert played(*by_pedal).quiet_at == 15.0


def test_rests_within_a_phrase_are_remembered() -> None:
    assert cue("longest rest", played(*tune(held=0.2))) > cue("longest rest", played(*tune(held=0.9)))
    assert cue("detached", played(*tune(held=1.1))) == 0.0


def test_what_comes_between_two_phrases_is_no_gap() -> None:
    first = played(*tune())
    second = first.resting().after(NoteOn(100.0, 60, 80), True).after(NoteOff(100.2, 60), False)
    assert max(second.gaps) == pytest.approx(0.4)
    assert second.begun_at == 100.0
    assert cue("age", second) < cue("age", first)


@given(st.lists(st.tuples(st.floats(0.0, 5.0), st.integers(21, 108), st.integers(1, 127), st.floats(0, 3))))
def test_cues_are_numbers_whatever_is_played(keys: list[tuple[float, int, int, float]]) -> None:
    at = 0.0
    playing = Playing()
    for gap_s, pitch, velocity, held_s in keys:
        at += gap_s
        playing = playing.after(NoteOn(at, pitch, velocity), True)
        at += held_s
        playing = playing.after(NoteOff(at, pitch), False)
        found = cues(playing)
        assert found is None or all(-20 < number < 20 for number in found)
    assert len(playing.chords) <= REMEMBERED


def test_the_release_of_a_key_that_nobody_holds_says_nothing() -> None:
    """The strike before it may have been lost on its way."""
    playing = played(*tune())
    assert playing.quiet_at is not None
    assert played(*tune(), NoteOff(playing.quiet_at + 0.4, 90)) == playing
