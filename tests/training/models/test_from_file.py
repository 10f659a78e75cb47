"""A model file's weights in a model: it plays as the file does; what doesn't fit is refused, and nothing
changes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from export.exporting import Written, export_each, source_of_file
from export.parity import BOUNDS, played_scores, whole_scores
from music.encodings.event import EventEncoding
from music.encodings.note import NoteEncoding
from music.settings import SettingError
from realtime.inference.bundle import ModelFileError
from realtime.inference.session import open_session
from tests.support.command import ROOT
from tests.support.phrases import improvised
from tests.support.recipes import small_recipe_of
from training.models.catalogue import model_for
from training.models.event_model import EventModel, EventModelSettings, begin_event
from training.models.from_file import put_weights_of_file
from training.models.trunks.recurrent import RecurrentSettings

FP32 = ROOT / "tests" / "golden" / "format-1-fp32.onnx"
INT8 = ROOT / "tests" / "golden" / "format-2-int8.onnx"
SIZES = EventModelSettings(
    trunk=RecurrentSettings("lstm", layers=1, width=4), gap_size=2, key_size=2, velocity_size=2, head=4
)
MUSIC = np.concatenate([[begin_event()], EventEncoding().encode(improvised(1, pedal=True))])


@pytest.fixture(scope="module")
def fp16(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (written,) = export_each(source_of_file(FP32, None), tmp_path_factory.mktemp("half"), ["fp16"])
    assert isinstance(written, Written)
    return written.bundle.path


def begun(path: Path, **changes: Any) -> EventModel:
    torch.manual_seed(3)
    model = EventModel(replace(SIZES, **changes)).eval()
    put_weights_of_file(model, path)
    return model


def weights_of(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


@pytest.mark.parametrize("listens", [False, True])
def test_a_model_plays_as_the_file_that_it_was_begun_from(listens: bool) -> None:
    scores = whole_scores(begun(FP32, listens=listens), MUSIC)
    np.testing.assert_allclose(scores, played_scores(open_session(FP32), MUSIC), atol=1e-4)
    assert scores.std() > 0.1


@pytest.mark.parametrize("listens", [False, True])
@pytest.mark.slow
def test_of_a_file_in_half_precision_it_plays_what_was_rounded(fp16: Path, listens: bool) -> None:
    apart = whole_scores(begun(fp16, listens=listens), MUSIC) - played_scores(open_session(fp16), MUSIC)
    assert np.abs(apart).mean() < BOUNDS["fp16"].mean
    assert np.abs(apart).max() < BOUNDS["fp16"].worst


def test_what_a_model_that_listens_reads_anew_begins_without_weight_and_can_be_learnt() -> None:
    model = begun(FP32, listens=True)
    assert model.listening is not None
    heard = model.listening.size
    reading = [weights[name] for weights in [dict(model.named_parameters())] for name in READING]
    assert not any(weight[:, -heard:].any() for weight in reading)
    assert all(weight[:, :-heard].any() for weight in reading)
    assert model.listening.portrait_in.weight.any()
    rows = torch.from_numpy(MUSIC)[None]
    read, _ = model(rows[:, :-1], model.silent_state(1))
    model.surprise(read, rows[:, 1:]).sum().backward()  # type: ignore[no-untyped-call]
    assert model.gap_out.weight.grad is not None
    assert model.gap_out.weight.grad[:, -heard:].any()


READING = (
    *("trunk.cells.weight_ih_l0", "gap_out.weight"),
    *("key_from_past.weight", "velocity_from_past.weight"),
)
WRONG_SIZES: list[dict[str, Any]] = [
    {"gap_size": 3},
    {"velocity_size": 4},
    {"head": 8},
    {"trunk": RecurrentSettings("lstm", layers=1, width=8)},
    {"trunk": RecurrentSettings("gru", layers=1, width=4)},
    {"gap_size": 2 + 72, "listens": True},  # as many more as a model that listens reads beside
]


@pytest.mark.parametrize("changes", WRONG_SIZES, ids=str)
def test_other_sizes_are_refused_and_nothing_is_changed(changes: dict[str, Any]) -> None:
    model = EventModel(replace(SIZES, **changes))
    before = weights_of(model)
    with pytest.raises(SettingError, match="take its sizes"):
        put_weights_of_file(model, FP32)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize(
    "trunk",
    [
        RecurrentSettings("lstm", layers=2, width=4),
        RecurrentSettings("lstm", layers=1, width=4, batch_norm=True),
    ],
    ids=["layers", "batch-norm"],
)
def test_weights_that_the_file_lacks_are_refused_rather_than_left_to_chance(
    trunk: RecurrentSettings,
) -> None:
    with pytest.raises(SettingError, match=r"trunk\..*take its trunk: of its kind, with as many layers"):
        begun(FP32, trunk=trunk)


def test_eight_bits_are_refused_with_what_to_name_instead() -> None:
    with pytest.raises(SettingError, match="name its fp32 or fp16 file"):
        begun(INT8)


def test_a_model_of_another_kind_is_refused() -> None:
    model = model_for(small_recipe_of("note").model, NoteEncoding())
    with pytest.raises(SettingError, match="it holds a model of kind 'event'"):
        put_weights_of_file(model, FP32)


def test_what_is_no_model_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no such model file"):
        begun(tmp_path / "none.onnx")
