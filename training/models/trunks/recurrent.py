"""Recurrent stacks: LSTM, GRU or simple RNN, 1 to 4 layers, with dropout and batch normalisation after each
(rows A3, A9, A10, B2, B4).

Without batch normalisation the whole stack is one module of torch, which is quickest; with it the layers go
one by one. Other trunks are built on this one. Must not know rows or heads.
"""

from collections.abc import Iterator
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
    """The cell, the stack's size, and how its weights start:
    as torch's do with open forget gates, or Xavier's with biases of 0."""

    kind: Literal["lstm", "gru", "rnn"] = "lstm"
    layers: int = 2
    width: int = 256
    dropout: float = 0.0
    batch_norm: bool = False
    start: Literal["default", "xavier"] = "default"

    def __post_init__(self) -> None:
        check_stack(self.layers, self.width, self.dropout)


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
        self.dropout = nn.Dropout(settings.dropout)
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
