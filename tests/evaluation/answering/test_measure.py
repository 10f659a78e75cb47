"""Measures, whatever the music: what they must not depend on, and what they must notice."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evaluation.answering.agreement import MEASURES, PLAYERS, agreement, summary, table_drawn
from evaluation.answering.measure import Measure
from music.notes import Note
from music.phrase import Phrase
from tests.support.phrases import improvised

CALL = improvised(1, notes=30)
ANSWER = improvised(2, notes=25)
every_measure = pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)


def higher(phrase: Phrase, semitones: int) -> Phrase:
    return Phrase.of(replace(note, pitch=note.pitch + semitones) for note in phrase.notes)


def slower(phrase: Phrase, factor: float) -> Phrase:
    return Phrase.of(
        replace(note, at=note.at * factor, length_s=note.length_s * factor) for note in phrase.notes
    )


@given(st.integers(-12, 12))
def test_what_both_do_alike_changes_nothing(semitones: int) -> None:
    as_it_is, moved = agreement(CALL, ANSWER), agreement(higher(CALL, semitones), higher(ANSWER, semitones))
    assert moved == pytest.approx(as_it_is)


@given(st.floats(0.25, 4))
def test_the_tempo_that_both_have_changes_nothing_but_rounding(factor: float) -> None:
    assume(min(phrase.until * factor for phrase in (CALL, ANSWER)) > 1)
    as_it_is, stretched = agreement(CALL, ANSWER), agreement(slower(CALL, factor), slower(ANSWER, factor))
    assert stretched == pytest.approx(as_it_is)


@given(st.floats(-100, 100))
def test_when_an_answer_comes_changes_nothing(seconds: float) -> None:
    assert agreement(CALL, ANSWER.moved(seconds)) == pytest.approx(agreement(CALL, ANSWER))


@given(st.integers(-12, 12))
def test_the_register_is_how_much_higher_the_answer_lies(semitones: int) -> None:
    found = agreement(CALL, higher(CALL, semitones))
    assert found is not None
    assert found["register"] == pytest.approx(semitones)
    assert found["density_ratio"] == found["velocity_ratio"] == 1


@every_measure
def test_a_measure_of_a_phrase_and_itself_is_as_good_as_it_gets(measure: Measure[[Phrase, Phrase]]) -> None:
    """In the direction that a measure says to be better, no other answer is better than the call itself."""
    others = [ANSWER, higher(CALL, 1), slower(CALL, 2.0), Phrase.of([Note(0.0, 61, 127, 0.1)])]
    best = measure.of(CALL, CALL)
    assert best is not None
    for answer in others:
        value = measure.of(CALL, answer)
        assert value is not None
        match measure.better:
            case "near 0":
                assert abs(best) <= abs(value)
            case "near 1":
                assert abs(best - 1) <= abs(value - 1)
            case "more" if measure.name == "key_fit":
                assert best >= 0.5
            case "more":
                assert best >= value - 0.2  # an improvised call has notes outside its own key


@every_measure
def test_one_answer_pooled_is_itself(measure: Measure[[Phrase, Phrase]]) -> None:
    value = measure.of(CALL, ANSWER)
    assert value is not None
    assert measure.pooled([value])[measure.name] == pytest.approx(value)
    assert measure.pooled([]) == {}


@every_measure
def test_a_measure_stands_in_the_table_of_the_documents(measure: Measure[[Phrase, Phrase]]) -> None:
    (row,) = (line for line in table_drawn().splitlines() if f"`{measure.name}`" in line)
    assert f"| **{measure.title}** | {measure.about} | {measure.unit} |" in row
    assert row.count("|") == 6


def test_a_summary_has_both_figures_of_every_measure() -> None:
    figures = summary([agreement(CALL, ANSWER), None])
    keys = [key for measure in MEASURES for key in (measure.name, measure.second)]
    assert list(figures) == ["answers", "silent", *keys]
    assert (figures["answers"], figures["silent"]) == (1, 1)


def test_the_model_comes_first_and_chance_last() -> None:
    assert list(PLAYERS) == ["model", "continuation", "chance"]
