"""The model as a live graph: one call reads the event just past and draws, or is given, the next.

How this works:

- Two pieces are traced from the same weights. `Trunk` takes the event just past and the states to features
  and new states. `Draw` takes features and controls to the next event: the gap, then the key given the gap,
  then the velocity given both.
- `traced` makes each piece a graph with any number of lanes. Each can then be made smaller
  (`export.quantize`).
- `joined` puts them into one graph, `Draw` inside an `If`: what the player plays is only fed, not drawn
  after, and so costs the trunk alone.
- Nothing in the graph is random. A draw is a function of a number from 0 to 1 that comes in (`chance`), so an
  answer can be played again, and a field that is `given` is scored in place of drawn: that is how a file is
  judged.

In the shapes below, B counts lanes (1 on stage), L layers, W the trunk's width, F = W + 176 features (and
what a model that listens hears besides) and V the symbols of a field: 141 gaps, 176 key changes (88 down, 88
up), 32 velocities. In a file, `hidden` and `cell` have the layers first, as the runtime's LSTM takes them;
the model keeps lanes first. An LSTM is the one trunk so far.

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
    """A model of these settings, if a live graph can be made of it; otherwise an error that says what can."""
    remedy = (
        "the live graph is made of the event model with an LSTM: "
        "train one (model.kind=event, model.trunk.kind=lstm)"
    )
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

    The layers go one by one, each a single step: exported as one module they bring thirty nodes that turn
    shapes round.
    """

    def __init__(self, model: EventModel) -> None:
        super().__init__()
        self.model = model
        assert isinstance(model.trunk, Recurrent)
        cells = model.trunk.cells
        assert isinstance(cells, nn.LSTM)
        self.layers = nn.ModuleList(_layer(cells, number) for number in range(cells.num_layers))

    def forward(
        self,
        event: Tensor,  # B x 3: gap, key, velocity
        hidden: Tensor,  # L x B x W
        cell: Tensor,  # L x B x W
        sounding: Tensor,  # B x 88: 1 where a key sounds
        age: Tensor,  # B x 88: cells since each key was struck
    ) -> tuple[Tensor, ...]:
        """One event of each lane."""
        _, sounding, age = self._after(event, sounding, age)
        seen = keyboard.inputs(sounding, age)  # B x 176
        return self._read(event, seen, (hidden, cell, sounding, age))

    def _after(self, event: Tensor, sounding: Tensor, age: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The cells that passed (B), and the keyboard after the event (B x 88 each)."""
        gap, key, _ = event.unbind(-1)  # B each
        passed = self.model.gap_lengths.index_select(0, gap)
        return passed, *keyboard.after_change(passed, key, sounding, age)

    def _read(self, event: Tensor, seen: Tensor, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Features, and the states after: those of the layers, and the keyboard's as they are."""
        hidden, cell, sounding, age = states
        # 1 x B x (embeddings of the event + what is seen): one step of time
        made = self.model.inputs(event, seen)[None]
        hiddens, cells = [], []
        for layer, before, kept in zip(
            self.layers, torch.split(hidden, 1), torch.split(cell, 1), strict=True
        ):
            # 1 x B x W each; over a single step, the output and the hidden state are the same
            _, (made, kept_on) = layer(made, (before, kept))
            hiddens.append(made)
            cells.append(kept_on)
        features = self.model.read(made[0], seen, sounding).features  # B x F
        return features, torch.cat(hiddens), torch.cat(cells), sounding, age  # the states as they came in


class ListeningTrunk(Trunk):
    """The same of a model that listens: its place in the beat, whether it keeps one, and the portrait
    are states too."""

    def forward(  # type: ignore[override]
        self,
        event: Tensor,  # B x 3: gap, key, velocity
        hidden: Tensor,  # L x B x W
        cell: Tensor,  # L x B x W
        sounding: Tensor,  # B x 88: 1 where a key sounds
        age: Tensor,  # B x 88: cells since each key was struck
        clock: Tensor,  # B x 1: cells into the beat
        beat: Tensor,  # B x 1: 1 where a beat is kept
        portrait: Tensor,  # B x P: how the player plays
    ) -> tuple[Tensor, ...]:
        """One event of each lane."""
        assert self.model.listening is not None
        passed, sounding, age = self._after(event, sounding, age)
        heard, clock, beat = self.model.listening.after_event(event, passed, clock, beat, portrait)
        seen = torch.cat([keyboard.inputs(sounding, age), heard], dim=-1)  # B x (176 + heard)
        states = self._read(event, seen, (hidden, cell, sounding, age))
        return (*states, clock, beat, portrait.clone())  # no output of a graph may be an input


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
        features: Tensor,  # B x F
        sounding: Tensor,  # B x 88
        temperature: Tensor,  # B x 3
        top_p: Tensor,  # B
        key_mask: Tensor,  # B x 176: 1 where a key change is wished for
        chance: Tensor,  # B x 3, each from 0 to 1
        given: Tensor,  # B x 3: numbers of symbols
        is_given: Tensor,  # B x 3: bool
        gap_at_least: Tensor,  # B: cells
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The next event of each lane; what is given is scored, the rest drawn."""
        read, passed = Read(features, sounding), gap_at_least.to(features.dtype)
        controls = (temperature.clamp(COLDEST, HOTTEST), chance.clamp(0.0, _CERTAIN), given, is_given)
        # four columns for each field, B x 1: temperature, chance, given, is given
        of_gap, of_key, of_velocity = zip(*(torch.split(control, 1, -1) for control in controls), strict=True)
        top = top_p[:, None].clamp(max=_ALL)  # B x 1

        gap_logits = self.model.gap_logits(read)  # B x 141
        gap = _chosen(gap_logits + self._log_open(passed), top, *of_gap)  # B x 1
        key_logits = self.model.key_logits(read, gap[:, 0])  # B x 176
        key = _chosen(key_logits + (key_mask - 1.0) * UNWISHED_NATS, top, *of_key)  # B x 1
        velocity_logits = self.model.velocity_logits(read, gap[:, 0], key[:, 0])  # B x 32: bins, without none
        heat, luck, velocity, is_given = of_velocity
        harder = _chosen(velocity_logits, top, heat, luck, (velocity - 1).clamp(min=0), is_given)  # B x 1
        goes_down = key < KEYS  # B x 1; a key going up has velocity 0, which is certain
        scores = [
            _log_probability(gap_logits, gap),
            _log_probability(key_logits, key),
            torch.where(goes_down, _log_probability(velocity_logits, harder), 0.0),
        ]
        event = torch.cat([gap, key, torch.where(goes_down, harder + 1, 0)], -1)  # B x 3
        return event, self._cells(gap[:, 0], passed), torch.cat(scores, -1)  # B x 3, B, B x 3

    def _log_open(self, at_least: Tensor) -> Tensor:
        """Log of the share of each gap that has not passed yet; a gap's cells are equally likely.

        The longest gap stands for all silences beyond it too, so some of it is always left.
        """
        left = (
            self.past_upper - at_least[:, None]
        ) / self.width  # B x 141: of each gap, the share still to come
        return torch.minimum(torch.maximum(left, self.floor), self.whole).log()

    def _cells(self, gap: Tensor, at_least: Tensor) -> Tensor:
        """The cells until the event: the middle of what is left of its gap; exact up to 46 hours."""
        lower = torch.maximum(self.lower.index_select(0, gap), at_least)  # B, from which cell
        upper = torch.maximum(self.upper.index_select(0, gap), at_least)  # B, up to which
        return ((lower + upper) * 0.5).long()


def _chosen(
    logits: Tensor, top_p: Tensor, temperature: Tensor, chance: Tensor, given: Tensor, is_given: Tensor
) -> Tensor:
    """What is given, or a number drawn at a temperature from the likeliest that together hold `top_p`.

    Nothing is divided by zero, so no control makes a NaN. Sorting puts the likeliest first: the cut is then a
    place, and drawing is counting how many sums lie at or below the random number.
    """
    # topk, for sort is exported with its length worked out anew at every call
    shares, numbers = (logits / temperature).softmax(-1).topk(logits.shape[-1])  # B x V each, likeliest first
    sums = shares.cumsum(-1)  # B x V
    kept = torch.where(sums >= top_p, sums, 2.0).amin(
        -1, keepdim=True
    )  # B x 1: the first sum that holds top_p
    place = (sums <= kept * chance).sum(-1, keepdim=True)  # B x 1: at which place the random number falls
    return torch.where(is_given, given, numbers.gather(-1, place))  # B x 1: symbols again


def _log_probability(logits: Tensor, chosen: Tensor) -> Tensor:
    return logits.log_softmax(-1).gather(-1, chosen)  # B x V and B x 1 to B x 1


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
    kind = ListeningTrunk if model.listening else Trunk
    trunk = _traced(kind(model), {EVENT: event} | state, ["features", *after])
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
    """An error where the exporter fixed the number of lanes, as it does silently after a fixed export."""
    for value in (*model.graph.input, *model.graph.output):
        shape = value.type.tensor_type.shape.dim
        if not any(part.dim_param == _LANES for part in shape):
            raise TracingError(
                f"{value.name} was traced with a fixed number of lanes; export in a fresh process"
            )


def joined(pieces: Pieces) -> onnx.ModelProto:
    """One graph: the trunk, then the draw if it is asked for; if not, the event is empty and free."""
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
