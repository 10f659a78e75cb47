"""The live instrument's model: one event at a time, in fields, each seeing the ones before it.

An event is (gap, key, velocity) as `music.encodings.event` numbers them. A trunk reads the event just past
together with what sounds by then and for how long; from what it makes, and from the keyboard as it is, the
gap to the next event is predicted, then, seeing the gap, which key goes down or up, then, seeing both, how
hard. A key can go down only if it is silent, and up only if it sounds: that is a mask, not a thing to learn.

Must not know files, training or time on a clock.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from music.encodings.event import EventEncoding
from music.notes import KEYS
from music.settings import check_least, check_shares
from music.tokens.encoding import Encoding
from music.tokens.scales import GAPS, VELOCITY_BINS
from training.models import keyboard
from training.models.drawing import BARRED, Choices
from training.models.fields import check_reads, check_states_apart, nats_of
from training.models.keyboard import KEY_CHANGES
from training.models.listening.listening import Listening
from training.models.model import Model, State
from training.models.trunks.catalogue import TrunkSettings, trunk_for
from training.models.trunks.recurrent import RecurrentSettings

# The key field of the event before the first, whose velocity is 1 where the music keeps a beat.
BEGIN = KEY_CHANGES
VELOCITIES = VELOCITY_BINS + 1  # number 0: none, as of a key going up
FIELDS = ("gap", "key", "velocity")


@dataclass(frozen=True, slots=True)
class EventModelSettings:
    """The trunk and the sizes around it; `dropout` is of what the trunk makes, on its way to the heads.

    A model that `listens` hears how the player plays and where the beat is
    (`training.models.listening.listening`).
    """

    kind: Literal["event"] = "event"
    trunk: TrunkSettings = field(default_factory=lambda: RecurrentSettings("lstm", layers=2, width=512))
    gap_size: int = 64
    key_size: int = 128
    velocity_size: int = 32
    head: int = 256
    dropout: float = 0.0
    listens: bool = False

    def __post_init__(self) -> None:
        check_least(self, 1, "gap_size", "key_size", "velocity_size", "head")
        check_shares(self, "dropout")


class Read(NamedTuple):
    """What the fields are predicted from after each event: features, and which keys sound."""

    features: Tensor  # B x L x (width + 176 + what is heard beside the events)
    sounding: Tensor  # B x L x 88


class EventModel(Model):
    """Predicts each event from all before it. Its state: the trunk's, `sounding` (B x 88: 1 where a key
    sounds) and `age` (B x 88: cells of 10 ms since each key was struck last)."""

    kind: ClassVar[str] = "event"
    unit: ClassVar[str] = "event"
    parts = FIELDS
    gap_lengths: Tensor

    def __init__(self, settings: EventModelSettings) -> None:
        super().__init__()
        self.settings = settings
        self.gap_in = nn.Embedding(GAPS, settings.gap_size)
        self.key_in = nn.Embedding(KEY_CHANGES + 1, settings.key_size)
        self.velocity_in = nn.Embedding(VELOCITIES, settings.velocity_size)
        self.listening = Listening() if settings.listens else None
        beside = self.listening.size if self.listening else 0
        reads = settings.gap_size + settings.key_size + settings.velocity_size + 2 * KEYS + beside
        self.trunk = trunk_for(settings.trunk, reads)
        self.dropout = nn.Dropout(settings.dropout)
        self.features = self.trunk.width + 2 * KEYS + beside
        self.gap_out = nn.Linear(self.features, GAPS)
        self.key_from_past = nn.Linear(self.features, settings.head)
        self.key_from_gap = nn.Embedding(GAPS, settings.head)
        self.key_out = nn.Linear(settings.head, KEY_CHANGES)
        self.velocity_from_past = nn.Linear(self.features, settings.head)
        self.velocity_from_gap = nn.Embedding(GAPS, settings.head)
        self.velocity_from_key = nn.Embedding(KEY_CHANGES, settings.head)
        self.velocity_out = nn.Linear(settings.head, VELOCITY_BINS)
        self.register_buffer("gap_lengths", keyboard.cells_of_gaps(), persistent=False)
        self.trunk_states = tuple(self.trunk.silent_state(1))
        check_states_apart("event", self._silent_surroundings(1), self.trunk_states)

    @property
    def begin_row(self) -> tuple[int, ...]:
        """Key number `BEGIN`, which is no key."""
        return begin_event()

    @property
    def begin_row_in_beats(self) -> tuple[int, ...]:
        """The same, with a sign that a beat is kept, if the model listens."""
        return begin_event(has_beat=self.listening is not None)

    @property
    def layers_first(self) -> tuple[str, ...]:
        """The trunk's."""
        return self.trunk.layers_first

    def silent_state(self, lanes: int) -> State:
        """The state before anything was played."""
        return self.trunk.silent_state(lanes) | self._silent_surroundings(lanes)

    def _silent_surroundings(self, lanes: int) -> State:
        """The keyboard; if it listens, the beat and the player too."""
        silence = self.gap_out.weight.new_zeros(lanes, KEYS)
        keys = {"sounding": silence, "age": silence.clone()}
        return keys | self.listening.silent_state(lanes) if self.listening else keys

    def forward(self, rows: Tensor, state: State, last: int | None = None) -> tuple[Read, State]:
        """Read windows of events (B x T x 3)."""
        gap, key, _ = rows.unbind(-1)  # B x T each
        # B x T x 88 both
        sounding, age = keyboard.after_changes(self.gap_lengths[gap], key, state["sounding"], state["age"])
        seen = keyboard.inputs(sounding, age)  # B x T x 176
        around: State = {"sounding": sounding[:, -1], "age": age[:, -1]}
        if self.listening:
            heard, listening = self.listening(rows, self.gap_lengths[gap], sounding, state)
            seen = torch.cat([seen, heard], dim=-1)  # B x T x (176 + what is heard)
            around |= listening
        remembered = {name: state[name] for name in self.trunk_states}
        made, after = self.trunk(self.inputs(rows, seen), remembered, last)  # B x L x width
        kept = made.shape[1]  # L
        read = self.read(made, seen[:, -kept:], sounding[:, -kept:])
        return read, after | around

    def live_step(self, row: Tensor, state: State) -> tuple[Read, State]:
        """Read one event (B x 3), by what a graph of one call can hold; what is read has no axis of time."""
        gap, key, _ = row.unbind(-1)  # B each
        passed = self.gap_lengths.index_select(0, gap)  # B
        sounding, age = keyboard.after_change(passed, key, state["sounding"], state["age"])  # B x 88
        seen = keyboard.inputs(sounding, age)  # B x 176
        around: State = {"sounding": sounding, "age": age}
        if self.listening:
            beside = (state[name] for name in ("clock", "beat", "portrait"))
            heard, clock, beat = self.listening.after_event(row, passed, *beside)
            seen = torch.cat([seen, heard], dim=-1)  # B x (176 + what is heard)
            around |= {"clock": clock, "beat": beat, "portrait": state["portrait"]}
        remembered = {name: state[name] for name in self.trunk_states}
        made, after = self.trunk.live_step(self.inputs(row, seen), remembered)  # B x width
        return self.read(made, seen, sounding), after | around

    def surprise(self, read: Read, following: Tensor) -> Tensor:
        """Nats of gap, key and velocity (B x L x 3); the velocity of a key going up is certain, and one that
        is not to be learnt costs nothing."""
        gap, key, velocity = following.unbind(-1)  # B x L each
        of_gap = nats_of(self.gap_logits(read), gap)
        of_key = nats_of(self.key_logits(read, gap), key)
        of_velocity = nats_of(self.velocity_logits(read, gap, key), (velocity - 1).clamp(min=0))
        is_learnt = (key < KEYS) & (velocity >= 0)
        return torch.stack([of_gap, of_key, of_velocity * is_learnt], dim=-1)

    def next_row(self, read: Read, choices: Choices) -> Tensor:
        """The next event of each lane; its key never goes down where it sounds,
        nor up where it doesn't, however hot the drawing."""
        gap = choices.symbol(0, self.gap_logits(read)[:, -1])  # B, as key and velocity
        key = choices.symbol(1, self.key_logits(read, gap[:, None])[:, -1])
        harder = choices.symbol(2, self.velocity_logits(read, gap[:, None], key[:, None])[:, -1])
        return torch.stack([gap, key, torch.where(key < KEYS, harder + 1, 0)], dim=-1)

    def gap_logits(self, read: Read) -> Tensor:
        """Of each gap to the next event."""
        logits: Tensor = self.gap_out(read.features)  # B x L x (width + 176) -> B x L x gaps
        return logits

    def key_logits(self, read: Read, gap: Tensor) -> Tensor:
        """Of each key going down or up next, after this gap; never of one that can't."""
        past = self.key_from_past(read.features) + self.key_from_gap(gap)  # B x L x head
        logits: Tensor = self.key_out(functional.relu(past))  # B x L x 176
        barred = torch.cat([read.sounding, 1.0 - read.sounding], dim=-1)  # B x L x 176: downs, then ups
        return logits + barred * BARRED

    def velocity_logits(self, read: Read, gap: Tensor, key: Tensor) -> Tensor:
        """Of each velocity bin (B x L x 32), of a key that goes down."""
        past = self.velocity_from_past(read.features)  # B x L x head
        past = past + self.velocity_from_gap(gap) + self.velocity_from_key(key)
        logits: Tensor = self.velocity_out(functional.relu(past))
        return logits

    def inputs(self, events: Tensor, seen: Tensor) -> Tensor:
        """What the trunk reads of each event and of the keyboard after it (`keyboard.inputs`)."""
        gap, key, velocity = events.unbind(-1)
        return torch.cat([self.gap_in(gap), self.key_in(key), self.velocity_in(velocity), seen], dim=-1)

    def read(self, made: Tensor, seen: Tensor, sounding: Tensor) -> Read:
        """What the fields are predicted from: what the trunk made of the past, and the keyboard as it is."""
        return Read(torch.cat([self.dropout(made), seen], dim=-1), sounding)


def build(settings: EventModelSettings, encoding: Encoding) -> EventModel:
    """The model, if the encoding is the one that it reads."""
    check_reads("event", EventEncoding(), encoding)
    return EventModel(settings)


def begin_event(*, has_beat: bool = False) -> tuple[int, int, int]:
    """What is read before the first event of a piece; its beats are counted from there."""
    return (0, BEGIN, int(has_beat))
