"""Who can answer tonight: names for files, what a wish means, and what is opened by it."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from music.settings import SettingError
from realtime.answerers.rule.imitation import Imitation
from realtime.inference.bundle import Bundle, ModelFileError, read_bundle
from realtime.inference.default_model import default_model
from realtime.inference.graphs.opening import DeviceError
from realtime.shelf import Shelf, _terms
from tests.support.command import ROOT
from tests.support.model_files import resealed
from tests.support.runtime import FakeRuntime


def shelf(model: str = "none", *also: Path) -> Shelf:
    return Shelf.of(model, also, "cpu", 3)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return Path(shutil.copy(default_model(), tmp_path / "mine.onnx"))


def test_the_model_that_comes_along_and_the_rule_are_always_there() -> None:
    assert shelf().names == ("default", "none")
    assert shelf("default").begins_with == "default"


def test_files_are_named_by_their_own_names_or_by_more_where_those_are_not_enough(
    mine: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    twin, default = (
        Path(shutil.copy(mine, tmp_path / "other" / name)) for name in ("mine.onnx", "default.onnx")
    )
    made = shelf(str(mine), twin, default, twin)
    whole = [str(path.with_suffix("")) for path in (mine, twin, default)]
    assert made.names == (*whole, "default", "none")
    assert made.begins_with == whole[0]
    assert shelf("none", mine).names == ("mine", "default", "none")
    assert shelf("none", mine).begins_with == "none"


def test_a_wish_is_a_name_a_number_or_the_next(mine: Path) -> None:
    made = shelf("default", mine)
    assert [made.meant(wish, "default") for wish in ("mine", "1", "3", "next")] == [
        "mine",
        "mine",
        "none",
        "none",
    ]
    assert made.meant("next", "none") == "mine"
    for wish in ("0", "4", "Mine", "", "../mine.onnx"):
        with pytest.raises(SettingError, match="there are: mine, default, none"):
            made.meant(wish, "default")


def test_a_further_file_that_cannot_be_played_is_refused_before_anything_begins(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no such model file"):
        shelf("none", tmp_path / "gone.onnx")


def test_a_further_file_is_opened_once_before_anything_begins(mine: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    named_otherwise = tmp_path / "another-face.onnx"
    bundle = read_bundle(mine)
    first, *others = bundle.header.states
    states = (replace(first, name="mood"), *others)
    named_otherwise.write_bytes(resealed(bundle, states=states))
    with pytest.raises(ModelFileError, match=r"another-face.onnx: its graph has another face \(.*mood"):
        shelf("none", named_otherwise)


def test_a_further_file_that_the_device_can_not_run_is_refused_before_anything_begins(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", FakeRuntime("works"))
    with pytest.raises(DeviceError, match=r"in eight bits, which CUDA can't run; play its fp16 or fp32"):
        Shelf.of("none", [mine], "cuda", 3)


def test_a_further_file_of_rows_that_learnt_backwards_is_refused_before_anything_begins(
    tmp_path: Path,
) -> None:
    pytest.importorskip("onnxruntime")
    (note,) = (ROOT / "tests" / "golden" / "families").glob("*note*.onnx")
    backwards = tmp_path / "backwards.onnx"
    backwards.write_bytes(resealed(read_bundle(note), is_backwards=True))
    with pytest.raises(ModelFileError, match="it learnt music backwards, so it can't answer"):
        shelf("none", backwards)


def test_the_rule_is_opened_without_a_file() -> None:
    opened = shelf().open("none")
    assert opened.answerer == Imitation(3)
    assert opened.remarks == ()


def test_a_file_is_opened_with_the_seed_of_the_performance(mine: Path) -> None:
    pytest.importorskip("onnxruntime")
    opened = shelf("none", mine).open("mine")
    assert opened.answerer.name.startswith("mine.onnx: event model")
    assert opened.answerer.device == "cpu"


def test_a_file_that_was_changed_since_is_refused_when_it_is_opened(mine: Path) -> None:
    pytest.importorskip("onnxruntime")
    made = shelf("none", mine)
    mine.write_bytes(mine.read_bytes()[:-1000])
    with pytest.raises(ModelFileError):
        made.open("mine")


def test_the_concert_model_is_there_only_where_somebody_names_it() -> None:
    assert shelf("concert").names == ("default", "concert", "none")
    assert shelf("concert").begins_with == "concert"
    beside = shelf("default", Path("concert"))
    assert beside.names == ("default", "concert", "none")
    assert beside.begins_with == "default"


def test_whoever_plays_weights_that_are_bound_hears_by_what() -> None:
    bundle = read_bundle(default_model())
    assert _terms(bundle) is None
    bound = replace(bundle.header.data[0], name="maestro-v3", tier="research-nc", licence="CC BY-NC-SA 4.0")
    header = replace(bundle.header, data=(*bundle.header.data, bound))
    terms = _terms(Bundle(bundle.path, header, bundle.fingerprint, bundle.content))
    assert terms is not None
    assert terms.endswith("maestro-v3 (CC BY-NC-SA 4.0)")
