"""Recurrent stacks: LSTM, GRU or simple RNN, 1 to 4 layers, with dropout and batch normalisation after each
(rows A3, A9, A10, B2, B4).

Without batch normalisation the whole stack is one module of torch, which is quickest; with it the layers go
one by one. Other trunks are built on this one. Must not know rows or heads.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from music.settings import SettingError
from training.models.model import State
from training.models.trunks.trunk import Trunk

MOST_LAYERS = 4
_KINDS: dict[str, type[nn.RNNBase]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
_STATES = {"lstm": ("hidden", "cell"), "gru": ("hidden",), "rnn": ("hidden",)}
_Hidden = tuple[Tensor, ...]  # of an LSTM two, otherwise one: B x layers x width


@dataclass(frozen=True, slots=True)
class RecurrentSettings:
    """The cell, the stack's size, and how its weights start: as torch's do with open forget gates, or
    Xavier's with biases of 0. `dropout` is after each layer, or, without `dropout_on_top`, between them
    alone."""

    kind: Literal["lstm", "gru", "rnn"] = "lstm"
    layers: int = 2
    width: int = 256
    dropout: float = 0.0
    dropout_on_top: bool = True
    batch_norm: bool = False
    start: Literal["default", "xavier"] = "default"

    def __post_init__(self) -> None:
        check_stack(self.layers, self.width, self.dropout)
        if self.batch_norm and not self.dropout_on_top:
            raise SettingError("with batch_norm, dropout is after each layer: leave dropout_on_top out")


def check_stack(layers: int, width: int, dropout: float) -> None:
    """An error unless a stack can have this size."""
    if not 1 <= layers <= MOST_LAYERS:
        raise SettingError(f"layers is from 1 to {MOST_LAYERS}, not {layers}")
    if width < 1:
        raise SettingError(f"width is 1 or more, not {width}")
    if not 0 <= dropout < 1:
        raise SettingError(f"dropout is from 0 to below 1, not {dropout}")


class Recurrent(Trunk):
    """A stack of recurrent layers. `cells` is torch's own module of the whole stack,
    or with batch normalisation a list of one a layer."""

    cells: nn.RNNBase | nn.ModuleList

    def __init__(self, settings: RecurrentSettings, reads: int) -> None:
        super().__init__()
        self.settings, self.reads, self.width = settings, reads, settings.width
        self.layers_first = _STATES[settings.kind]
        self.dropout = nn.Dropout(settings.dropout if settings.dropout_on_top else 0.0)
        self.norms = nn.ModuleList()
        if settings.batch_norm:
            sizes = [reads, *[settings.width] * (settings.layers - 1)]
            self.cells = nn.ModuleList(_stack(settings, size, 1) for size in sizes)
            self.norms.extend(nn.BatchNorm1d(settings.width) for _ in sizes)
        else:
            self.cells = _stack(settings, reads, settings.layers)
        for stack in self._stacks():
            start_weights(stack, settings.start)

    def silent_state(self, lanes: int) -> State:
        """Zeros: lanes x layers x width."""
        like = next(self.parameters())
        return {
            name: like.new_zeros(lanes, self.settings.layers, self.width)
            for name in _STATES[self.settings.kind]
        }

    def forward(self, read: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        """What the top layer puts out."""
        before = tuple(state[name] for name in _STATES[self.settings.kind])  # B x layers x C each
        made, after = self._one_by_one(read, before) if self.norms else self._at_once(read, before)
        # B x T x C -> B x L x C
        return made[:, first_of(last, made) :], dict(zip(_STATES[self.settings.kind], after, strict=True))

    def live_step(self, read: Tensor, state: State) -> tuple[Tensor, State]:
        """Layer by layer: as one module the stack brings thirty nodes more into a graph."""
        layers = zip(*(torch.split(state[name], 1) for name in self.layers_first), strict=True)
        made = read[None]  # 1 x B x R: one step of time
        afters: list[_Hidden] = []
        for number, before in enumerate(layers):  # 1 x B x C each
            after = _STEPS[self.settings.kind](made, before, self._weights(number))
            made = self.dropout(after[0]) if self.norms else after[0]
            if self.norms:
                made = _normalised(made, self.norms[number])  # type: ignore[arg-type]
            afters.append(after)
        whole = (torch.cat(values) for values in zip(*afters, strict=True))
        return made[0], dict(zip(self.layers_first, whole, strict=True))

    def _weights(self, layer: int) -> tuple[Tensor, ...]:
        """Of one layer: what weighs the input, what weighs the output before, and the biases of both."""
        cells, number = (
            (self.cells[layer], 0) if isinstance(self.cells, nn.ModuleList) else (self.cells, layer)
        )
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return tuple(getattr(cells, f"{name}_l{number}") for name in names)

    def _at_once(self, read: Tensor, before: _Hidden) -> tuple[Tensor, _Hidden]:
        assert isinstance(self.cells, nn.RNNBase)
        made, after = _run(self.cells, read, before)
        return self.dropout(made), after

    def _one_by_one(self, read: Tensor, before: _Hidden) -> tuple[Tensor, _Hidden]:
        assert isinstance(self.cells, nn.ModuleList)
        afters: list[_Hidden] = []
        for number, (cells, norm) in enumerate(zip(self.cells, self.norms, strict=True)):
            own = tuple(value[:, number : number + 1] for value in before)  # B x 1 x C each
            made, after = _run(cells, read, own)  # type: ignore[arg-type]  # B x T x R, above C -> B x T x C
            read = _normalised(self.dropout(made), norm)  # type: ignore[arg-type]  # B x T x C
            afters.append(after)
        return read, tuple(torch.cat(layers, dim=1) for layers in zip(*afters, strict=True))  # B x layers x C

    def _stacks(self) -> Iterator[nn.RNNBase]:
        return (module for module in self.modules() if isinstance(module, nn.RNNBase))


def _lstm_step(read: Tensor, before: _Hidden, weights: tuple[Tensor, ...]) -> _Hidden:
    """One layer, one step (1 x B x R): output and cell (1 x B x C), before and after."""
    _, output, cell = torch.lstm(
        read,
        before,
        weights,
        has_biases=True,
        num_layers=1,
        dropout=0.0,
        train=False,
        bidirectional=False,
        batch_first=False,
    )
    return output, cell


def _gru_step(read: Tensor, before: _Hidden, weights: tuple[Tensor, ...]) -> _Hidden:
    """The same of a GRU, by products alone: in eight bits the runtime has those, and no GRU."""
    (output,) = before
    into, onto, bias, bias_onto = weights
    reset, update, new = functional.linear(read, into, bias).chunk(3, -1)
    reset_onto, update_onto, new_onto = functional.linear(output, onto, bias_onto).chunk(3, -1)
    fresh = torch.tanh(new + torch.sigmoid(reset + reset_onto) * new_onto)
    return (fresh + torch.sigmoid(update + update_onto) * (output - fresh),)


def _rnn_step(read: Tensor, before: _Hidden, weights: tuple[Tensor, ...]) -> _Hidden:
    """The same of a simple RNN."""
    (output,) = before
    into, onto, bias, bias_onto = weights
    return (torch.tanh(functional.linear(read, into, bias) + functional.linear(output, onto, bias_onto)),)


_STEPS: dict[str, Callable[[Tensor, _Hidden, tuple[Tensor, ...]], _Hidden]] = {
    "lstm": _lstm_step,
    "gru": _gru_step,
    "rnn": _rnn_step,
}


def first_of(last: int | None, steps: Tensor) -> int:
    """The place of the first of the last so many steps (B x T x ...)."""
    return 0 if last is None else max(steps.shape[1] - last, 0)


def start_weights(stack: nn.RNNBase, start: Literal["default", "xavier"]) -> None:
    """Give the weights their first values; `default` opens an LSTM's forget gates:
    an untrained cell keeps what it holds."""
    gates = {"LSTM": 4, "GRU": 3}.get(stack.mode, 1)
    with torch.no_grad():
        for name, weight in stack.named_parameters():
            if start == "xavier":
                _start_as_xavier(weight, gates)
            elif gates == 4 and name.startswith("bias_ih"):
                weight.view(4, -1)[1] = 1.0


def _start_as_xavier(weight: Tensor, gates: int) -> None:
    if weight.dim() == 1:
        weight.zero_()
        return
    for gate in weight.chunk(gates):
        nn.init.xavier_uniform_(gate)


def _stack(settings: RecurrentSettings, reads: int, layers: int) -> nn.RNNBase:
    between = settings.dropout if layers > 1 else 0.0
    kind = _KINDS[settings.kind]
    return kind(reads, settings.width, layers, batch_first=True, dropout=between)  # type: ignore[arg-type]


def _run(cells: nn.RNNBase, read: Tensor, before: _Hidden) -> tuple[Tensor, _Hidden]:
    """Torch keeps layers first, and only an LSTM's state as a tuple.
    The state may come from a run in fewer bits."""
    kind = next(cells.parameters()).dtype
    turned = tuple(value.transpose(0, 1).to(kind).contiguous() for value in before)  # layers x B x C
    made, after = cells(read, turned if len(turned) > 1 else turned[0])  # B x T x C, layers x B x C
    afters = after if isinstance(after, tuple) else (after,)
    return made, tuple(value.transpose(0, 1).contiguous() for value in afters)


def _normalised(made: Tensor, norm: nn.BatchNorm1d) -> Tensor:
    """Over lanes and steps. A single row has no spread to learn from: it is taken as in use."""
    rows = made.flatten(0, 1)  # (B T) x C
    if norm.training and len(rows) == 1:
        return functional.batch_norm(
            rows, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps
        ).view_as(made)
    normed: Tensor = norm(rows)
    return normed.view_as(made)
