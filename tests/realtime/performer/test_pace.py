"""How long a silence must last: it follows the playing, within bounds, and learns from interruptions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.performer.pace import MOST_CAUTION, Pace, silence_needed
from realtime.performer.rules import DEFAULT_RULES, Rules


def pace_of(*onsets: float) -> Pace:
    pace = Pace()
    for onset in onsets:
        pace = pace.struck(onset, DEFAULT_RULES)
    return pace


def even(gap_s: float, notes: int = 10) -> Pace:
    return pace_of(*(place * gap_s for place in range(notes)))


def test_until_the_pace_is_known_a_middling_silence_is_waited_for() -> None:
    assert silence_needed(pace_of(1.0), DEFAULT_RULES) == DEFAULT_RULES.silence_of_unknown_pace_s


def test_fast_playing_is_answered_sooner_than_slow() -> None:
    waits = [silence_needed(even(gap_s), DEFAULT_RULES) for gap_s in (0.1, 0.25, 0.5, 1.0)]
    assert waits == sorted(waits)
    assert waits[0] == DEFAULT_RULES.shortest_silence_s
    assert waits[1] == pytest.approx(0.475)
    assert waits[-1] == DEFAULT_RULES.longest_silence_s


def test_the_notes_of_a_chord_are_one_onset() -> None:
    chords = pace_of(*(place * 0.5 + spread for place in range(8) for spread in (0.0, 0.01, 0.02)))
    assert silence_needed(chords, DEFAULT_RULES) == pytest.approx(silence_needed(even(0.5), DEFAULT_RULES))


def test_one_long_rest_in_a_phrase_does_not_make_the_answer_late() -> None:
    onsets = [place * 0.2 + (2.0 if place > 4 else 0.0) for place in range(10)]
    assert silence_needed(pace_of(*onsets), DEFAULT_RULES) == pytest.approx(
        silence_needed(even(0.2), DEFAULT_RULES)
    )


def test_the_pace_of_long_ago_is_forgotten() -> None:
    slow_then_fast = [*(place * 1.0 for place in range(20)), *(20 + place * 0.2 for place in range(20))]
    assert silence_needed(pace_of(*slow_then_fast), DEFAULT_RULES) < 0.5


def test_the_gap_across_an_answer_is_not_a_gap_of_the_playing() -> None:
    before = even(0.2)
    after = before.resting().struck(100.0, DEFAULT_RULES)
    assert after.gaps == before.gaps


def test_an_interruption_makes_it_wait_longer_and_welcome_answers_make_it_forget() -> None:
    pace = even(0.3)
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
        pace = pace.struck(at, DEFAULT_RULES)
    for _ in range(interruptions):
        pace = pace.interrupted()
    assert pace.caution <= MOST_CAUTION
    rules = Rules()
    assert rules.shortest_silence_s <= silence_needed(pace, rules) <= rules.longest_silence_s
