"""Answers to calls in the report, beside continuations and chance; our own calls whole, others' never."""

import json
from dataclasses import replace
from typing import Any

import pytest

from evaluation.answering.agreement import MEASURES, PLAYERS, agreement, summary
from evaluation.answering.answers import answers_section, answers_to, own_answers, own_calls_section
from evaluation.answering.calls import Call, calls_of
from evaluation.answering.own_calls import OWN_CALLS
from evaluation.judge import Judged, judge
from evaluation.report import Report
from pieces.corpus import Corpus
from tests.support.answerers import Echo, Silent
from tests.support.corpora import tiny_corpus
from tests.support.phrases import improvised
from tests.support.scorers import UniformScorer

ABOUT = {"name": "a model", "hash": "0123456789abcdef", "tier": "own", "learnt_from": []}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("corpus")
    tiny_corpus(folder)
    return Corpus(folder / "corpora" / "tiny.safetensors")


@pytest.fixture(scope="module")
def calls(corpus: Corpus) -> list[Call]:
    found = calls_of(corpus.phrases("train"))
    assert len({call.piece for call in found}) >= 3
    return found


@pytest.fixture(scope="module")
def report(corpus: Corpus) -> Report:
    judged = Judged(ABOUT, UniformScorer(), answering=Echo)
    return judge(judged, corpus, "train", {"command": "antiphon evaluate"}, lambda line: None)


def test_an_echo_agrees_more_than_the_music_and_the_music_more_than_chance(report: Report) -> None:
    section = report.sections["answers"]
    assert section["model"]["density_ratio"] == pytest.approx(1)
    assert section["model"]["velocity_off_by"] == pytest.approx(1)
    assert section["model"]["register_off_by"] == 0
    assert section["model"]["key_fit"] > section["continuation"]["key_fit"]
    assert section["continuation"]["register_off_by"] > 0
    assert {section[who]["answers"] for who in ("model", "continuation", "chance")} == {section["calls"]}


def test_a_model_that_says_nothing_is_counted_as_silent(calls: list[Call]) -> None:
    section = answers_section(calls, answers_to(Silent(), calls))
    assert section["model"] == {"answers": 0, "silent": len(calls)}
    assert all(one["model"] is None and one["answer"] == [] for one in section["each"])


def test_of_held_out_music_only_its_place_is_kept(report: Report, corpus: Corpus) -> None:
    each = report.sections["answers"]["each"]
    assert each[0].keys() == {"piece", "from_s", "until_s", "key", "model", "answer"}
    assert {one["piece"] for one in each} <= {piece.file for piece in corpus.description.pieces}


def test_our_own_calls_stand_in_the_report_whole(report: Report) -> None:
    own = report.sections["own_calls"]
    assert len(own) == len(OWN_CALLS)
    assert own == own_calls_section(own_answers(Echo()))
    for call in own:
        assert len(call["answer"]) == len(call["call"]) > 5
        assert call["model"]["in_key"] <= 1


def test_distributions_stand_side_by_side(report: Report) -> None:
    section = report.sections["distributions"]
    assert section.keys() == {"music", "model", "continuation", "chance", "overlap"}
    answered = sum(len(one["answer"]) for one in report.sections["answers"]["each"])
    for field in ("gap", "pitch", "velocity", "length"):
        assert sum(section["model"][field]["counts"]) == answered
        assert section["overlap"]["model"][field] > section["overlap"]["chance"][field]


def test_the_table_tells_all_three(report: Report) -> None:
    lines = report.table()
    assert lines[-4].startswith(f"{report.sections['answers']['calls']} answers")
    assert [line[:22].strip() for line in lines[-3:]] == [
        "the model",
        "the true continuation",
        "another piece's",
    ]


def test_the_table_has_a_column_for_each_measure_under_its_title(report: Report) -> None:
    head, model, *_ = report.table()[-4:]
    found = report.sections["answers"]["model"]
    for measure in MEASURES:
        end = head.index(f"  {measure.title}") + len(f"  {measure.title}")
        assert model[:end].endswith(measure.cell(found))


def test_the_table_counts_answers_without_notes(report: Report) -> None:
    silent = replace(report, sections=report.sections | {"answers": answers_of(1, 2)})
    assert silent.table()[-3].endswith("2 silent")
    none = replace(report, sections=report.sections | {"answers": answers_of(0, 3)})
    assert none.table()[-3].split() == ["the", "model", "none"]


def answers_of(heard: int, silent: int) -> dict[str, Any]:
    """The section of a player of whose answers some have no note, beside music that has them all."""
    notes = improvised(1)
    same = agreement(notes, notes)
    found = {who: summary([same] * 3) for who in PLAYERS}
    return {"calls": 3, **found, "model": summary([same] * heard + [None] * silent)}


def test_the_report_is_compact_and_reads_back(report: Report) -> None:
    assert json.loads(report.json())["sections"] == json.loads(json.dumps(report.sections))
    assert len(report.json().splitlines()) < 2000 + 20 * report.sections["answers"]["calls"]
