"""Measures of belonging: what each says of the call itself and of an answer changed in one respect."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from evaluation.answering.measure import MEDIAN, Measure
from evaluation.belonging.faults import Answered
from evaluation.belonging.measures import MEASURES, table_drawn
from music.manner.features import features_of
from music.notes import Note
from music.phrase import Phrase
from tests.support.command import ROOT
from tests.support.passages import tune

CALL = tune([60, 64, 62, 65, 67, 64, 65, 60, 62, 67, 65, 64], velocity=50)
NAMED = {measure.name: measure for measure in MEASURES}
every_measure = pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)


def answered(answer: Phrase) -> Answered:
    return Answered(CALL, answer, features_of(CALL.notes), features_of(answer.notes), 0.4)


def of(name: str, answer: Phrase) -> float:
    value = NAMED[name].of(answered(answer))
    assert value is not None
    return value


def changed(change: Callable[[Note], Note]) -> Phrase:
    return Phrase.of(map(change, CALL.notes))


@pytest.mark.parametrize(
    ("name", "itself"),
    [
        ("pulse", 1),
        ("same_tempo", 1),
        ("gaps", 0),
        ("density", 0),
        ("texture", 0),
        ("register", 0),
        ("loudness", 0),
        ("loudness_spread", 0),
        ("articulation", 0),
        ("in_key", 1),
        ("clashes", 0),
        ("motifs", 1),
        ("copied", 11),
        ("repetition", 0),
        ("ends_long", 0),
        ("first_s", 0.4),
    ],
)
def test_the_call_itself_is_as_near_as_can_be(name: str, itself: float) -> None:
    assert of(name, CALL) == pytest.approx(itself)


@pytest.mark.parametrize(
    ("name", "answer", "value"),
    [
        ("register", changed(lambda note: replace(note, pitch=note.pitch - 5)), 5),
        ("loudness", changed(lambda note: replace(note, velocity=100)), 1),
        ("loudness_spread", changed(lambda note: replace(note, velocity=40 + 20 * (note.pitch > 63))), 9.43),
        ("articulation", changed(lambda note: replace(note, length_s=0.225)), 1),
        ("density", changed(lambda note: replace(note, at=note.at * 2, length_s=note.length_s * 2)), 1),
        ("gaps", changed(lambda note: replace(note, at=note.at * 2, length_s=note.length_s * 2)), 1),
        ("same_tempo", changed(lambda note: replace(note, at=note.at * 0.7)), 0),
        (
            "motifs",
            Phrase.of(
                CALL.notes[:6] + tuple(replace(n, pitch=50 + p * p) for p, n in enumerate(CALL.notes[6:]))
            ),
            3 / 9,
        ),
        ("in_key", changed(lambda note: replace(note, pitch=note.pitch + 1)), 3 / 12),  # F, where E was
        (
            "clashes",
            Phrase.of([*CALL.notes, *(replace(note, pitch=note.pitch - 13) for note in CALL.notes)]),
            1,
        ),
        ("ends_long", Phrase.of([*CALL.notes[:-1], replace(CALL.notes[-1], length_s=2.0)]), 1),
    ],
)
def test_a_change_in_one_respect_is_seen_in_its_measure(name: str, answer: Phrase, value: float) -> None:
    assert of(name, answer) == pytest.approx(value, rel=0.05)


def test_no_two_measures_share_a_key_or_a_column() -> None:
    keys = [key for measure in MEASURES for key in (measure.name, measure.second)]
    assert len(set(keys)) == len(keys)
    assert len({measure.title for measure in MEASURES}) == len(MEASURES)


@every_measure
def test_one_answer_pooled_is_itself(measure: Measure[[Answered]]) -> None:
    value = measure.of(answered(CALL))
    assert value is not None
    assert measure.pooled([value]) == {measure.name: value, measure.second: 0.0}


def test_a_median_is_kept_with_how_far_the_middle_half_reaches() -> None:
    assert MEDIAN.middle([1.0, 2.0, 3.0, 4.0, 100.0]) == 3
    assert MEDIAN.apart([1.0, 2.0, 3.0, 4.0, 100.0]) == 2


def test_the_document_has_the_measures() -> None:
    document = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert table_drawn() in document, "docs/evaluation.md has an old table; paste table_drawn()"
