"""What a run begins with: which file that is, what it was trained on, and that its licences bind the run."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch

from realtime.inference.bundle import CorpusRecord, read_bundle, sealed
from tests.support.command import ROOT
from tests.support.recipes import ALONE, home_in, learnt, small_recipe_of
from training.learning.beginning import file_named, origin_of, origin_record
from training.learning.checkpoint import RunFolder
from training.learning.train import learn
from training.run import Places, begin_run, resume_run

MODEL_FILE = ROOT / "tests" / "golden" / "format-1-fp32.onnx"
OF_ITS_SIZES = {
    **{"kind": "event", "trunk": {"kind": "lstm", "layers": 1, "width": 4}},
    **{"gap_size": 2, "key_size": 2, "velocity_size": 2, "head": 4},
}
BORROWED = CorpusRecord("borrowed", "research-nc", "CC BY-NC-SA 4.0", "somebody", "ab" * 8, 3)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return home_in(tmp_path_factory.mktemp("home"))


@pytest.fixture
def borrowed(tmp_path: Path) -> Path:
    """A model file that was trained on music whose licence binds more than ours."""
    bundle = read_bundle(MODEL_FILE)
    graph = onnx.load_from_string(bundle.content)
    del graph.metadata_props[:]
    header = replace(bundle.header, tier="research-nc", data=(BORROWED,))
    path = tmp_path / "borrowed.onnx"
    path.write_bytes(sealed(graph.SerializeToString(), header))
    return path


def from_file(path: Path, **changes: Any) -> dict[str, Any]:
    return {"model": OF_ITS_SIZES, "begin_from": str(path), **changes}


def begun_with(home: Places, name: str, changes: dict[str, Any], init: Path | None = None) -> dict[str, Any]:
    """What a run records that begins so."""
    begin_run(small_recipe_of("event", changes), name, home, ALONE, init)
    return RunFolder.existing(home.runs / name).record


def test_a_file_that_comes_with_antiphon_is_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "tests/golden/format-1-fp32.onnx"
    assert file_named(name) == MODEL_FILE
    own = tmp_path / name
    own.parent.mkdir(parents=True)
    own.touch()
    assert file_named(name) == Path(name), "one's own file comes first"
    assert file_named("none.onnx") == Path("none.onnx")


def test_a_run_that_begins_with_chance_alone_records_no_origin(home: Places) -> None:
    record = begun_with(home, "alone", {})
    assert "began_with" not in record
    assert record["tier"] == "own"


@pytest.mark.parametrize("how", ["recipe", "init"])
def test_the_licences_of_a_model_file_bind_the_run_that_begins_with_it(
    home: Places, borrowed: Path, how: str
) -> None:
    changes = from_file(borrowed) if how == "recipe" else {"model": OF_ITS_SIZES}
    record = begun_with(home, f"bound-by-{how}", changes, None if how == "recipe" else borrowed)
    assert [corpus["name"] for corpus in record["began_with"]] == ["borrowed"]
    assert record["tier"] == "own", "which binds more than any other"


def test_of_two_tiers_the_stricter_binds(borrowed: Path) -> None:
    assert origin_record("ship", [borrowed])["tier"] == "research-nc"
    assert origin_record("benchmark", [borrowed])["tier"] == "benchmark"
    assert origin_record("ship", []) == {"tier": "ship"}


def test_a_run_that_begins_with_that_run_is_bound_too(home: Places, borrowed: Path) -> None:
    learnt(home, "first", small_recipe_of("event", from_file(borrowed)))
    weights = home.runs / "first" / "model.safetensors"
    record = begun_with(home, "second", {"model": OF_ITS_SIZES}, weights)
    assert [corpus["name"] for corpus in record["began_with"]] == ["tiny", "borrowed"]


def test_of_weights_outside_any_run_nothing_is_known(tmp_path: Path) -> None:
    origin = origin_of(tmp_path / "some.safetensors")
    assert not origin.corpora
    assert not origin.tiers


def test_a_checkpoint_wins_over_the_file_which_may_be_gone(home: Places, tmp_path: Path) -> None:
    path = tmp_path / "soon-gone.onnx"
    path.write_bytes(MODEL_FILE.read_bytes())
    learner = begin_run(small_recipe_of("event", from_file(path)), "goes-on", home, ALONE)
    learn(learner, lambda line: None, until=3)
    path.unlink()
    again = resume_run("goes-on", home, ALONE)
    for name, value in learner.model.state_dict().items():
        assert torch.equal(again.model.state_dict()[name], value)
    assert again.step == 3
