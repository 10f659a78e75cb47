"""The model as a live graph: one call reads the event just past and draws, or is given, the next.

Two pieces are traced from the same weights: `trunk` takes event and states to features and new states, `draw` takes features and
controls to the next event. They are joined in one graph, `draw` inside an `If`, so that feeding what the player plays
costs the trunk alone. Between tracing and joining each piece can be made small (`export.quantize`). An LSTM is the one trunk that a graph is
made of so far. In a file its states have the layers first, as the runtime's LSTM takes them; the model keeps lanes first.

Knows torch and ONNX. Must not know runs, files or the runtime's sessions.
"""

import logging
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import onnx
import torch
from onnx import TensorProto, compose, helper
from torch import Tensor, nn

from music.notes import KEYS
from music.settings import SettingError
from music.tokens.encoding import Encoding
from music.tokens.scales import GAPS, gap_cells, gap_width
from realtime.inference.bundle import COLDEST, EVENT, HOTTEST, OUTPUTS, UNWISHED_NATS, WHETHER_TO_DRAW
from training.models import keyboard
from training.models.event_model import EventModel, EventModelSettings, Read, build
from training.models.keyboard import KEY_CHANGES
from training.models.trunks.recurrent import Recurrent, RecurrentSettings

OPSET = 20
_LANES = "lanes"
_LAYERS_FIRST = ("hidden", "cell")
BETWEEN = ("features", "sounding")  # what the trunk tells the draw
DRAW_PREFIX = "draw/"  # before every name of the draw, in the joined graph
DRAW_READS = {"sounding": "sounding_after"}  # what the draw reads, and what the trunk calls it
_ALL = 1.0 - 1e-5  # the most that top-p can ask for: rounded sums reach it, and may not reach 1
_CERTAIN = 1.0 - 1e-6  # a random number is kept below this, so that no field without a chance is ever drawn
_ALMOST_NEVER = 1e-6  # what is left of the longest gap when all of it has passed: something must follow


class TracingError(Exception):
    """The exporter made another graph than was meant."""


def exportable(settings: object, encoding: Encoding) -> EventModel:
    """A model of these settings, if a live graph can be made of it; otherwise an error that says of what one can."""
    remedy = "the live graph is made of the event model with an LSTM: train one (model.kind=event, model.trunk.kind=lstm)"
    if not isinstance(settings, EventModelSettings):
        raise SettingError(
            f"a model of kind {getattr(settings, 'kind', settings)!r} can't be exported yet; {remedy}"
        )
    trunk = settings.trunk
    if trunk.kind != "lstm":
        raise SettingError(f"a trunk of kind {trunk.kind!r} can't be exported yet; {remedy}")
    if isinstance(trunk, RecurrentSettings) and trunk.batch_norm:
        raise SettingError(f"a trunk with batch normalisation can't be exported yet; {remedy} without it")
    return build(settings, encoding)


def silent_states(model: EventModel, lanes: int) -> dict[str, Tensor]:
    """The model's silent state as a file has it."""
    return {
        name: value.transpose(0, 1).contiguous() if name in _LAYERS_FIRST else value
        for name, value in model.silent_state(lanes).items()
    }


class Trunk(nn.Module):
    """Event and states in; features, what sounds, and the new states out.

    The layers go one by one, each a single step: exported as one module they bring thirty nodes that turn shapes round.
    """

    def __init__(self, model: EventModel) -> None:
        super().__init__()
        self.model = model
        assert isinstance(model.trunk, Recurrent)
        cells = model.trunk.cells
        assert isinstance(cells, nn.LSTM)
        self.layers = nn.ModuleList(_layer(cells, number) for number in range(cells.num_layers))

    def forward(
        self, event: Tensor, hidden: Tensor, cell: Tensor, sounding: Tensor, age: Tensor
    ) -> tuple[Tensor, ...]:
        """One event of each lane."""
        gap, key, _ = event.unbind(-1)
        passed = self.model.gap_lengths.index_select(0, gap)
        sounding, age = keyboard.after_change(passed, key, sounding, age)
        seen = keyboard.told(sounding, age)
        told = self.model.told(event, seen)[None]
        hiddens, cells = [], []
        for layer, before, kept in zip(
            self.layers, torch.split(hidden, 1), torch.split(cell, 1), strict=True
        ):
            _, (told, kept_on) = layer(told, (before, kept))
            hiddens.append(told)
            cells.append(kept_on)
        features = self.model.read(told[0], seen, sounding).features
        return features, torch.cat(hiddens), torch.cat(cells), sounding, age


def _layer(trunk: nn.LSTM, number: int) -> nn.LSTM:
    """One layer of the trunk by itself, the same weights in it."""
    reads = trunk.input_size if number == 0 else trunk.hidden_size
    layer = nn.LSTM(reads, trunk.hidden_size)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(layer, f"{name}_l0", getattr(trunk, f"{name}_l{number}"))
    return layer


class Draw(nn.Module):
    """Features, what sounds and controls in; the next event, its cells and its log-probabilities out."""

    lower: Tensor
    upper: Tensor
    width: Tensor
    floor: Tensor
    past_upper: Tensor
    whole: Tensor

    def __init__(self, model: EventModel) -> None:
        super().__init__()
        self.model = model
        lower = [gap_cells(gap) - (gap_width(gap) - 1) // 2 for gap in range(GAPS)]
        upper = [first + gap_width(gap) - 1 for gap, first in enumerate(lower)]
        width = [float(gap_width(gap)) for gap in range(GAPS)]
        self.register_buffer("lower", torch.tensor(lower, dtype=torch.float))
        self.register_buffer("upper", torch.tensor(upper, dtype=torch.float))
        self.register_buffer("past_upper", torch.tensor(upper) + 1.0)
        self.register_buffer("width", torch.tensor(width))
        self.register_buffer("floor", torch.tensor([0.0] * (GAPS - 1) + [_ALMOST_NEVER]))
        self.register_buffer("whole", torch.tensor(1.0))

    def forward(
        self,
        features: Tensor,  # B x features
        sounding: Tensor,  # B x 88
        temperature: Tensor,  # B x 3
        top_p: Tensor,  # B
        key_mask: Tensor,  # B x 176: 1 where a key change is wished for
        chance: Tensor,  # B x 3, each from 0 to 1
        given: Tensor,  # B x 3
        is_given: Tensor,  # B x 3
        gap_at_least: Tensor,  # B: cells
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The next event of each lane; what is given is scored, the rest drawn."""
        read, passed = Read(features, sounding), gap_at_least.to(features.dtype)
        controls = (temperature.clamp(COLDEST, HOTTEST), chance.clamp(0.0, _CERTAIN), given, is_given)
        of_gap, of_key, of_velocity = zip(*(torch.split(control, 1, -1) for control in controls), strict=True)
        top = top_p[:, None].clamp(max=_ALL)

        gap_logits = self.model.gap_logits(read)
        gap = _chosen(gap_logits + self._log_open(passed), top, *of_gap)
        key_logits = self.model.key_logits(read, gap[:, 0])
        key = _chosen(key_logits + (key_mask - 1.0) * UNWISHED_NATS, top, *of_key)
        velocity_logits = self.model.velocity_logits(read, gap[:, 0], key[:, 0])
        heat, luck, told, is_told = of_velocity
        harder = _chosen(velocity_logits, top, heat, luck, (told - 1).clamp(min=0), is_told)
        goes_down = key < KEYS
        scores = [
            _log_probability(gap_logits, gap),
            _log_probability(key_logits, key),
            torch.where(goes_down, _log_probability(velocity_logits, harder), 0.0),
        ]
        event = torch.cat([gap, key, torch.where(goes_down, harder + 1, 0)], -1)
        return event, self._cells(gap[:, 0], passed), torch.cat(scores, -1)

    def _log_open(self, at_least: Tensor) -> Tensor:
        """Log of the share of each gap that has not passed yet; a gap's cells are equally likely.

        The longest gap stands for all silences beyond it too, so some of it is always left.
        """
        left = (self.past_upper - at_least[:, None]) / self.width
        return torch.minimum(torch.maximum(left, self.floor), self.whole).log()

    def _cells(self, gap: Tensor, at_least: Tensor) -> Tensor:
        """The cells until the event: the middle of what is left of its gap; exact up to 46 hours."""
        lower = torch.maximum(self.lower.index_select(0, gap), at_least)
        upper = torch.maximum(self.upper.index_select(0, gap), at_least)
        return ((lower + upper) * 0.5).long()


def _chosen(
    logits: Tensor, top_p: Tensor, temperature: Tensor, chance: Tensor, given: Tensor, is_given: Tensor
) -> Tensor:
    """What is given, or a number drawn at a temperature from the likeliest that hold `top_p` together; columns, B x 1.

    Nothing is divided by zero, so no control makes a NaN. Sorting puts the likeliest first: the cut is then a place, and drawing is
    counting how many sums lie at or below the random number.
    """
    # topk, for sort is exported with its length worked out anew at every call
    shares, numbers = (logits / temperature).softmax(-1).topk(logits.shape[-1])
    sums = shares.cumsum(-1)
    kept = torch.where(sums >= top_p, sums, 2.0).amin(-1, keepdim=True)
    place = (sums <= kept * chance).sum(-1, keepdim=True)
    return torch.where(is_given, given, numbers.gather(-1, place))


def _log_probability(logits: Tensor, chosen: Tensor) -> Tensor:
    return logits.log_softmax(-1).gather(-1, chosen)


@dataclass(frozen=True, slots=True)
class Pieces:
    """The two traced pieces, before they are joined."""

    trunk: onnx.ModelProto
    draw: onnx.ModelProto


def traced(model: EventModel) -> Pieces:
    """Both pieces of a model, with any number of lanes."""
    model = model.eval()
    event = torch.zeros(2, 3, dtype=torch.long)
    state = silent_states(model, 2)
    after = [f"{name}_after" for name in state]
    controls = {
        "temperature": torch.ones(2, 3),
        "top_p": torch.ones(2),
        "key_mask": torch.ones(2, KEY_CHANGES),
        "chance": torch.full((2, 3), 0.5),
        "given": torch.zeros(2, 3, dtype=torch.long),
        "is_given": torch.zeros(2, 3, dtype=torch.bool),
        "gap_at_least": torch.zeros(2, dtype=torch.long),
    }
    between = {"features": torch.zeros(2, model.features), "sounding": torch.zeros(2, KEYS)}
    trunk = _traced(Trunk(model), {EVENT: event} | state, ["features", *after])
    draw = _traced(Draw(model), between | controls, list(OUTPUTS))
    return Pieces(trunk, draw)


def _traced(module: nn.Module, inputs: dict[str, Tensor], outputs: list[str]) -> onnx.ModelProto:
    lanes = torch.export.Dim(_LANES, min=1, max=4096)
    places = {name: {1 if name in _LAYERS_FIRST else 0: lanes} for name in inputs}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter's, about its own libraries
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # and about torchvision
        program = torch.onnx.export(
            module.eval(),
            tuple(inputs.values()),
            input_names=list(inputs),
            output_names=outputs,
            dynamic_shapes=tuple(places.values()),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise TracingError("the exporter made nothing")
    made: onnx.ModelProto = program.model_proto
    _check_lanes(made)
    return made


def _check_lanes(model: onnx.ModelProto) -> None:
    """An error where the exporter has fixed the number of lanes, as it does without a word after a fixed export."""
    for value in (*model.graph.input, *model.graph.output):
        shape = value.type.tensor_type.shape.dim
        if not any(part.dim_param == _LANES for part in shape):
            raise TracingError(
                f"{value.name} was traced with a fixed number of lanes; export in a fresh process"
            )


def joined(pieces: Pieces) -> onnx.ModelProto:
    """One graph: the trunk, then the draw where it is asked for; where it is not, the event is empty and costs nothing."""
    trunk = pieces.trunk
    draw = compose.add_prefix(pieces.draw, DRAW_PREFIX, rename_inputs=False)
    for node in draw.graph.node:
        node.input[:] = [DRAW_READS.get(name, name) for name in node.input]
    controls = [value for value in draw.graph.input if value.name not in BETWEEN]
    drawing = helper.make_graph(draw.graph.node, "draw", [], draw.graph.output, draw.graph.initializer)
    choice = helper.make_node(
        "If",
        [WHETHER_TO_DRAW],
        list(OUTPUTS),
        then_branch=drawing,
        else_branch=_nothing(pieces.draw.graph.output),
    )
    graph = helper.make_graph(
        [*trunk.graph.node, choice],
        "antiphon",
        [*trunk.graph.input, *controls, helper.make_tensor_value_info(WHETHER_TO_DRAW, TensorProto.BOOL, [])],
        [*pieces.draw.graph.output, *(value for value in trunk.graph.output if value.name != BETWEEN[0])],
        trunk.graph.initializer,
    )
    opsets = {opset.domain: opset for model in (trunk, draw) for opset in model.opset_import}
    return helper.make_model(
        graph, opset_imports=list(opsets.values()), ir_version=trunk.ir_version, producer_name="antiphon"
    )


def _nothing(outputs: Iterable[onnx.ValueInfoProto]) -> onnx.GraphProto:
    """A branch that gives each output with no lanes."""
    nodes, values = [], []
    for output in outputs:
        kind = output.type.tensor_type.elem_type
        shape = [0, *(part.dim_value for part in output.type.tensor_type.shape.dim[1:])]
        name = f"nothing/{output.name}"
        empty = helper.make_tensor(name, kind, shape, [])
        nodes.append(helper.make_node("Constant", [], [name], value=empty))
        values.append(helper.make_tensor_value_info(name, kind, shape))
    return helper.make_graph(nodes, "nothing", [], values)
