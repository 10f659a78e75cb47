"""A model of one symbol a row: any encoding whose token is one field, of any vocabulary (rows A1 to A5, B1 to
B7, D3 to D7, E3 to E6).

A symbol is read as a learnt embedding, or one-hot as it stands; a trunk remembers; one layer says how likely
each symbol is to follow. Before the first symbol a number past the last one is read: an embedding of its own,
or no symbol at all. Must not know files or training.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from music.encodings.catalogue import ENCODINGS
from music.settings import SettingError, check_least, check_shares
from music.tokens.encoding import Encoding
from training.models.drawing import BARRED, Drawing
from training.models.fields import nats_of
from training.models.model import Model, State
from training.models.trunks.catalogue import TrunkSettings, trunk_for
from training.models.trunks.recurrent import RecurrentSettings

_MOST_LOGITS = 1 << 25  # reckoned at once: 128 MiB in float32


@dataclass(frozen=True, slots=True)
class SymbolModelSettings:
    """The trunk; the size of a symbol's embedding (0: one-hot, which for thousands of symbols is slow);
    dropout of what the output reads."""

    kind: Literal["symbol"] = "symbol"
    trunk: TrunkSettings = field(default_factory=RecurrentSettings)
    embedding: int = 128
    dropout: float = 0.0

    def __post_init__(self) -> None:
        check_least(self, 0, "embedding")
        check_shares(self, "dropout")


class SymbolModel(Model):
    """Predicts each symbol from all before it; its state is the trunk's.
    What it reads are features, B x L x the trunk's width."""

    unit: ClassVar[str] = "token"
    parts = ("token",)

    def __init__(self, settings: SymbolModelSettings, symbols: int) -> None:
        super().__init__()
        self.settings, self.symbols = settings, symbols
        self.symbol_in = nn.Embedding(symbols + 1, settings.embedding) if settings.embedding else None
        self.trunk = trunk_for(settings.trunk, settings.embedding or symbols)
        self.dropout = nn.Dropout(settings.dropout)
        self.symbol_out = nn.Linear(self.trunk.width, symbols)

    @property
    def begin_row(self) -> tuple[float, ...]:
        """The number past the last symbol."""
        return (float(self.symbols),)

    def silent_state(self, lanes: int) -> State:
        """The trunk's."""
        return self.trunk.silent_state(lanes)

    def forward(self, rows: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        """Read windows of symbols (B x T x 1)."""
        made, after = self.trunk(self._inputs(rows[..., 0].long()), state, last)
        return self.dropout(made), after

    def logits(self, read: Tensor) -> Tensor:
        """Of each symbol that may follow (B x L x V)."""
        logits: Tensor = self.symbol_out(read)
        return logits

    def surprise(self, read: Tensor, following: Tensor) -> Tensor:
        """Nats of the symbols that followed (B x L x 1).
        Large vocabularies are gone through in slices of steps."""
        at_once = max(_MOST_LOGITS // (self.symbols * len(read)), 1)
        slices = (torch.split(whole, at_once, dim=1) for whole in (read, following[..., 0].long()))
        nats = [nats_of(self.logits(some), chosen) for some, chosen in zip(*slices, strict=True)]
        return torch.cat(nats, dim=1)[..., None]

    def draw(
        self, read: Tensor, drawing: Drawing, chance: torch.Generator, allowed: Tensor | None = None
    ) -> Tensor:
        """The next symbol of each lane (B x 1)."""
        logits = self.logits(read[:, -1]).float()
        if allowed is not None:
            logits = logits.masked_fill(~allowed, BARRED)
        return drawing.symbol(logits, chance)[:, None]

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
    return SymbolModel(settings, symbols)


def _is_one_symbol(encoding: Encoding) -> bool:
    fields = encoding.vocabulary.fields
    return len(fields) == 1 and not fields[0].is_real


def _fields_in_words(encoding: Encoding) -> str:
    names = [column.name for column in encoding.vocabulary.fields]
    return f"{len(names)} fields" if len(names) > 1 else f"one real field, {names[0]}"


def _read_ones() -> list[str]:
    return [name for name, kind in ENCODINGS.items() if _is_one_symbol(kind())]
