"""The whole-note model of the live instrument: one note at a time, in fields, each seeing the ones before it.

A note is (gap, pitch, velocity, length) as `music.encodings.note` numbers them. A trunk reads the note just
past together with which keys will sound after its onset, and for how long still. From what it makes the gap
to the next onset is predicted; then, with the keyboard as it will be by that onset, the pitch, the velocity,
and the length, which also sees how long the keys of the last three notes will still sound: notes of a chord,
and all notes under a pedal, end together. A key may be struck again while it sounds, so nothing is barred.

Must not know files, training or time on a clock.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from music.encodings.note import NoteEncoding
from music.notes import KEYS
from music.settings import check_least, check_shares
from music.tokens.encoding import Encoding
from music.tokens.scales import GAPS, VELOCITY_BINS
from training.models import keyboard
from training.models.drawing import Choices
from training.models.fields import check_reads, check_states_apart, nats_of
from training.models.model import Model, State
from training.models.trunks.catalogue import TrunkSettings, trunk_for
from training.models.trunks.recurrent import RecurrentSettings

BEGIN = KEYS  # the pitch field of the note before the first, and of those before it
LENGTHS = GAPS - 1  # a note lasts one cell or more
RECENT = 3  # notes whose ends the next one's length sees


@dataclass(frozen=True, slots=True)
class NoteModelSettings:
    """The trunk and the sizes around it; `dropout` is of what the trunk makes, on its way to the heads."""

    kind: Literal["note"] = "note"
    trunk: TrunkSettings = field(default_factory=lambda: RecurrentSettings("lstm", layers=2, width=512))
    gap_size: int = 64
    pitch_size: int = 96
    velocity_size: int = 32
    length_size: int = 64
    head: int = 256
    dropout: float = 0.0

    def __post_init__(self) -> None:
        check_least(self, 1, "gap_size", "pitch_size", "velocity_size", "length_size", "head")
        check_shares(self, "dropout")


class Read(NamedTuple):
    """What the fields are predicted from after each note."""

    made: Tensor  # B x L x width: by the trunk
    left: Tensor  # B x L x 88: cells that each key will still sound at the note's onset
    recent: Tensor  # B x L x 3: the keys of the last notes, the newest first


class NoteModel(Model):
    """Predicts each note from all before it. Its state: the trunk's, `left` (B x 88)
    and `recent` (B x 3) as `Read` has them."""

    kind: ClassVar[str] = "note"
    unit: ClassVar[str] = "note"
    wishes: tuple[str, int] | None = ("pitch", KEYS)
    parts = ("gap", "pitch", "velocity", "length")
    gap_lengths: Tensor
    gap_numbers: Tensor

    def __init__(self, settings: NoteModelSettings) -> None:
        super().__init__()
        self.settings = settings
        self.gap_in = nn.Embedding(GAPS, settings.gap_size)
        self.pitch_in = nn.Embedding(KEYS + 1, settings.pitch_size)
        self.velocity_in = nn.Embedding(VELOCITY_BINS, settings.velocity_size)
        self.length_in = nn.Embedding(LENGTHS, settings.length_size)
        sizes = (settings.gap_size, settings.pitch_size, settings.velocity_size, settings.length_size)
        self.trunk = trunk_for(settings.trunk, sum(sizes) + 2 * KEYS)
        self.dropout = nn.Dropout(settings.dropout)
        features = self.trunk.width + 2 * KEYS
        self.gap_out = nn.Linear(features, GAPS)
        self.pitch_head = _Head(features, (GAPS,), settings.head, KEYS)
        self.velocity_head = _Head(features, (GAPS, KEYS), settings.head, VELOCITY_BINS)
        ends = (GAPS,) * RECENT
        self.length_head = _Head(features, (GAPS, KEYS, VELOCITY_BINS, *ends), settings.head, LENGTHS)
        self.register_buffer("gap_lengths", keyboard.cells_of_gaps(), persistent=False)
        self.register_buffer("gap_numbers", keyboard.gaps_of_cells(), persistent=False)
        self.trunk_states = tuple(self.trunk.silent_state(1))
        check_states_apart("note", self._silent_keyboard(1), self.trunk_states)

    @property
    def begin_row(self) -> tuple[int, ...]:
        """Pitch number `BEGIN`, which is no key."""
        return (0, BEGIN, 0, 0)

    @property
    def layers_first(self) -> tuple[str, ...]:
        """The trunk's."""
        return self.trunk.layers_first

    def silent_state(self, lanes: int) -> State:
        """The state before anything was played."""
        return self.trunk.silent_state(lanes) | self._silent_keyboard(lanes)

    def _silent_keyboard(self, lanes: int) -> State:
        like = self.gap_out.weight
        recent = torch.full((lanes, RECENT), BEGIN, device=like.device)
        return {"left": like.new_zeros(lanes, KEYS), "recent": recent}

    def forward(self, rows: Tensor, state: State, last: int | None = None) -> tuple[Read, State]:
        """Read windows of notes (B x T x 4)."""
        gap, pitch, _, length = rows.unbind(-1)
        lengths = self.gap_lengths[length + 1]
        left = keyboard.after_notes(self.gap_lengths[gap], pitch, lengths, state["left"])
        recent = _recent(pitch, state["recent"])
        remembered = {name: state[name] for name in self.trunk_states}
        made, after = self.trunk(self._row_inputs(rows, left), remembered, last)
        kept = made.shape[1]
        read = Read(self.dropout(made), left[:, -kept:], recent[:, -kept:])
        return read, after | {"left": left[:, -1], "recent": recent[:, -1]}

    def live_step(self, row: Tensor, state: State) -> tuple[Read, State]:
        """Read one note (B x 4), by what a graph of one call can hold."""
        gap, pitch, _, length = row.unbind(-1)  # B each
        passed, lasts = self.gap_lengths[gap], self.gap_lengths[length + 1]
        left = keyboard.after_note(passed, pitch, lasts, state["left"])  # B x 88
        recent = torch.cat([pitch[:, None], state["recent"][:, :-1]], dim=-1)  # B x 3
        remembered = {name: state[name] for name in self.trunk_states}
        made, after = self.trunk.live_step(self._row_inputs(row, left), remembered)
        read = Read(made[:, None], left[:, None], recent[:, None])
        return read, after | {"left": left, "recent": recent}

    def surprise(self, read: Read, following: Tensor) -> Tensor:
        """Nats of gap, pitch, velocity and length (B x L x 4)."""
        gap, pitch, velocity, length = following.unbind(-1)
        met = self.met(read, gap)
        nats = [
            nats_of(self.gap_logits(read), gap),
            nats_of(self.pitch_head(met.seen, gap), pitch),
            nats_of(self.velocity_head(met.seen, gap, pitch), velocity),
            nats_of(self.length_head(met.seen, gap, pitch, velocity, *met.ends), length),
        ]
        return torch.stack(nats, dim=-1)

    def next_row(self, read: Read, choices: Choices) -> Tensor:
        """The next note of each lane."""
        gap = choices.symbol(0, self.gap_logits(read)[:, -1])[:, None]
        met = self.met(read, gap)
        pitch = choices.symbol(1, self.pitch_head(met.seen, gap)[:, -1])[:, None]
        velocity = choices.symbol(2, self.velocity_head(met.seen, gap, pitch)[:, -1])[:, None]
        logits = self.length_head(met.seen, gap, pitch, velocity, *met.ends)[:, -1]
        return torch.cat([gap, pitch, velocity, choices.symbol(3, logits)[:, None]], dim=-1)

    def _row_inputs(self, rows: Tensor, left: Tensor) -> Tensor:
        """What the trunk reads of each note (... x 4), and of the keyboard after it (... x 88)."""
        gap, pitch, velocity, length = rows.unbind(-1)
        fields = [self.gap_in(gap), self.pitch_in(pitch), self.velocity_in(velocity), self.length_in(length)]
        return torch.cat([*fields, _inputs(left)], dim=-1)

    def gap_logits(self, read: Read) -> Tensor:
        """Of each gap to the next onset."""
        logits: Tensor = self.gap_out(torch.cat([read.made, _inputs(read.left)], dim=-1))
        return logits

    def met(self, read: Read, gap: Tensor) -> "Met":
        """What the next note meets at its onset, so long after the last."""
        left = (read.left - self.gap_lengths[gap][..., None]).clamp(min=0)
        silent = functional.pad(left, (0, 1))  # the key `BEGIN` never sounds
        cells = silent.gather(-1, read.recent).long().clamp(max=len(self.gap_numbers) - 1)
        return Met(torch.cat([read.made, _inputs(left)], dim=-1), self.gap_numbers[cells].unbind(-1))


class Met(NamedTuple):
    """What the next note meets: features, and as gaps how long the keys of the last notes will still
    sound."""

    seen: Tensor  # B x L x (width + 176)
    ends: tuple[Tensor, ...]  # 3, each B x L


class _Head(nn.Module):
    """Logits of a field from features and from the symbols of other fields."""

    def __init__(self, features: int, symbols: tuple[int, ...], width: int, choices: int) -> None:
        super().__init__()
        self.from_features = nn.Linear(features, width)
        self.from_symbols = nn.ModuleList(nn.Embedding(size, width) for size in symbols)
        self.out = nn.Linear(width, choices)

    def forward(self, features: Tensor, *symbols: Tensor) -> Tensor:
        """Features B x L x F, symbols B x L each."""
        past = self.from_features(features)
        for table, symbol in zip(self.from_symbols, symbols, strict=True):
            past = past + table(symbol)
        logits: Tensor = self.out(functional.relu(past))
        return logits


def build(settings: NoteModelSettings, encoding: Encoding) -> NoteModel:
    """The model, if the encoding is the one that it reads."""
    check_reads("note", NoteEncoding(), encoding)
    return NoteModel(settings)


def _recent(pitch: Tensor, before: Tensor) -> Tensor:
    """The keys of the last three notes at each note (B x T x 3), the newest first;
    `before` (B x 3) those of the notes before."""
    row = torch.cat([before.flip(-1), pitch], dim=1)
    return row.unfold(1, RECENT, 1)[:, 1:].flip(-1)


def _inputs(left: Tensor) -> Tensor:
    return keyboard.inputs((left > 0).to(left.dtype), left)
