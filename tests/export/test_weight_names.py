"""A file's weights have the model's names: so a model over a linear recurrence can learn on from its file,
and be exported anew from it, as one over an LSTM can."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from export.bundle import header_of
from export.exporting import Written, export_each, source_of_file, source_of_run
from export.weight_names import name_weights
from music.settings import SettingError
from realtime.inference.bundle import PORTRAIT, StateShape, read_bundle
from tests.support.models import LISTENING, small_run
from training.models.event_model import EventModel, EventModelSettings
from training.models.from_file import event_model_of_file, put_weights_of_file, settings_in
from training.models.trunks.linear import LinearSettings
from training.opened_run import OpenedRun, opened
from training.tuning.tuning import recipe_for

pytestmark = pytest.mark.xdist_group("exported")
OVER_LINEAR = LISTENING | {"model.trunk.kind": "linear"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> OpenedRun:
    """A run whose weights all differ, as after learning."""
    folder = small_run(tmp_path_factory.mktemp("runs"), changes=OVER_LINEAR)
    run = opened(folder.path)
    model = model_of(run)
    torch.manual_seed(7)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    folder.save_model(model)
    return run


def model_of(run: OpenedRun) -> EventModel:
    settings = run.recipe.model
    assert isinstance(settings, EventModelSettings)
    model = EventModel(settings).eval()
    run.put_weights(model)
    return model


@pytest.fixture(scope="module")
def files(run: OpenedRun, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("files")
    written = list(export_each(source_of_run(run, None), out, ["fp32", "fp16"]))
    return {one.bundle.header.precision: one.bundle.path for one in written if isinstance(one, Written)}


@pytest.mark.slow
def test_the_model_in_a_file_is_the_one_that_it_was_made_of(run: OpenedRun, files: dict[str, Path]) -> None:
    wanted = dict(model_of(run).named_parameters())
    for precision, within in {"fp32": 0.0, "fp16": 1e-3}.items():
        model = event_model_of_file(files[precision])
        assert model is not None
        found = dict(model.named_parameters())
        assert found.keys() == wanted.keys()
        for name, weight in found.items():
            torch.testing.assert_close(weight, wanted[name], rtol=0.0, atol=within)


@pytest.mark.slow
def test_learning_on_begins_with_its_trunk(files: dict[str, Path]) -> None:
    recipe = recipe_for(read_bundle(files["fp16"]), "mine", {})
    assert isinstance(recipe.model, EventModelSettings)
    assert recipe.model.trunk == LinearSettings(layers=2, width=32, dropout=0.1)
    assert recipe.model.listens
    put_weights_of_file(EventModel(recipe.model), files["fp16"])
    deeper = EventModel(replace(recipe.model, trunk=LinearSettings(layers=3, width=32)))
    with pytest.raises(SettingError, match="take its trunk: of its kind"):
        put_weights_of_file(deeper, files["fp16"])


@pytest.mark.slow
def test_its_file_in_eight_bits_is_made_by_tables_where_the_run_is_gone(
    files: dict[str, Path], tmp_path: Path
) -> None:
    (written,) = export_each(source_of_file(files["fp16"], None), tmp_path, ["int8"])
    assert isinstance(written, Written), written
    names = {value.name for value in onnx.load_from_string(written.bundle.content).graph.initializer}
    assert "model.rows" in names


@pytest.mark.slow
def test_a_model_over_another_trunk_is_refused_before_there_is_a_run(files: dict[str, Path]) -> None:
    bundle = read_bundle(files["fp16"])
    states = (*bundle.header.states, StateShape("keys", (-1, 4)))
    other = replace(bundle, header=replace(bundle.header, states=states))
    assert settings_in(other.header) is None
    with pytest.raises(SettingError, match="only a model of events over an LSTM or a linear recurrence"):
        recipe_for(other, "mine", {})


def test_what_a_header_says_of_the_model_are_its_settings(run: OpenedRun) -> None:
    model = model_of(run)
    header = header_of("small", run.record, run.encoding, model, "fp32")
    found = settings_in(header)
    assert found is not None
    assert asdict(found) == asdict(replace(model.settings, dropout=0.0))
    assert PORTRAIT in {state.name for state in header.states}


def test_a_weight_that_was_turned_round_says_so_and_equal_ones_keep_their_number() -> None:
    layers = [torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)]
    model = torch.nn.Sequential(*layers)
    square, other = (layer.weight.detach().numpy() for layer in layers)
    held = {"val_1": square.T, "val_2": other, "val_3": square.T, "0.bias": np.zeros(2, np.float32)}
    arrays = [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in held.items()]
    node = onnx.helper.make_node("MatMul", ["read", "val_1"], ["made"])
    graph = onnx.helper.make_graph([node], "graph", [], [], arrays)
    name_weights([graph], model)
    assert [value.name for value in graph.initializer] == [
        "model.0.weight.turned",
        "model.1.weight",
        "val_3",
        "0.bias",
    ]
    assert graph.node[0].input[1] == "model.0.weight.turned"
