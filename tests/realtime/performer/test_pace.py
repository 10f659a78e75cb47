"""How long a silence must last: by what tells the end of a phrase, else by the gaps; it learns from
interruptions, and goes with the eagerness that was asked for."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.notes import NoteOff, NoteOn
from realtime.knobs import KNOBS, Knobs
from realtime.performer.pace import MOST_CAUTION, Pace, shortest_silence, silence_by_gaps, silence_needed
from realtime.performer.rules import DEFAULT_RULES, Rules


def pace_of(*onsets: float, held_s: float = 0.05, pitches: Sequence[int] = (60,)) -> Pace:
    pace = Pace()
    for place, onset in enumerate(onsets):
        pitch = pitches[place % len(pitches)]
        pace = pace.after(NoteOn(onset, pitch, 80), True).after(NoteOff(onset + held_s, pitch), False)
    return pace


def even(gap_s: float, notes: int = 10) -> Pace:
    return pace_of(*(place * gap_s for place in range(notes)))


def rather(eagerness: float) -> Rules:
    return Rules(knobs=Knobs(eagerness=eagerness))


def test_until_the_pace_is_known_a_middling_silence_is_waited_for() -> None:
    assert silence_needed(pace_of(1.0), DEFAULT_RULES) == DEFAULT_RULES.silence_of_unknown_pace_s


def test_until_enough_has_been_heard_the_gaps_say_how_long() -> None:
    three = even(0.25, notes=3)
    assert silence_needed(three, DEFAULT_RULES) == silence_by_gaps(three, DEFAULT_RULES)


def test_by_gaps_fast_playing_is_answered_sooner_than_slow() -> None:
    waits = [silence_by_gaps(even(gap_s), DEFAULT_RULES) for gap_s in (0.1, 0.25, 0.5, 1.0)]
    assert waits == sorted(waits)
    assert waits[0] == DEFAULT_RULES.shortest_silence_s
    assert waits[1] == pytest.approx(0.475)
    assert waits[-1] == DEFAULT_RULES.longest_silence_s


def test_the_notes_of_a_chord_are_one_onset() -> None:
    chords = pace_of(*(place * 0.5 + spread for place in range(8) for spread in (0.0, 0.01, 0.02)))
    assert silence_by_gaps(chords, DEFAULT_RULES) == pytest.approx(silence_by_gaps(even(0.5), DEFAULT_RULES))


def test_by_gaps_one_long_rest_in_a_phrase_does_not_make_the_answer_late() -> None:
    onsets = [place * 0.2 + (2.0 if place > 4 else 0.0) for place in range(10)]
    assert silence_by_gaps(pace_of(*onsets), DEFAULT_RULES) == pytest.approx(
        silence_by_gaps(even(0.2), DEFAULT_RULES)
    )


def test_the_pace_of_long_ago_is_forgotten() -> None:
    slow_then_fast = [*(place * 1.0 for place in range(20)), *(20 + place * 0.2 for place in range(20))]
    assert silence_by_gaps(pace_of(*slow_then_fast), DEFAULT_RULES) < 0.5


def test_the_gap_across_an_answer_is_not_a_gap_of_the_playing() -> None:
    before = even(0.2)
    after = before.resting().after(NoteOn(100.0, 60, 80), True)
    assert after.playing.gaps == before.playing.gaps


def test_a_phrase_that_comes_home_is_answered_sooner_than_one_that_breaks_off() -> None:
    quick = [0.25 * place for place in range(8)]
    tune = (60, 64, 67, 65, 62, 67, 71)
    breaks_off = pace_of(*quick, held_s=0.2, pitches=(*tune, 74))
    comes_home = pace_of(*quick[:-1], 1.8, held_s=0.2, pitches=(*tune, 72))
    comes_home = comes_home.after(NoteOn(2.2, 60, 60), True).after(NoteOff(3.2, 60), False)
    assert silence_needed(comes_home, DEFAULT_RULES) < silence_needed(breaks_off, DEFAULT_RULES)


@pytest.mark.parametrize("pace", [pace_of(1.0), even(0.3, notes=3), even(0.4)], ids=["new", "gaps", "cues"])
def test_who_would_rather_wait_waits_longer(pace: Pace) -> None:
    knob = KNOBS["eagerness"]
    waits = [silence_needed(pace, rather(eagerness)) for eagerness in (knob.highest, 1.0, knob.lowest)]
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]


def test_a_fixed_silence_is_waited_for_whatever_is_played() -> None:
    rules = Rules(fixed_silence_s=0.55)
    assert {silence_needed(pace, rules) for pace in (pace_of(1.0), even(0.1), even(1.0))} == {0.55}


@pytest.mark.parametrize("pace", [Pace(), even(0.25, notes=3), even(0.08), even(1.0)])
@pytest.mark.parametrize("rules", [DEFAULT_RULES, rather(8.0), rather(0.2), Rules(fixed_silence_s=0.1)])
def test_no_silence_that_is_enough_is_shorter_than_the_shortest(pace: Pace, rules: Rules) -> None:
    assert 0 < shortest_silence(rules) <= silence_needed(pace, rules)


@pytest.mark.parametrize("pace", [even(0.3, notes=3), even(0.25)], ids=["gaps", "cues"])
def test_an_interruption_makes_it_wait_longer_and_welcome_answers_make_it_forget(pace: Pace) -> None:
    careful = pace.interrupted()
    assert silence_needed(careful, DEFAULT_RULES) > silence_needed(pace, DEFAULT_RULES)
    for _ in range(10):
        careful = careful.welcomed()
    assert careful == pace


@given(st.lists(st.floats(0.0, 10.0), max_size=40), st.integers(0, 20))
def test_the_silence_stays_within_its_bounds(gaps: list[float], interruptions: int) -> None:
    pace, at = Pace(), 0.0
    for gap in gaps:
        at += gap
        pace = pace.after(NoteOn(at, 60, 80), True).after(NoteOff(at, 60), False)
    for _ in range(interruptions):
        pace = pace.interrupted()
    assert pace.caution <= MOST_CAUTION
    rules = Rules()
    assert rules.shortest_silence_when_sure_s <= silence_needed(pace, rules) <= rules.longest_silence_s
