"""Rolls, a time step at a time: which of 88 keys sound next (rows C1, E5), and with `strikes` which of them
are struck.

A row has 176 numbers: 88 say which keys sound, 88 which are struck. A trunk reads the sounding keys as they
are (C1), or the sum of their embeddings (E5). What it made becomes 88 chances through a matrix of its own: E5
says "projected back" and leaves open through which; the embeddings' own transposed would tie the trunk's
width to theirs and make a key alike to read and likely to come, which for keys of a chord is not so.

What is learnt from is the binary cross-entropy of each key, summed over the keys: nats a step. The paper of
C1 names categorical cross-entropy on sigmoids; that is not a likelihood: keys that stay silent cost nothing
there, so sounding everything would be free. The `sigmoid` head takes the keys of one step as independent
given the past; `nade` sees the keys below in the same step.

A key that begins to sound is struck for certain, as decoding a roll has it; so strikes are predicted, and
charged, only for keys that sounded in the step before and sound still. Must not know files or time on a
clock.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from music.notes import KEYS
from music.settings import SettingError, check_least, check_shares
from music.tokens.encoding import Encoding
from training.models.drawing import Choices
from training.models.model import Model, State
from training.models.rolls.nade import Nade
from training.models.trunks.catalogue import TrunkSettings, trunk_for
from training.models.trunks.recurrent import RecurrentSettings
from training.models.trunks.trunk import Trunk

ROW = 2 * KEYS
SILENCE = (0.0,) * ROW


@dataclass(frozen=True, slots=True)
class RollModelSettings:
    """What the trunk reads, how keys of one step hang together, and whether strikes are predicted too.

    `embedding` matters to `reads = "embeddings"` alone, `nade_width` to `head = "nade"`. `dropout` is of what
    the trunk reads; its own is after its layers.
    """

    kind: Literal["roll"] = "roll"
    reads: Literal["keys", "embeddings"] = "keys"
    embedding: int = 128
    head: Literal["sigmoid", "nade"] = "sigmoid"
    nade_width: int = 128
    strikes: bool = False
    dropout: float = 0.0
    trunk: TrunkSettings = field(default_factory=RecurrentSettings)

    def __post_init__(self) -> None:
        check_least(self, 1, "embedding", "nade_width")
        check_shares(self, "dropout")


class Read(NamedTuple):
    """What the next step is predicted from: what the trunk made of the past, and which keys sound now."""

    made: Tensor  # B x L x width
    sounding: Tensor  # B x L x 88, bool


class RollModel(Model):
    """Predicts the keys of each step from all steps before it."""

    kind: ClassVar[str] = "roll"
    unit: ClassVar[str] = "step"
    reads_symbols: ClassVar[bool] = False
    wishes: tuple[str, int] | None = ("keys", KEYS)

    def __init__(self, settings: RollModelSettings) -> None:
        super().__init__()
        self.settings = settings
        self.parts = ("keys", "strikes") if settings.strikes else ("keys",)
        keys = ROW if settings.strikes else KEYS
        in_sum = settings.reads == "embeddings"
        self.reading = _embeddings(keys, settings.embedding) if in_sum else nn.Identity()
        self.dropout = nn.Dropout(settings.dropout)
        self.trunk: Trunk = trunk_for(settings.trunk, settings.embedding if in_sum else keys)
        width = self.trunk.width
        self.keys_out = (
            Nade(width, KEYS, settings.nade_width) if settings.head == "nade" else nn.Linear(width, KEYS)
        )
        self.strikes_out = nn.Linear(width, KEYS) if settings.strikes else None

    @property
    def begin_row(self) -> tuple[float, ...]:
        """Silence."""
        return SILENCE

    @property
    def layers_first(self) -> tuple[str, ...]:
        """The trunk's."""
        return self.trunk.layers_first

    def silent_state(self, lanes: int) -> State:
        """The trunk's."""
        return self.trunk.silent_state(lanes)

    def forward(self, rows: Tensor, state: State, last: int | None = None) -> tuple[Read, State]:
        """Read steps (B x T x 176)."""
        made, state = self.trunk(self._inputs(rows), state, last)  # B x L x width
        return Read(made, rows[:, -made.shape[1] :, :KEYS] > 0), state

    def live_step(self, row: Tensor, state: State) -> tuple[Read, State]:
        """Read one step (B x 176), by what a graph of one call can hold."""
        made, state = self.trunk.live_step(self._inputs(row), state)
        return Read(made[:, None], row[:, None, :KEYS] > 0), state

    def _inputs(self, rows: Tensor) -> Tensor:
        """What the trunk reads of each step (... x 176): as many numbers, 88, or an embedding's."""
        keys = rows if self.settings.strikes else rows[..., :KEYS]
        read: Tensor = self.dropout(self.reading(keys.to(self._weight.dtype)))
        return read

    def surprise(self, read: Read, following: Tensor) -> Tensor:
        """Nats of the 88 keys together, and of the strikes of those held,
        for each step that followed (B x L x 176)."""
        return self._nats(self.key_logits(read, following[..., :KEYS]), read, following)

    def live_surprise(self, read: Read, following: Tensor) -> Tensor:
        """The same of one step, an exact head by what a graph can hold."""
        if not isinstance(self.keys_out, Nade):
            return self.surprise(read, following)
        keys = (following[:, 0, :KEYS] > 0).to(read.made.dtype)  # B x 88
        return self._nats(self.keys_out.live(read.made[:, 0], keys)[:, None], read, following)

    def _nats(self, logits: Tensor, read: Read, following: Tensor) -> Tensor:
        """By the logits that keys sound (B x L x 88)."""
        keys = following[..., :KEYS]  # B x L x 88
        of_keys = bernoulli_nats(logits, keys).sum(-1)  # B x L
        if self.strikes_out is None:
            return of_keys[..., None]
        of_strikes = bernoulli_nats(self.strikes_out(read.made), following[..., KEYS:])  # B x L x 88
        of_strikes = (of_strikes * (read.sounding & (keys > 0))).sum(-1)  # B x L
        return torch.stack([of_keys, of_strikes], dim=-1)  # B x L x 2

    def key_logits(self, read: Read, keys: Tensor) -> Tensor:
        """That each key sounds next (B x L x 88); an exact head looks at the keys below it among those that
        do (`keys`)."""
        if isinstance(self.keys_out, Nade):
            logits: Tensor = self.keys_out(read.made.flatten(0, 1), keys.flatten(0, 1))  # (B L) x 88
            return logits.view(keys.shape)
        return self.keys_out(read.made)  # type: ignore[no-any-return]

    def next_row(self, read: Read, choices: Choices) -> Tensor:
        """The next step of each lane (B x 176, bytes); struck keys stay 0 unless they are modelled:
        decoding strikes what is new."""
        made = read.made[:, -1]  # B x width
        bars = choices.bars(0, range(KEYS), made)  # B x 88
        if isinstance(self.keys_out, Nade):
            sounds = self.keys_out.drawn(made, bars)
        else:
            sounds = self.keys_out(made) > bars
        if self.strikes_out is None:
            return torch.cat([sounds, torch.zeros_like(sounds)], dim=-1).to(torch.uint8)
        again = self.strikes_out(made) > choices.bars(1, range(KEYS, ROW), made)
        struck = again | ~read.sounding[:, -1]  # B x 88
        return torch.cat([sounds, sounds & struck], dim=-1).to(torch.uint8)

    @property
    def _weight(self) -> Tensor:
        return next(self.parameters())


def _embeddings(keys: int, size: int) -> nn.Linear:
    """A product of zeros and ones with a matrix is the sum of some of its columns:
    the embeddings of the keys that sound."""
    embeddings = nn.Linear(keys, size, bias=False)
    nn.init.normal_(embeddings.weight)  # as torch begins embeddings: a chord is the sum of a few
    return embeddings


def build(settings: RollModelSettings, encoding: Encoding) -> RollModel:
    """The model of a roll's rows."""
    check_is_roll(encoding, settings.kind)
    return RollModel(settings)


def check_is_roll(encoding: Encoding, kind: str) -> None:
    """An error unless its rows are 88 keys that sound, and 88 that are struck."""
    if encoding.vocabulary.sizes != (2,) * ROW:
        raise SettingError(
            f"a model of kind {kind} reads rolls of {KEYS} keys, not {encoding.name}; choose the "
            "encoding roll"
        )


def bernoulli_nats(logits: Tensor, happened: Tensor) -> Tensor:
    """Of each yes or no (1 or 0), by logits of yes."""
    return functional.binary_cross_entropy_with_logits(
        logits, (happened > 0).to(logits.dtype), reduction="none"
    )
