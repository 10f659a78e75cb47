"""What training costs is measured for every family, beside its bare layers and beside the ready model."""

import argparse
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
import torch

from antiphon import main
from benchmarks.learning import training
from benchmarks.learning.training import FAMILIES, Beside, Round, figures_of, recipe_for
from benchmarks.learning.training_floors import ReadyModel, floor_of
from pieces.corpus import Corpus
from tests.support.corpora import tiny_corpus
from tests.support.phrases import improvised
from training.feeds.feed import ALONE
from training.learning.learner import Learner
from training.learning.parallel import Company
from training.learning.train import learn
from training.models.catalogue import ModelSettings
from training.models.trunks.catalogue import TrunkSettings
from training.run import Places, begin_run

SMALLER = {"width": 8, "time_width": 8, "note_width": 8, "hidden": 8, "embedding": 8, "lanes": 2, "batch": 2}


def smaller(tables: Any) -> Any:
    """The same family, so small that a step takes no time."""
    if not isinstance(tables, dict):
        return tables
    return {name: SMALLER.get(name, smaller(value)) for name, value in tables.items()}


@pytest.fixture
def small_families(monkeypatch: pytest.MonkeyPatch) -> None:
    stacked = {"trunk": {"kind": "lstm", "layers": 1, "width": 8}}
    for name, tables in FAMILIES.items():
        made = smaller(tables)
        if made["model"]["kind"] in ("event", "note"):
            made["model"] |= stacked
        if made["model"]["kind"] == "rbm":
            made["model"] |= {"hidden": 8}
        monkeypatch.setitem(FAMILIES, name, made)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    tiny_corpus(home)
    return home / "corpora" / "tiny.safetensors"


def learner_of(family: str, corpus: Path, runs: Path) -> Learner:
    company = Company(ALONE, torch.device("cpu"))
    return begin_run(
        recipe_for(family, corpus.stem), family.replace(" ", "-"), Places(runs, corpus.parent), company
    )


def round_of(floor_s: float, ready_s: float, ours_s: float, feed_s: float, counted: int = 80) -> Round:
    return Round(floor_s, ready_s, ours_s, feed_s, 100, counted)


def test_ratios_are_medians_of_rounds_and_rows_that_only_fill_up_are_not_learnt_from() -> None:
    rounds = [round_of(1, 2, 2, 0.5), round_of(1, 1, 2, 0.5), round_of(2, 4, 6, 0.25)]
    figures = figures_of("note", rounds)
    assert figures["filled_share"] == pytest.approx(0.8)
    assert figures["notes_a_second"] == pytest.approx(100 * 0.8 / 2)
    assert figures["floor_notes_a_second"] == pytest.approx(100 / 1)
    assert figures["ready_notes_a_second"] == pytest.approx(100 * 0.8 / 2)
    assert figures["times_floor"] == pytest.approx(2 / 0.8)  # of 2, 2 and 3, at the rows that count
    assert figures["times_ready"] == pytest.approx(1.5)  # of 1, 2 and 1.5: the same batches
    assert figures["feed_share"] == pytest.approx(0.25)


def test_every_family_of_models_and_every_trunk_is_among_the_measured() -> None:
    recipes = [recipe_for(family, "made") for family in FAMILIES]
    assert {type(recipe.model) for recipe in recipes} == set(get_args(ModelSettings))
    trunks = {type(recipe.model.trunk) for recipe in recipes if hasattr(recipe.model, "trunk")}
    assert trunks == set(get_args(TrunkSettings))
    assert {recipe.model.head for recipe in recipes if recipe.model.kind == "roll"} == {"sigmoid", "nade"}


# one of each kind of floor; the others take the same ways through it
IN_EVERY_CHECK = ("event", "symbol conv-lstm", "roll nade", "rbm")


@pytest.mark.usefixtures("small_families")
@pytest.mark.parametrize(
    "family",
    [pytest.param(name, marks=[] if name in IN_EVERY_CHECK else pytest.mark.slow) for name in FAMILIES],
)
@pytest.mark.slow
def test_each_familys_loop_takes_turns_with_its_floor_and_the_ready_model(
    family: str, corpus: Path, tmp_path: Path
) -> None:
    learner = learner_of(family, corpus, tmp_path)
    beside = Beside(learner)
    learner.feed = beside
    assert learn(learner, lambda _: None, until=4) == 4
    assert len(beside.rounds) == 3  # the last one's end isn't met
    for each in beside.rounds:
        assert 0 < each.feed_s < each.ours_s
        assert min(each.floor_s, each.ready_s) > 0
        assert 0 < each.counted <= each.rows


@pytest.mark.usefixtures("small_families")
@pytest.mark.parametrize("family", ["event", "symbol conv-lstm", "roll nade", "biaxial", "rbm"])
def test_floor_and_ready_model_leave_the_model_as_it_is_and_learn_themselves(
    family: str, corpus: Path, tmp_path: Path
) -> None:
    learner = learner_of(family, corpus, tmp_path)
    before = [weight.clone() for weight in learner.model.parameters()]
    batch, learning = learner.feed.next(), learner.recipe.learning
    floor, ready = floor_of(learner.model, batch, learning), ReadyModel(learner.model, learning)
    ready.give(batch)
    for bare in (floor, ready):
        own = [weight.detach().clone() for weight in bare.weights]
        bare.step()
        assert any(not torch.equal(one, other) for one, other in zip(own, bare.weights, strict=True))
    for one, other in zip(before, learner.model.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.usefixtures("small_families")
@pytest.mark.parametrize(
    ("family", "trunks"), [("symbol lstm", ["trunk"]), ("biaxial", ["along_time", "along_notes"])]
)
def test_the_floor_of_a_recurrent_trunk_is_all_of_it(
    family: str, trunks: list[str], corpus: Path, tmp_path: Path
) -> None:
    learner = learner_of(family, corpus, tmp_path)
    floor = floor_of(learner.model, learner.feed.next(), learner.recipe.learning)
    whole = [weight for name in trunks for weight in getattr(learner.model, name).parameters()]
    assert sorted(weight.shape for weight in floor.weights) == sorted(weight.shape for weight in whole)


@pytest.mark.usefixtures("small_families")
def test_figures_are_printed_as_json_and_as_lines(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["bench", "training", "--family", "step", "roll nade", "--steps", "2", "--corpus", str(corpus)]
    threads = torch.get_num_threads()
    try:
        assert main([*words, "--json"]) == 0
        figures = json.loads(capsys.readouterr().out)
        assert main(words) == 0
    finally:
        torch.set_num_threads(threads)
    assert list(figures["families"]) == ["step", "roll nade"]
    assert figures["families"]["step"]["notes_a_second"] > 0
    assert figures["families"]["roll nade"]["times_floor"] > 0
    assert {"processor", "date", "command"} <= figures["machine"].keys()
    lines = capsys.readouterr().out.splitlines()
    assert "  roll nade" in lines
    assert any(line.strip().startswith("times_ready") for line in lines)


def test_memory_is_asked_for_by_size_and_family(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []

    def peak_of(work: object, family: str, corpus: Path, threads: int) -> float:
        assert corpus.is_file()
        asked.append((family, threads))
        return float(len(asked))

    monkeypatch.setattr(training, "peak_of", peak_of)
    monkeypatch.setattr(training, "performance", improvised)
    words = ["--memory", "--family", "step", "rbm", "--pieces", "20", "21", "--notes", "30", "--threads", "3"]
    figures = training.run(options(*words))
    assert asked == [("step", 3), ("rbm", 3)] * 2
    assert figures["notes in a piece"] == 30
    assert [(sizes["step"], sizes["rbm"]) for sizes in figures["peak_mb"].values()] == [(1, 2), (3, 4)]
    assert list(figures["peak_mb"]) == ["20 pieces", "21 pieces"]


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    training.add_arguments(parser)
    return parser.parse_args(words)


def test_every_family_is_measured_unless_some_are_named() -> None:
    assert options().family == list(FAMILIES)
    assert (options().steps, options().threads, options().memory) == (20, 1, False)


def test_a_made_corpus_has_so_many_pieces_and_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "performance", improvised)
    with training._corpus(None, 21, 30) as made:
        assert len(Corpus(made).description.pieces) == 21
    assert not made.exists()


def test_a_corpus_of_ones_own_is_taken_as_it_is_and_stays(corpus: Path) -> None:
    with training._corpus(corpus, 21, 30) as taken:
        assert taken == corpus
    assert corpus.is_file()


def test_a_run_of_the_benchmark_neither_ends_nor_is_measured() -> None:
    recipe = recipe_for("step", "mine")
    assert recipe.data.corpora == ("mine",)
    assert recipe.learning.steps == recipe.log.validate_every == recipe.log.save_every == 1_000_000


def test_first_steps_are_not_counted(monkeypatch: pytest.MonkeyPatch, corpus: Path) -> None:
    rounds = [round_of(9, 9, 9, 9)] * training._WARMING + [round_of(1, 2, 2, 0.5)] * 3
    steps: list[int] = []
    learner = SimpleNamespace(feed=None, model=SimpleNamespace(unit="row"))
    monkeypatch.setattr(training, "_learner", lambda *_: learner)
    monkeypatch.setattr(training, "Beside", lambda _: SimpleNamespace(rounds=rounds))
    monkeypatch.setattr(training, "learn", lambda learner, say, until: steps.append(until))
    figures = training._speed("step", corpus, 3)
    assert steps == [training._WARMING + 3 + 1]
    assert figures["rows_a_second"] == pytest.approx(80 / 2)


@pytest.mark.slow
def test_memory_is_measured_in_a_process_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--memory", "--family", "step", "--pieces", "20", "--notes", "40", "--json"]
    assert main(["bench", "training", *words]) == 0
    peaks = json.loads(capsys.readouterr().out)["peak_mb"]
    assert list(peaks) == ["20 pieces"]
    for figures in peaks.values():
        assert 50 < figures["step"] < 2000  # torch is in it
        assert figures["corpus_mb"] < 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--steps", "0"], "--steps is 1 or more, not 0"),
        (["--pieces", "0"], "--pieces is 1 or more, not 0"),
        (["--corpus", "nowhere.safetensors"], "antiphon data prepare"),
        (["--memory", "--corpus", "nowhere.safetensors"], "leave --corpus out"),
    ],
)
def test_what_can_not_be_measured_is_refused_in_one_line(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "training", *words]) == 2
    refusal = capsys.readouterr().err
    assert why in refusal
    assert refusal.count("\n") == 1


def test_a_family_that_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["bench", "training", "--family", "nothing"])
    assert "invalid choice: 'nothing'" in capsys.readouterr().err
