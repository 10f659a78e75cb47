"""How answers keep to calls: figures that a person can work out, and how each measure says to show them."""

from dataclasses import replace

import pytest

from evaluation.answering import agreement as room
from evaluation.answering.agreement import MEASURES, agreement, density, summary, table_drawn
from evaluation.answering.measure import DISTANCE, MEAN, RATIO, Measure, Pooling, standard_error
from music.notes import Note
from music.phrase import Phrase
from tests.support.command import ROOT

CALL = Phrase.of(
    Note(place * 0.5, pitch, 60, 0.5) for place, pitch in enumerate((60, 64, 67, 72, 65, 69, 71, 72))
)


def test_the_call_itself_agrees_in_everything() -> None:
    found = agreement(CALL, CALL.moved(10))
    assert found is not None
    assert found.keys() == {measure.name for measure in MEASURES}
    assert {name: found[name] for name in ("in_key", "density_ratio", "velocity_ratio", "register")} == {
        "in_key": 1,
        "density_ratio": 1,
        "velocity_ratio": 1,
        "register": 0,
    }
    assert found["key_fit"] > 0.7


def test_a_semitone_higher_is_out_of_key() -> None:
    higher = Phrase.of(replace(note, pitch=note.pitch + 1) for note in CALL.notes)
    found = agreement(CALL, higher)
    assert found is not None
    assert found["register"] == 1
    assert found["in_key"] == pytest.approx(2 / 8)  # E and B have moved to F and C
    assert found["key_fit"] < 0


def test_twice_as_fast_and_half_as_loud_an_octave_up() -> None:
    faster = Phrase.of(
        Note(note.at / 2, note.pitch + 12, note.velocity // 2, note.length_s / 2) for note in CALL.notes
    )
    found = agreement(CALL, faster)
    assert found is not None
    assert found["density_ratio"] == pytest.approx(2)
    assert found["velocity_ratio"] == 0.5
    assert found["register"] == 12
    assert found["in_key"] == 1


def test_density_of_one_short_note_is_not_enormous() -> None:
    assert density(Phrase.of([Note(3.0, 60, 60, 0.01)])) == 2


def test_half_and_twice_even_out_in_the_ratio_and_are_off_by_two() -> None:
    same = agreement(CALL, CALL)
    assert same is not None
    pooled = summary([{**same, "density_ratio": 2.0}, {**same, "density_ratio": 0.5}, None])
    assert pooled["answers"] == 2
    assert pooled["silent"] == 1
    assert pooled["density_ratio"] == pytest.approx(1)
    assert pooled["density_off_by"] == pytest.approx(2)
    assert pooled["in_key_error"] == 0


def test_no_answer_has_no_figures() -> None:
    assert agreement(CALL, Phrase()) is None
    assert summary([None, None]) == {"answers": 0, "silent": 2}


NAMED = {measure.name: measure for measure in MEASURES}
LOUDEST: Measure[[Phrase, Phrase]] = Measure(
    "loudest", "loudest", "its loudest note", "1 to 127", "less", ".0f", MEAN, lambda _, answer: None
)


def test_no_two_measures_share_a_key_or_a_column() -> None:
    keys = [key for measure in MEASURES for key in (measure.name, measure.second)]
    titles = [title for measure in MEASURES for title in measure.columns.values()]
    assert len({*keys, "answers", "silent"}) == len(keys) + 2
    assert len(set(titles)) == len(titles)


def test_an_answer_is_shown_with_its_sign_and_unit() -> None:
    figures = {"in_key": 0.855, "register": 3.0, "register_off_by": 4.56}
    assert NAMED["in_key"].text(figures) == "85.5%"
    assert NAMED["register"].text(figures) == "+3.0"
    assert NAMED["register"].text(figures, "register_off_by") == "4.6"
    assert NAMED["register"].cell(figures) == "+3.0 (off by 4.6)"


def test_what_was_not_measured_is_shown_as_a_dash() -> None:
    for measure in MEASURES:
        assert measure.text({}) == measure.cell({}) == "–"


def test_a_mean_is_kept_with_its_error_which_no_column_shows() -> None:
    assert NAMED["in_key"].columns == {"in_key": "in key"}
    assert NAMED["in_key"].pooled([0.5, 1.0]) == {"in_key": 0.75, "in_key_error": standard_error([0.5, 1.0])}
    assert NAMED["density_ratio"].columns == {
        "density_ratio": "density ratio",
        "density_off_by": "density ratio, off by",
    }


@pytest.mark.parametrize(
    ("pooling", "values", "middle", "apart"),
    [
        (MEAN, [1.0, 2.0, 3.0], 2.0, 3**-0.5),
        (MEAN, [5.0], 5.0, 0.0),
        (RATIO, [4.0, 0.25], 1.0, 4.0),
        (RATIO, [2.0, 2.0], 2.0, 2.0),
        (DISTANCE, [-3.0, 3.0], 0.0, 3.0),
    ],
)
def test_figures_are_pooled_by_what_they_are(
    pooling: Pooling, values: list[float], middle: float, apart: float
) -> None:
    assert pooling.middle(values) == pytest.approx(middle)
    assert pooling.apart(values) == pytest.approx(apart)


def test_a_measure_that_says_nothing_of_an_answer_is_left_out_of_it_and_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "MEASURES", (*MEASURES, LOUDEST))
    found = agreement(CALL, CALL)
    assert found is not None
    assert found.keys() == NAMED.keys()
    assert "loudest" not in summary([found])


def test_the_document_has_the_measures() -> None:
    document = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert table_drawn() in document, "docs/evaluation.md has an old table; paste table_drawn()"
