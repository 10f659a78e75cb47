"""The live instrument's model: one event at a time, in fields, each seeing the ones before it.

An event is (gap, key, velocity) as `music.encodings.event` numbers them. A recurrent trunk reads the event just past together with
what sounds by then and for how long; from its output, and from the keyboard as it is, the gap to the next event is predicted, then,
seeing the gap, which key goes down or up, then, seeing both, how hard. A key can go down only if it is silent, and up only if it
sounds: that is a mask, not a thing to learn. `forward` reads whole windows and `step` one event; both go through the same state,
and give the same.

Must not know files, training or time on a clock.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from music.encodings.scales import GAPS, VELOCITY_BINS, gap_cells
from music.notes import KEYS

KEY_CHANGES = 2 * KEYS  # 88 keys going down, 88 going up
BEGIN = KEY_CHANGES  # the key field of the event before the first
VELOCITIES = VELOCITY_BINS + 1  # number 0: none, as of a key going up
FIELDS = ("gap", "key", "velocity")
_NEVER = -1e9  # a logit that no softmax notices, and that fp16 may round to -inf without harm


@dataclass(frozen=True, slots=True)
class EventModelSettings:
    """The model's size."""

    layers: int = 2
    width: int = 512
    gap_size: int = 64
    key_size: int = 128
    velocity_size: int = 32
    head: int = 256
    dropout: float = 0.0


class EventState(NamedTuple):
    """Everything that the past is to the model; a value. B lanes side by side."""

    hidden: Tensor  # layers x B x width
    cell: Tensor  # layers x B x width
    sounding: Tensor  # B x 88: 1 where a key sounds
    age: Tensor  # B x 88: cells of 10 ms since each key was struck last


class Read(NamedTuple):
    """What the fields are predicted from after each event: features, and which keys sound."""

    features: Tensor  # B x T x (width + 176)
    sounding: Tensor  # B x T x 88


class EventModel(nn.Module):
    """Predicts each event from all before it."""

    gap_lengths: Tensor

    def __init__(self, settings: EventModelSettings) -> None:
        super().__init__()
        self.settings = settings
        self.gap_in = nn.Embedding(GAPS, settings.gap_size)
        self.key_in = nn.Embedding(KEY_CHANGES + 1, settings.key_size)
        self.velocity_in = nn.Embedding(VELOCITIES, settings.velocity_size)
        read = settings.gap_size + settings.key_size + settings.velocity_size + 2 * KEYS
        dropout = settings.dropout if settings.layers > 1 else 0.0
        self.trunk = nn.LSTM(read, settings.width, settings.layers, batch_first=True, dropout=dropout)
        self.dropout = nn.Dropout(settings.dropout)
        self.features = settings.width + 2 * KEYS
        self.gap_out = nn.Linear(self.features, GAPS)
        self.key_from_past = nn.Linear(self.features, settings.head)
        self.key_from_gap = nn.Embedding(GAPS, settings.head)
        self.key_out = nn.Linear(settings.head, KEY_CHANGES)
        self.velocity_from_past = nn.Linear(self.features, settings.head)
        self.velocity_from_gap = nn.Embedding(GAPS, settings.head)
        self.velocity_from_key = nn.Embedding(KEY_CHANGES, settings.head)
        self.velocity_out = nn.Linear(settings.head, VELOCITY_BINS)
        lengths = torch.tensor([float(gap_cells(gap)) for gap in range(GAPS)])
        self.register_buffer("gap_lengths", lengths, persistent=False)
        self._remember_at_first()

    def silent_state(self, lanes: int) -> EventState:
        """The state before anything was played, for so many lanes."""
        settings, like = self.settings, self.gap_out.weight
        hidden = like.new_zeros(settings.layers, lanes, settings.width)
        silence = like.new_zeros(lanes, KEYS)
        return EventState(hidden, hidden.clone(), silence, silence.clone())

    def _remember_at_first(self) -> None:
        """Open the trunk's forget gates: an untrained cell keeps what it holds."""
        for number in range(self.settings.layers):
            forget = slice(self.settings.width, 2 * self.settings.width)
            with torch.no_grad():
                self.trunk.get_parameter(f"bias_ih_l{number}")[forget].fill_(1.0)

    def forward(self, events: Tensor, state: EventState) -> tuple[Read, EventState]:
        """Read windows of events (B x T x 3); the state after the last of them."""
        gap, key, _ = events.unbind(-1)
        sounding, age = self._keyboard(gap, key, state)
        keyboard = keyboard_told(sounding, age)
        made, (hidden, cell) = self.trunk(self.told(events, keyboard), (state.hidden, state.cell))
        after = EventState(hidden, cell, sounding[:, -1], age[:, -1])
        return self.read(made, keyboard, sounding), after

    def step(self, event: Tensor, state: EventState) -> tuple[Read, EventState]:
        """Read one event (B x 3)."""
        sounding, age = self.keyboard_after(event, state)
        keyboard = keyboard_told(sounding, age)
        told = self.told(event, keyboard)[:, None]
        made, (hidden, cell) = self.trunk(told, (state.hidden, state.cell))
        after = EventState(hidden, cell, sounding, age)
        return self.read(made, keyboard[:, None], sounding[:, None]), after

    def keyboard_after(self, event: Tensor, state: EventState) -> tuple[Tensor, Tensor]:
        """What sounds after one event (B x 3), and how many cells ago each key was struck last."""
        gap, key, _ = event.unbind(-1)
        place = key[:, None]
        keys = torch.arange(KEYS, device=key.device)
        struck = place == keys
        sounding = torch.where(struck, 1.0, torch.where(place == keys + KEYS, 0.0, state.sounding))
        age = torch.where(struck, 0.0, state.age + self.gap_lengths.index_select(0, gap)[:, None])
        return sounding, age

    def gap_logits(self, read: Read) -> Tensor:
        """Of each gap to the next event."""
        logits: Tensor = self.gap_out(read.features)
        return logits

    def key_logits(self, read: Read, gap: Tensor) -> Tensor:
        """Of each key going down or up next, after this gap; never of one that can't."""
        past = self.key_from_past(read.features) + self.key_from_gap(gap)
        logits: Tensor = self.key_out(functional.relu(past))
        barred = torch.cat([read.sounding, 1.0 - read.sounding], dim=-1)
        return logits + barred * _NEVER

    def velocity_logits(self, read: Read, gap: Tensor, key: Tensor) -> Tensor:
        """Of each velocity bin (B x T x 32), of a key that goes down."""
        past = self.velocity_from_past(read.features)
        past = past + self.velocity_from_gap(gap) + self.velocity_from_key(key)
        logits: Tensor = self.velocity_out(functional.relu(past))
        return logits

    def surprise(self, read: Read, following: Tensor) -> Tensor:
        """Nats of each field of the events that followed (B x T x 3); the velocity of a key going up is 0."""
        gap, key, velocity = following.unbind(-1)
        of_gap = _nats(self.gap_logits(read), gap)
        of_key = _nats(self.key_logits(read, gap), key)
        of_velocity = _nats(self.velocity_logits(read, gap, key), (velocity - 1).clamp(min=0))
        return torch.stack([of_gap, of_key, of_velocity * (key < KEYS)], dim=-1)

    def told(self, events: Tensor, keyboard: Tensor) -> Tensor:
        """What the trunk reads of each event and of the keyboard after it (`keyboard_told`)."""
        gap, key, velocity = events.unbind(-1)
        return torch.cat([self.gap_in(gap), self.key_in(key), self.velocity_in(velocity), keyboard], dim=-1)

    def read(self, made: Tensor, keyboard: Tensor, sounding: Tensor) -> Read:
        """What the fields are predicted from: what the trunk made of the past, and the keyboard as it is."""
        return Read(torch.cat([self.dropout(made), keyboard], dim=-1), sounding)

    def _keyboard(self, gap: Tensor, key: Tensor, state: EventState) -> tuple[Tensor, Tensor]:
        """Which keys sound after each event, and how many cells ago each was struck last."""
        length = gap.shape[1]
        clock = self.gap_lengths[gap].cumsum(1)[..., None]
        touched = key[..., None] % KEYS == torch.arange(KEYS, device=key.device)
        touched &= (key < BEGIN)[..., None]
        struck = touched & (key < KEYS)[..., None]
        order = torch.arange(1, length + 1, device=key.device)[None, :, None]
        last_touch = (touched * order).cummax(1).values
        went_down = torch.cat([state.sounding[:, None], struck.to(state.sounding.dtype)], dim=1)
        sounding = went_down.gather(1, last_touch)
        struck_at = torch.where(struck, clock, -state.age[:, None]).cummax(1).values
        return sounding, clock - struck_at


def keyboard_told(sounding: Tensor, age: Tensor) -> Tensor:
    """What sounds and for how long, as a network can read it: 10 ms is 0.2, a second 1.2, ten seconds 1.7."""
    return torch.cat([sounding, sounding * torch.log1p(age) / 4.0], dim=-1)


def _nats(logits: Tensor, chosen: Tensor) -> Tensor:
    return functional.cross_entropy(logits.flatten(0, -2), chosen.flatten(), reduction="none").view(
        chosen.shape
    )


def begin_event() -> tuple[int, int, int]:
    """What is read before the first event of a piece."""
    return (0, BEGIN, 0)
