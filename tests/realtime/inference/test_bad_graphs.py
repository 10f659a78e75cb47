"""A file whose header is right and whose graph lies is refused in one line before it plays; asked for while
another plays, that one plays on."""

import shutil
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from realtime.answerers.model_file import session_of
from realtime.engine.desks.answering import PromptDesk
from realtime.engine.desks.changing import ModelChanger
from realtime.inference.bundle import Bundle, ModelFileError, read_bundle, sealed
from realtime.rows.turned import ModelStands
from realtime.shelf import Shelf
from tests.support.clock import ManualClock
from tests.support.command import ROOT
from tests.support.model_files import bare
from tests.support.waiting import wait_until

GOLDEN = ROOT / "tests" / "golden"
FILES = [GOLDEN / "format-1-fp32.onnx", *sorted((GOLDEN / "families").glob("*-fp32.onnx"))]
files = pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)


def changed(bundle: Bundle, change: Callable[[onnx.ModelProto], None], folder: Path) -> Path:
    """The file with another graph and the same header, sealed anew."""
    model = onnx.load_from_string(bare(bundle.content))
    change(model)
    path = folder / "changed.onnx"
    path.write_bytes(sealed(model.SerializeToString(), bundle.header))
    return path


def heaviest(model: onnx.ModelProto) -> TensorProto:
    found: TensorProto = max(model.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    return found


def put_elsewhere(tensor: TensorProto, where: str) -> None:
    for key, value in (("location", where), ("offset", "0"), ("length", str(len(tensor.raw_data)))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL


@files
@pytest.mark.parametrize("where", ["weights.bin", "/etc/passwd", "gone.bin"])
def test_weights_that_lie_in_another_file_are_not_looked_for(
    file: Path, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = read_bundle(file)
    monkeypatch.chdir(tmp_path)  # where the runtime would look for them
    kept = heaviest(onnx.load_from_string(bundle.content)).raw_data
    Path("weights.bin").write_bytes(kept)
    path = changed(bundle, lambda model: put_elsewhere(heaviest(model), where), tmp_path)
    with pytest.raises(ModelFileError, match="some of its weights lie in another file"):
        read_bundle(path)


def test_weights_of_a_branch_that_lie_in_another_file_are_found_too(tmp_path: Path) -> None:
    def put_those_of_the_draw_elsewhere(model: onnx.ModelProto) -> None:
        (choice,) = (node for node in model.graph.node if node.op_type == "If")
        branch = next(part.g for part in choice.attribute if part.name == "then_branch")
        put_elsewhere(max(branch.initializer, key=lambda tensor: len(tensor.raw_data)), "weights.bin")

    path = changed(read_bundle(FILES[0]), put_those_of_the_draw_elsewhere, tmp_path)
    with pytest.raises(ModelFileError, match="some of its weights lie in another file"):
        read_bundle(path)


def doubled(name: str, axis: int) -> Callable[[onnx.ModelProto], None]:
    """Let an output be twice as wide."""

    def change(model: onnx.ModelProto) -> None:
        for node in model.graph.node:
            node.output[:] = [f"{name}/once" if output == name else output for output in node.output]
            node.input[:] = [f"{name}/once" if read == name else read for read in node.input]
        once = f"{name}/once"
        model.graph.node.append(helper.make_node("Concat", [once, once], [name], axis=axis))
        (value,) = (value for value in model.graph.output if value.name == name)
        dims = value.type.tensor_type.shape.dim
        dims[axis].dim_value *= 2

    return change


@files
@pytest.mark.parametrize("output", ["a state", "what is drawn"])
def test_an_output_of_another_shape_than_the_header_says_is_refused(
    file: Path, output: str, tmp_path: Path
) -> None:
    bundle = read_bundle(file)
    state = bundle.header.states[0]
    drawn = "next_event" if bundle.header.family == "event" else "next_row"
    name, axis = (f"{state.name}_after", len(state.shape) - 1) if output == "a state" else (drawn, 1)
    path = changed(bundle, doubled(name, axis), tmp_path)
    with pytest.raises(ModelFileError, match=r"changed.onnx: its graph can't be run: .*export the run again"):
        session_of(path)


def test_a_file_that_breaks_as_it_is_run_is_not_changed_to_and_the_one_that_plays_plays_on(
    tmp_path: Path,
) -> None:
    note = next((GOLDEN / "families").glob("*note*.onnx"))
    mine = Path(shutil.copy(note, tmp_path / "mine.onnx"))
    shelf, clock = Shelf.of("none", [mine], "cpu", 1), ManualClock()
    desk, stands = PromptDesk(shelf.open("none").answerer, clock, lambda _: None), list[ModelStands]()
    before = desk.answerer
    begins = ModelStands(0.0, "none", before.name, before.device, "none")
    state = read_bundle(mine).header.states[0]
    change = doubled(f"{state.name}_after", len(state.shape) - 1)
    changed(read_bundle(mine), change, tmp_path).replace(mine)  # since it was looked at
    ModelChanger(shelf, begins, desk, clock, stands.append).wish("mine")
    wait_until(lambda: len(stands) == 1)
    assert stands[0].name == "none"
    assert "mine.onnx: its graph can't be run: " in str(stands[0])
    assert "none plays on" in str(stands[0])
    assert desk.answerer is before
