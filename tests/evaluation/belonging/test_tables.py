"""What was found of voices is shown in four tables, each only where there is something to show."""

from collections.abc import Mapping
from typing import Any

import pytest

from evaluation.belonging.faults import FAULTS, SEVERAL
from evaluation.belonging.measures import MEASURES
from evaluation.belonging.tables import tables_of
from evaluation.belonging.voices import RIVALS, VOICES

NEARER = {"stranger": {"share": 0.751, "low": 0.7, "high": 0.802}}


def figures(**more: Any) -> dict[str, Any]:
    return {"nearer": {}, "faults": {"any": 0.25, "several": 0.0}, "pulse": 0.4567} | more


def table_headed(first: str, voices: Mapping[str, Any]) -> list[list[str]]:
    (rows,) = (rows for rows in tables_of(voices) if rows[0][0] == first)
    return rows


def heads(voices: Mapping[str, Any]) -> list[str]:
    return [rows[0][0] for rows in tables_of(voices)]


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, ["gross faults", "beside the call"]),
        ({"nearer": NEARER}, ["nearer to truth than", "gross faults", "beside the call"]),
        (
            {"recited": {"mean": 3.2, "longest": 9.0}},
            ["gross faults", "beside the call", "shared with train"],
        ),
    ],
    ids=["music of our own", "with a truth", "looked through"],
)
def test_there_is_a_table_for_what_was_looked_at(more: dict[str, Any], wanted: list[str]) -> None:
    assert heads({"model": figures(**more)}) == wanted


@pytest.mark.parametrize("voice", VOICES)
def test_every_row_is_as_long_as_its_head_and_begins_with_the_voice_in_words(voice: str) -> None:
    found = figures(nearer=NEARER, recited={"mean": 1.0, "longest": 2.0})
    for rows in tables_of({voice: found, "model": found}):
        assert {len(row) for row in rows} == {len(rows[0])}
        assert [row[0] for row in rows[1:]] == (
            [VOICES[voice], "the model"] if voice != "model" else ["the model"]
        )


def test_how_near_to_the_truth_is_a_share_with_its_bounds_and_a_dash_where_nobody_looked() -> None:
    head, row = table_headed("nearer to truth than", {"rule": figures(nearer=NEARER)})
    assert head[1:] == list(RIVALS.values())
    assert row == ["the answer by rule", "0.75 (0.70–0.80)", "–", "–", "–"]


def test_who_has_no_truth_beside_others_who_have_is_left_out_of_that_table() -> None:
    voices = {"model": figures(nearer=NEARER), "true": figures()}
    assert [row[0] for row in table_headed("nearer to truth than", voices)[1:]] == ["the model"]


def test_faults_are_percents_in_the_order_that_they_are_declared() -> None:
    faults = {"any": 0.5, "several": 0.126, "density": 0.333}
    head, row = table_headed("gross faults", {"model": figures(faults=faults)})
    assert head == ["gross faults", "any", f"{SEVERAL} or more", *FAULTS]
    shown = dict(zip(head, row, strict=True))
    assert (shown["any"], shown[f"{SEVERAL} or more"], shown["density"]) == ("50%", "13%", "33%")
    assert {shown[name] for name in FAULTS if name != "density"} == {"–"}


def test_every_measure_has_its_column_and_is_written_as_it_says() -> None:
    head, row = table_headed("beside the call", {"model": figures(in_key=0.987, loudness_spread=1.25)})
    shown = dict(zip(head, row, strict=True))
    assert head[1:] == [measure.title for measure in MEASURES]
    assert (shown["pulse"], shown["in key"], shown["spread"]) == ("0.46", "99%", "+1.2")
    assert shown["tempo"] == "–"


def test_what_is_recited_is_a_mean_and_a_longest_run() -> None:
    voices = {"model": figures(recited={"mean": 3.25, "longest": 9.0}), "rule": figures()}
    assert table_headed("shared with train", voices) == [
        ["shared with train", "mean run", "longest run"],
        ["the model", "3.2", "9"],
    ]


def test_every_rival_is_a_voice() -> None:
    assert set(RIVALS) < set(VOICES)
    assert len(set(VOICES.values())) == len(VOICES)
    assert len(set(RIVALS.values())) == len(RIVALS)
