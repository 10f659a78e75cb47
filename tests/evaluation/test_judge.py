"""A model judged on a corpus: every section, on the same notes, without torch; what is missing is named."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.judge import PARTS_OF_A_PIECE, Judged, judge
from evaluation.report import Report
from evaluation.scoring import held_out
from music.midi.files import write_midi
from pieces.corpus import Corpus, prepare
from pieces.music_sets import music_set, split_by_chance
from tests.support.command import ROOT
from tests.support.corpora import tiny_corpus
from tests.support.phrases import improvised
from tests.support.scorers import MemoryScorer, UniformScorer
from tests.support.waiting import PATIENCE_S

ABOUT = {"name": "a model", "hash": "0123456789abcdef", "tier": "own"}
MACHINE = {"command": "antiphon evaluate"}


def heard(line: str) -> None:
    """Progress is for a person."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("corpus")
    tiny_corpus(folder)
    return Corpus(folder / "corpora" / "tiny.safetensors")


@pytest.fixture(scope="module")
def report(corpus: Corpus) -> Report:
    return judge(Judged(ABOUT, MemoryScorer(), UniformScorer()), corpus, "test", MACHINE, heard)


def test_the_model_and_every_baseline_are_judged_on_the_same_notes(report: Report) -> None:
    sections = report.sections
    rows = [
        sections["likelihood"]["carried"],
        sections["likelihood"]["reset"],
        *sections["baselines"].values(),
    ]
    assert len(rows) == 6
    assert {row["notes"] for row in rows} == {report.music["notes"]}
    assert {sum(field["counts"]) for field in sections["distributions"]["music"].values()} == {
        report.music["notes"]
    }
    assert sections["answers"] == {"left_out": "the model can't play"}
    assert sum(piece["notes"] for piece in sections["likelihood"]["pieces"]) == report.music["notes"]
    assert report.music["pieces"] == len(sections["likelihood"]["pieces"])


def test_pieces_add_up_to_the_whole(report: Report) -> None:
    found = report.sections["likelihood"]
    for way in ("carried", "reset"):
        total = sum(piece[way] * piece["notes"] for piece in found["pieces"])
        assert total / report.music["notes"] == pytest.approx(found[way]["nats_a_note"])


def test_each_piece_is_followed_from_its_beginning_to_its_end(report: Report) -> None:
    for piece in report.sections["likelihood"]["pieces"]:
        assert len(piece["along"]) == PARTS_OF_A_PIECE


def test_carried_and_reset_are_two_figures_of_the_same_music(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_out, "RESET_EVERY", 50)  # test pieces are shorter than a stretch of 2,048
    found = judge(Judged(ABOUT, MemoryScorer()), corpus, "test", MACHINE, heard).sections["likelihood"]
    assert found["reset"]["stretches"] > 3 * len(found["pieces"])
    assert found["reset"]["nats_a_note"] > 2 * found["carried"]["nats_a_note"]
    assert all(piece["reset"] > piece["carried"] for piece in found["pieces"])


def test_nats_are_given_as_models_of_performance_events_publish_them(report: Report) -> None:
    found, music = report.sections["likelihood"]["reset"], report.music
    total = found["nats_a_note"] * music["notes"]
    assert found["nats_a_performance_event"] == pytest.approx(total / music["performance_events"])
    assert music["performance_events"] > music["events"]


def test_the_report_is_read_back_as_it_was_kept(report: Report, tmp_path: Path) -> None:
    report.save(tmp_path / "new" / "report.json")
    record = json.loads((tmp_path / "new" / "report.json").read_text())
    assert record["sections"] == report.sections
    assert (record["machine"], record["model"], record["version"]) == (MACHINE, ABOUT, 1)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["report.json"]


def test_the_table_tells_who_was_judged_on_what_and_every_row(report: Report) -> None:
    lines = report.table()
    assert "a model" in lines[0]
    assert "0123456789abcdef" in lines[0]
    assert f"{report.music['notes']:,} notes" in lines[1]
    rows = {line[:14].strip(): line[14:].split() for line in lines[3:11]}
    assert lines[12] == "left out: answers: the model can't play"
    assert list(rows) == [
        "nats a note",
        *("state carried", "reset", "remembering"),
        *("chance", "untrained", "unigram", "bigram"),
    ]
    assert rows["nats a note"] == ["all", "±", "gap", "key", "pitch", "velocity", "length"]
    bigram = report.sections["baselines"]["bigram"]
    assert rows["bigram"][0] == f"{bigram['nats_a_note']:.3f}"
    assert rows["bigram"][2:] == [
        f"{bigram[f'{field}_nats_a_note']:.3f}" for field in ("gap", "pitch", "velocity", "length")
    ]


def test_without_train_pieces_what_can_not_be_counted_is_left_out_and_named(tmp_path: Path) -> None:
    name = next(name for name in map("{}.mid".format, range(1000)) if split_by_chance(name) == "test")
    (tmp_path / "music").mkdir()
    write_midi(improvised(1), tmp_path / "music" / name)
    prepare(music_set("one"), tmp_path / "music", tmp_path / "one.safetensors", workers=1)
    found = judge(
        Judged(ABOUT, UniformScorer()), Corpus(tmp_path / "one.safetensors"), "test", MACHINE, heard
    )
    assert list(found.sections["baselines"]) == ["chance", "left_out"]
    assert "left out: unigram, bigram: the corpus has no train pieces to count" in found.table()


def test_judging_needs_no_torch() -> None:
    program = (
        "import sys, evaluation.judge, commands.evaluate\n"
        "sys.exit('torch' in sys.modules or 'onnxruntime' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=PATIENCE_S)
