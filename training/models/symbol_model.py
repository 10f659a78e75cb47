"""A model of one symbol a row: any encoding whose token is one field, of any vocabulary (rows A1 to A5, B1 to
B7, D3 to D7, E3 to E6).

A symbol is read as a learnt embedding, or one-hot as it stands; a trunk remembers; one layer says how likely
each symbol is to follow. Before the first symbol a number past the last one is read: an embedding of its own,
or no symbol at all. With a format filter, what the encoding doesn't allow next is barred before the softmax:
in learning, in the loss and in every choice alike (row D2). Must not know files or training.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from music.encodings.catalogue import ENCODINGS
from music.settings import SettingError, check_least, check_shares
from music.tokens.encoding import Encoding
from training.models.drawing import BARRED, Choices
from training.models.fields import nats_of
from training.models.model import Model, State
from training.models.trunks.catalogue import TrunkSettings, trunk_for
from training.models.trunks.recurrent import RecurrentSettings

_MOST_LOGITS = 1 << 25  # reckoned at once: 128 MiB in float32


@dataclass(frozen=True, slots=True)
class SymbolModelSettings:
    """The trunk; the size of a symbol's embedding (0: one-hot, which for thousands of symbols is slow);
    dropout of what the output reads; whether the encoding's format is kept within the network."""

    kind: Literal["symbol"] = "symbol"
    trunk: TrunkSettings = field(default_factory=RecurrentSettings)
    embedding: int = 128
    dropout: float = 0.0
    format_filter: bool = False

    def __post_init__(self) -> None:
        check_least(self, 0, "embedding")
        check_shares(self, "dropout")


class SymbolModel(Model):
    """Predicts each symbol from all before it; its state is the trunk's.
    What it reads are features, B x L x the trunk's width; with a filter, and the number of the symbol read.
    """

    kind: ClassVar[str] = "symbol"
    unit: ClassVar[str] = "token"
    is_one_symbol: ClassVar[bool] = True
    parts = ("token",)

    allowed_next: Tensor | None

    def __init__(
        self, settings: SymbolModelSettings, symbols: int, allowed_next: NDArray[np.bool_] | None = None
    ) -> None:
        super().__init__()
        self.settings, self.symbols = settings, symbols
        self.wishes = ("token", symbols)
        self.symbol_in = nn.Embedding(symbols + 1, settings.embedding) if settings.embedding else None
        self.trunk = trunk_for(settings.trunk, settings.embedding or symbols)
        self.dropout = nn.Dropout(settings.dropout)
        self.symbol_out = nn.Linear(self.trunk.width, symbols)
        rules = None if allowed_next is None else torch.from_numpy(allowed_next)
        self.register_buffer("allowed_next", rules, persistent=False)

    @property
    def begin_row(self) -> tuple[float, ...]:
        """The number past the last symbol."""
        return (float(self.symbols),)

    @property
    def layers_first(self) -> tuple[str, ...]:
        """The trunk's."""
        return self.trunk.layers_first

    def silent_state(self, lanes: int) -> State:
        """The trunk's."""
        return self.trunk.silent_state(lanes)

    def forward(self, rows: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        """Read windows of symbols (B x T x 1)."""
        made, after = self.trunk(self._inputs(rows[..., 0].long()), state, last)
        return self._with_symbols(self.dropout(made), rows), after

    def live_step(self, row: Tensor, state: State) -> tuple[Tensor, State]:
        """Read one symbol (B x 1), by what a graph of one call can hold."""
        made, after = self.trunk.live_step(self._inputs(row[:, 0].long()), state)
        return self._with_symbols(made[:, None], row[:, None]), after

    def _with_symbols(self, made: Tensor, rows: Tensor) -> Tensor:
        """What was made (B x L x C), and, for a filter, the number of the symbol that it was made after."""
        if self.allowed_next is None:
            return made
        return torch.cat([made.float(), rows[:, -made.shape[1] :].float()], dim=-1)

    def logits(self, read: Tensor) -> Tensor:
        """Of each symbol that may follow (B x L x V)."""
        if self.allowed_next is None:
            logits: Tensor = self.symbol_out(read)
            return logits
        barred = ~self.allowed_next[read[..., -1].long()]
        kept: Tensor = self.symbol_out(read[..., :-1]).float().masked_fill(barred, BARRED)
        return kept

    def surprise(self, read: Tensor, following: Tensor) -> Tensor:
        """Nats of the symbols that followed (B x L x 1).
        Large vocabularies are gone through in slices of steps."""
        at_once = max(_MOST_LOGITS // (self.symbols * len(read)), 1)
        slices = (torch.split(whole, at_once, dim=1) for whole in (read, following[..., 0].long()))
        nats = [nats_of(self.logits(some), chosen) for some, chosen in zip(*slices, strict=True)]
        return torch.cat(nats, dim=1)[..., None]

    def live_surprise(self, read: Tensor, following: Tensor) -> Tensor:
        """Of one symbol of each lane, in one slice."""
        return nats_of(self.logits(read[:, -1]).float(), following[:, 0, 0])[:, None, None]

    def next_row(self, read: Tensor, choices: Choices) -> Tensor:
        """The next symbol of each lane (B x 1)."""
        return choices.symbol(0, self.logits(read[:, -1]).float())[:, None]

    def _inputs(self, symbols: Tensor) -> Tensor:
        if self.symbol_in is not None:
            embedded: Tensor = self.symbol_in(symbols)
            return embedded
        one_hot = functional.one_hot(symbols, self.symbols + 1)[..., :-1]
        return one_hot.to(self.symbol_out.weight.dtype)


def build(settings: SymbolModelSettings, encoding: Encoding) -> SymbolModel:
    """The model, if the encoding's tokens are symbols of one field, and it knows some."""
    if not _is_one_symbol(encoding):
        raise SettingError(
            f"the symbol model reads tokens of one symbol, and {encoding.name!r} has "
            f"{_fields_in_words(encoding)}; "
            f"say data.encoding as one of {', '.join(_read_ones())}, or choose another model"
        )
    (symbols,) = encoding.vocabulary.sizes
    if symbols < 2:
        raise SettingError(
            f"{encoding.name!r} knows no symbols yet, so there is nothing to choose from; learn them "
            "from a corpus first"
        )
    if not settings.format_filter:
        return SymbolModel(settings, symbols)
    if not encoding.has_format:
        raise SettingError(
            f"{encoding.name!r} has no format to be filtered by; leave model.format_filter out, or say "
            "data.encoding='pair'"
        )
    rules = [encoding.allowed_after(number) for number in range(symbols)]
    anything = np.ones(symbols, np.bool_)  # before the first symbol of a piece
    return SymbolModel(settings, symbols, np.stack([*rules, anything]))


def _is_one_symbol(encoding: Encoding) -> bool:
    fields = encoding.vocabulary.fields
    return len(fields) == 1 and not fields[0].is_real


def _fields_in_words(encoding: Encoding) -> str:
    names = [column.name for column in encoding.vocabulary.fields]
    return f"{len(names)} fields" if len(names) > 1 else f"one real field, {names[0]}"


def _read_ones() -> list[str]:
    return [name for name, kind in ENCODINGS.items() if _is_one_symbol(kind())]
