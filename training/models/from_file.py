"""The weights of a model file in full or half precision, put into an event model: so that a model can be
trained further though its run is gone.

A model that listens may begin with a file that doesn't, and any model with one whose heads didn't see the
keyboard yet: what is new begins with weights of 0, so that it plays as the file does. Knows how `export`
names things in a graph. Must not know runs.
"""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from music.notes import KEYS
from music.settings import SettingError
from realtime.inference.bundle import LIVE_FAMILY, PORTRAIT, Header, read_bundle
from training.models.event_model import EventModel, EventModelSettings
from training.models.model import Model
from training.models.trunks.catalogue import TrunkSettings
from training.models.trunks.linear import LinearSettings
from training.models.trunks.recurrent import RecurrentSettings

MODEL = "model."  # before the name of each of the model's weights
TURNED = ".turned"  # after the name of one whose rows are the model's columns
_DRAW = "draw/"
_LISTENING = "listening."
_CONSTANT = "gap_lengths"  # in the graph by its name in the model, but no weight
# What reads the keyboard and then, in its last columns, what is heard beside the events.
_TRUNKS = ("trunk.cells.weight_ih_l0", "trunk.inward.weight")
_HEADS = ("gap_out.weight", "key_from_past.weight", "velocity_from_past.weight")
_KEYBOARD = 2 * KEYS
_OF_LSTM, _OF_LINEAR = {"hidden", "cell"}, {"means"}  # the states of such trunks, and those around any
_AROUND = {"sounding", "age", "clock", "beat", PORTRAIT}
_TO_TORCH = (0, 2, 3, 1)  # the runtime's gates are in, out, forget, cell; torch's in, forget, cell, out
_Weights = dict[str, NDArray[np.float32]]


def put_weights_of_file(model: Model, path: Path) -> None:
    """Give a model the weights of a model file; one that doesn't fit is an error, and changes nothing."""
    bundle = read_bundle(path)
    if bundle.header.precision == "int8":
        raise SettingError(f"{path}: eight bits can't be trained further; name its fp32 or fp16 file")
    if not isinstance(model, EventModel):
        raise SettingError(f"{path}: it holds a model of kind 'event', and the recipe's is of another kind")
    found = _weights_in(onnx.load_from_string(bundle.content).graph)
    wanted = dict(model.named_parameters())
    _check_names(found, wanted, path)
    new = 0 if model.listening is None or _listens(found) else model.listening.size
    for name, weights in found.items():
        columns = {0, new, new + _KEYBOARD} if name in _HEADS else {0, new} if name in _TRUNKS else {0}
        _check_shape(f"{path}: {name}", weights, wanted[name], columns)
    if not all(np.isfinite(weights).all() for weights in found.values()):
        raise SettingError(f"{path}: its weights are broken (not all are finite numbers)")
    with torch.no_grad():
        for name, weights in found.items():
            wanted[name].zero_()[..., : weights.shape[-1]] = torch.from_numpy(weights)


def settings_in(header: Header) -> EventModelSettings | None:
    """The settings of the model of events whose file says this; None where it doesn't say all of them, as
    with another trunk than an LSTM or a linear recurrence."""
    states = {state.name for state in header.states}
    trunk = _trunk_in(header, states - _AROUND)
    if header.family != LIVE_FAMILY or trunk is None:
        return None
    return EventModelSettings(
        trunk=trunk,
        gap_size=header.size("gap_size"),
        key_size=header.size("key_size"),
        velocity_size=header.size("velocity_size"),
        head=header.size("head"),
        listens=PORTRAIT in states,
    )


def _trunk_in(header: Header, states: Collection[str]) -> TrunkSettings | None:
    if states == _OF_LSTM:
        return RecurrentSettings("lstm", layers=header.size("layers"), width=header.size("width"))
    if states == _OF_LINEAR:
        return LinearSettings(layers=header.size("layers"), width=header.size("width"))
    return None


def event_model_of_file(path: Path) -> EventModel | None:
    """The model in a file of events in full or half precision, if its settings are known."""
    settings = settings_in(read_bundle(path).header)
    if settings is None:
        return None
    model = EventModel(settings).eval()
    put_weights_of_file(model, path)
    return model


def _listens(names: _Weights) -> bool:
    return any(name.startswith(_LISTENING) for name in names)


def _check_names(found: _Weights, wanted: dict[str, torch.nn.Parameter], path: Path) -> None:
    """An error unless each weight has its place and each place its weight, but for those that listen."""
    for without in sorted(found.keys() - wanted.keys()):
        raise SettingError(f"{path}: the recipe's model has no place for its {without}; {_remedy(without)}")
    for missing in sorted(wanted.keys() - found.keys()):
        if _listens(found) or not missing.startswith(_LISTENING):
            raise SettingError(f"{path}: it lacks {missing} of the recipe's model; {_remedy(missing)}")


def _remedy(name: str) -> str:
    if name.startswith(_LISTENING):
        return "say model.listens=true"
    return "take its trunk: of its kind, with as many layers"


def _check_shape(what: str, found: NDArray[np.float32], wanted: Tensor, new: Collection[int]) -> None:
    """An error unless all that the model has more of is so many new columns."""
    rows, columns = found.shape[:-1], found.shape[-1]
    if rows != wanted.shape[:-1] or wanted.shape[-1] - columns not in new:
        raise SettingError(
            f"{what} is of size {list(found.shape)}, and the recipe's model has {list(wanted.shape)}: "
            "take its sizes"
        )


def _weights_in(graph: onnx.GraphProto) -> _Weights:
    """By torch's names: the layers of the trunk in order, and all that is named as in the model."""
    choice = next(node for node in graph.node if node.op_type == "If")
    draw = next(branch.g for branch in choice.attribute if branch.name == "then_branch")
    arrays = {
        weight.name.removeprefix(_DRAW): numpy_helper.to_array(weight).astype(np.float32)
        for weight in (*graph.initializer, *draw.initializer)
    }
    found = {
        name.removeprefix(MODEL).removesuffix(TURNED): value.T if name.endswith(TURNED) else value
        for name, value in arrays.items()
        if name.startswith(MODEL) and name != f"{MODEL}{_CONSTANT}"
    }
    for number, layer in enumerate(node for node in graph.node if node.op_type == "LSTM"):
        found |= _of_layer(number, *(arrays[name] for name in layer.input[1:4]))
    return found


def _of_layer(
    number: int, reads: NDArray[np.float32], before: NDArray[np.float32], biases: NDArray[np.float32]
) -> _Weights:
    of_reads, of_before = np.split(biases[0], 2)
    named = {"weight_ih": reads[0], "weight_hh": before[0], "bias_ih": of_reads, "bias_hh": of_before}
    return {f"trunk.cells.{name}_l{number}": _by_torchs_gates(value) for name, value in named.items()}


def _by_torchs_gates(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    gates = np.split(weights, 4)
    return np.concatenate([gates[gate] for gate in _TO_TORCH])
