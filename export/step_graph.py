"""The model as a live graph: one call reads the row just past and draws, or is given, the next.

How this works:

- A model says once how its step goes, in torch: `live_step` reads a row, `next_row` draws one from what was
  read. Both are traced: `Step` takes the row just past and the states to what was read and to the states
  after; a draw (`export.drawing.row_draw`, for events `export.drawing.live_draw`) takes that and the
  controls to the next row.
- `traced` makes each piece a graph with any number of lanes. Each can then be made smaller
  (`export.quantize`).
- `joined` puts them into one graph, the draw inside an `If`: what the player plays is only fed, not drawn
  after, and so costs the step alone.
- Nothing in the graph is random, and what is `given` is scored in place of drawn (`export.drawing.choices`).

In a file, states that a trunk names (`layers_first`) have layers before lanes, as the runtime's LSTM takes
them; the model keeps lanes first. Knows torch and ONNX. Must not know runs, files, families or the
runtime's sessions.
"""

import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import onnx
import torch
from onnx import TensorProto, helper
from torch import Tensor, nn

from export.drawing.leaves import Shape
from export.drawing.live_draw import LiveDraw, live_controls
from export.drawing.row_draw import RowDraw, row_controls
from export.names import rename
from realtime.inference.bundle import AFTER, EVENT, LIVE_FAMILY, OUTPUTS, ROW, ROW_OUTPUTS, WHETHER_TO_DRAW
from training.models.event_model import EventModel
from training.models.model import Model, State

OPSET = 20
DRAW_PREFIX = "draw/"  # before every name of the draw, in the joined graph
_LANES = "lanes"
_READ = "read/"  # before the names of what was read


class TracingError(Exception):
    """The exporter made another graph than was meant."""


def silent_states(model: Model, lanes: int) -> State:
    """The model's silent state as a file has it."""
    return model.turned(model.silent_state(lanes))


def first_rows(model: Model, lanes: int) -> Tensor:
    """The row before the first, of each lane, of the kind that a file takes."""
    kind = torch.long if model.reads_symbols else torch.float
    return torch.tensor([model.begin_row] * lanes, dtype=kind)


class Step(nn.Module):
    """Row and states in; what was read (`read_out`) and the states after out. A state after that was read
    doesn't come out twice: the draw takes it as such (`drawn_from`)."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model
        state = silent_states(model, 2)
        self.states = tuple(state)
        with torch.no_grad():
            read, after = model.live_step(first_rows(model, 2), state)
        self.shape = Shape.of(read)
        self.example = self.shape.leaves(read)
        names = {id(after[name]): f"{name}{AFTER}" for name in self.states}
        self.drawn_from = tuple(
            names.get(id(leaf), f"{_READ}{name}")
            for name, leaf in zip(self.shape.names, self.example, strict=True)
        )
        self.read_out = tuple(name for name in self.drawn_from if name.startswith(_READ))

    @property
    def outputs(self) -> list[str]:
        """The names of what comes out."""
        return [*self.read_out, *(f"{name}{AFTER}" for name in self.states)]

    def forward(self, row: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        """One row of each lane."""
        read, after = self.model.live_step(row, dict(zip(self.states, states, strict=True)))
        leaves = zip(self.drawn_from, self.shape.leaves(read), strict=True)
        kept = [after[name] for name in self.states]
        # no output of a graph may be an input
        kept = [value.clone() if any(value is state for state in states) else value for value in kept]
        return (*(leaf for name, leaf in leaves if name in self.read_out), *kept)


@dataclass(frozen=True, slots=True)
class Pieces:
    """The two traced pieces, before they are joined."""

    trunk: onnx.ModelProto
    draw: onnx.ModelProto


def traced(model: Model, live_draw: LiveDraw | None = None) -> Pieces:
    """Both pieces of a model, with any number of lanes; one of events is drawn as `live_draw` does."""
    step = Step(model.eval())
    row = {EVENT if model.kind == LIVE_FAMILY else ROW: first_rows(model, 2)}
    trunk = _traced(step, row, silent_states(model, 2), step.outputs, model.layers_first)
    between = dict(zip(step.drawn_from, step.example, strict=True))
    if isinstance(model, EventModel):
        live_draw = live_draw or LiveDraw(model)
    if live_draw is not None:
        return Pieces(trunk, _traced(live_draw, between | live_controls(2), {}, OUTPUTS))
    draw, asked = RowDraw(model, step.shape), row_controls(model, step.shape.whole(step.example))
    return Pieces(trunk, _traced(draw, {}, between | asked, ROW_OUTPUTS))


def _traced(
    module: nn.Module,
    named: Mapping[str, Tensor],
    others: Mapping[str, Tensor],
    outputs: Iterable[str],
    layers_first: tuple[str, ...] = (),
) -> onnx.ModelProto:
    """A module's graph; it takes the one inputs by name, and the others as many as they are."""
    lanes = torch.export.Dim(_LANES, min=1, max=4096)
    places = [{1 if name in layers_first else 0: lanes} for name in (*named, *others)]
    shapes = (*places[: len(named)], *([tuple(places[len(named) :])] if others else []))
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter's, about its own libraries
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # and about torchvision
        try:
            program = torch.onnx.export(
                module.eval(),
                (*named.values(), *others.values()),
                input_names=[*named, *others],
                output_names=list(outputs),
                dynamic_shapes=shapes,
                opset_version=OPSET,
                dynamo=True,
                verbose=False,
            )
        except torch.onnx.OnnxExporterError as error:
            reason = str(error).strip().splitlines() or [type(error).__name__]
            raise TracingError(f"the exporter can't put it into a graph: {reason[-1][:200]}") from error
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


def joined(pieces: Pieces, *, puts_off: bool = False) -> onnx.ModelProto:
    """One graph: the trunk, then the draw if it is asked for; if not, the event is empty and free.

    It `puts_off` to the draw what of the trunk no state needs; then it can't be taken apart again.
    """
    trunk = pieces.trunk
    draw = _prefixed(pieces.draw)
    states = [value for value in trunk.graph.output if value.name.endswith(AFTER)]
    between = {value.name for value in trunk.graph.output}
    controls = [value for value in draw.graph.input if value.name not in between]
    always, for_draw = list(trunk.graph.node), list[onnx.NodeProto]()
    if puts_off:
        always, for_draw = _parted(trunk.graph, {value.name for value in states})
    drawing = helper.make_graph(
        [*for_draw, *draw.graph.node], "draw", [], draw.graph.output, draw.graph.initializer
    )
    choice = helper.make_node(
        "If",
        [WHETHER_TO_DRAW],
        [value.name for value in pieces.draw.graph.output],
        then_branch=drawing,
        else_branch=_nothing(pieces.draw.graph.output),
    )
    graph = helper.make_graph(
        [*always, choice],
        "antiphon",
        [*trunk.graph.input, *controls, helper.make_tensor_value_info(WHETHER_TO_DRAW, TensorProto.BOOL, [])],
        [*pieces.draw.graph.output, *states],
        trunk.graph.initializer,
    )
    opsets = {opset.domain: opset for model in (trunk, draw) for opset in model.opset_import}
    return helper.make_model(
        graph, opset_imports=list(opsets.values()), ir_version=trunk.ir_version, producer_name="antiphon"
    )


def _parted(graph: onnx.GraphProto, wanted: set[str]) -> tuple[list[onnx.NodeProto], list[onnx.NodeProto]]:
    """The nodes of which some of these values are made, and the others, each in their order."""
    needed, others = [], []
    for node in reversed(graph.node):
        if wanted.isdisjoint(node.output):
            others.append(node)
        else:
            needed.append(node)
            wanted = wanted | set(_read_by(node))
    return needed[::-1], others[::-1]


def _read_by(node: onnx.NodeProto) -> Iterator[str]:
    yield from node.input
    for part in node.attribute:
        if part.HasField("g"):
            for inner in part.g.node:
                yield from _read_by(inner)


def _prefixed(draw: onnx.ModelProto) -> onnx.ModelProto:
    """A draw in which everything but what it reads has the prefix before its name."""
    made = onnx.ModelProto()
    made.CopyFrom(draw)
    read = {value.name for value in draw.graph.input}
    rename(made.graph, lambda name: name if name in read else f"{DRAW_PREFIX}{name}")
    return made


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
