"""The biaxial model (rows C2, C3): a recurrence along time for each note, then one along the notes of a step.

Every note is read by the same weights, as seen from itself: its MIDI number and pitch class; which notes
within an octave of it play and are struck in the step before; how many notes of each pitch class sound,
counted from its own; and where in the bar the step to come lies. What the recurrence along time makes of that
goes, with what was decided for the note below, into the recurrence along the notes, from the lowest up; it
says whether the note plays and, if it plays, whether it is struck. So the chance of a whole step is a product
in which each note sees those below it, and drawing goes the same way.

The bar is counted from the piece's first step, `beat_steps` to the bar. Notes outside the range are neither
read nor drawn. The state's tensors are B x notes x ..., and learning runs B x notes lanes side by side along
time, so memory is that of a recurrence with so many lanes. Must not know files or time on a clock.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from music.notes import KEYS, LOWEST_KEY
from music.settings import SettingError, check_least
from music.tokens.encoding import Encoding
from training.models.drawing import Choices
from training.models.model import Model, State
from training.models.rolls.along import along
from training.models.rolls.roll_model import SILENCE, bernoulli_nats, check_is_roll
from training.models.trunks.catalogue import trunk_for
from training.models.trunks.recurrent import RecurrentSettings, check_stack

OCTAVE = 12
NEIGHBOURS = 2 * OCTAVE + 1  # an octave down, itself, an octave up
ANSWERS = 2  # plays, is struck


@dataclass(frozen=True, slots=True)
class BiaxialSettings:
    """Both recurrences' sizes, dropout after each of their layers,
    the notes from `lowest` (MIDI number) up, and the steps of a bar."""

    kind: Literal["biaxial"] = "biaxial"
    time_layers: int = 2
    time_width: int = 300
    note_layers: int = 2
    note_width: int = 100
    dropout: float = 0.5
    lowest: int = LOWEST_KEY
    notes: int = KEYS
    beat_steps: int = 16

    def __post_init__(self) -> None:
        check_range(self.lowest, self.notes)
        check_least(self, 1, "beat_steps")
        check_stack(self.time_layers, self.time_width, self.dropout)
        check_stack(self.note_layers, self.note_width, self.dropout)

    @property
    def along_time(self) -> RecurrentSettings:
        """The recurrence along time."""
        return RecurrentSettings("lstm", self.time_layers, self.time_width, self.dropout)

    @property
    def along_notes(self) -> RecurrentSettings:
        """The recurrence along the notes."""
        return RecurrentSettings("lstm", self.note_layers, self.note_width, self.dropout)


class Biaxial(Model):
    """Predicts each step's notes from all steps before it, and each note from those below it."""

    kind: ClassVar[str] = "biaxial"
    unit: ClassVar[str] = "step"
    reads_symbols: ClassVar[bool] = False
    places: Tensor
    classes: Tensor
    beats: Tensor

    def __init__(self, settings: BiaxialSettings) -> None:
        super().__init__()
        self.settings = settings
        self.parts = ("play", "articulate")
        self.wishes = ("play", settings.notes)
        pitches = torch.arange(settings.lowest, settings.lowest + settings.notes)
        self.register_buffer("places", _places(pitches), persistent=False)
        self.register_buffer("classes", pitches % OCTAVE, persistent=False)
        self.register_buffer("beats", _digits(settings.beat_steps), persistent=False)
        reads = self.places.shape[1] + 2 * NEIGHBOURS + OCTAVE + self.beats.shape[1]
        self.along_time = trunk_for(settings.along_time, reads)
        self.along_notes = trunk_for(settings.along_notes, settings.time_width + ANSWERS)
        self.answer = nn.Linear(settings.note_width, ANSWERS)

    @property
    def begin_row(self) -> tuple[float, ...]:
        """Silence."""
        return SILENCE

    def silent_state(self, lanes: int) -> State:
        """What each note remembers (B x notes x ...), and how many rows were read (B)."""
        steps = torch.zeros(lanes, dtype=torch.int64, device=self.answer.weight.device)
        notes = self.settings.notes
        remembered = self.along_time.silent_state(lanes * notes)
        return {**_by_note(remembered, notes), "steps": steps}

    def forward(self, rows: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        """Read steps (B x T x 176): what the recurrence along time makes of each note,
        B x L x notes x time_width."""
        lanes, steps = rows.shape[:2]
        inputs = self._inputs(self._cells(rows), state["steps"])  # B x T x notes x numbers
        # each note of each lane is a lane of the recurrence along time: (B notes) x ...
        remembered = {name: value.flatten(0, 1) for name, value in state.items() if name != "steps"}
        made, remembered = self.along_time(inputs.transpose(1, 2).flatten(0, 1), remembered, last)
        # (B notes) x L x time_width -> B x L x notes x time_width
        made = made.unflatten(0, (lanes, self.settings.notes)).transpose(1, 2)
        return made, {**_by_note(remembered, self.settings.notes), "steps": state["steps"] + steps}

    def live_step(self, row: Tensor, state: State) -> tuple[Tensor, State]:
        """Read one step (B x 176), by what a graph of one call can hold."""
        inputs = self._inputs(self._cells(row[:, None]), state["steps"])[:, 0]  # B x notes x numbers
        remembered = {  # B x notes x layers x width -> layers x (B notes) x width
            # in that order in memory too: several layers can be traced only so
            name: value.flatten(0, 1).transpose(0, 1).contiguous()
            for name, value in state.items()
            if name != "steps"
        }
        made, after = self.along_time.live_step(inputs.flatten(0, 1), remembered)
        notes = self.settings.notes
        lanes_first = {name: value.transpose(0, 1) for name, value in after.items()}
        made = made.reshape(-1, 1, notes, self.settings.time_width)  # B x 1 x notes x time_width
        return made, {**_by_note(lanes_first, notes), "steps": state["steps"] + 1}

    def surprise(self, read: Tensor, following: Tensor) -> Tensor:
        """Nats of the notes that played or not, and of the strikes of those that did,
        summed over notes (B x L x 2)."""
        cells = self._cells(following)  # B x L x notes x 2
        logits = self._logits(read, cells)  # B x L x notes x 2
        nats = bernoulli_nats(logits, cells)  # B x L x notes x 2
        plays = cells[..., 0]  # B x L x notes
        return torch.stack([nats[..., 0].sum(-1), (nats[..., 1] * plays).sum(-1)], dim=-1)

    def next_row(self, read: Tensor, choices: Choices) -> Tensor:
        """The next step of each lane (B x 176, bytes), note by note from the lowest,
        each seeing what was drawn below it."""
        made, keys = read[:, -1], self._keys()  # B x notes x time_width
        plays, struck = (
            choices.bars(part, range(place + keys.start, place + keys.stop), made)
            for part, place in enumerate((0, KEYS))
        )
        bars = torch.stack([plays, struck], dim=-1).to(made.dtype)  # B x notes x 2
        silent = self._silent_notes(made[:, 0])
        _, cells = along(self._next_note, silent, (made.transpose(0, 1), bars.transpose(0, 1)))
        played, struck = cells.permute(2, 1, 0)  # notes x B x 2 -> B x notes each
        beyond = (keys.start, KEYS - keys.stop)  # keys below and above the notes: silent
        row = torch.cat([nn.functional.pad(played, beyond), nn.functional.pad(struck, beyond)], dim=-1)
        return row.to(torch.uint8)

    def _silent_notes(self, like: Tensor) -> tuple[Tensor, ...]:
        """Before the lowest note: the state of the recurrence along notes, and a note that doesn't play."""
        lanes, layers = like.shape[0], self.settings.note_layers
        state = [
            like.new_zeros(layers, lanes, self.settings.note_width) for _ in self.along_notes.layers_first
        ]
        return *state, like.new_zeros(lanes, ANSWERS)

    def _next_note(
        self, kept: tuple[Tensor, ...], note: tuple[Tensor, ...]
    ) -> tuple[tuple[Tensor, ...], Tensor]:
        """What is kept after a note, and whether it plays and is struck (B x 2: 0 or 1)."""
        *state, below = kept
        made, bars = note  # B x time_width, B x 2
        names = self.along_notes.layers_first
        inputs = torch.cat([made, below], dim=-1)  # B x (time_width + 2)
        through, after = self.along_notes.live_step(inputs, dict(zip(names, state, strict=True)))
        plays, struck = (self.answer(through) > bars).to(made.dtype).unbind(-1)  # B each
        cells = torch.stack([plays, plays * struck], dim=-1)
        return (
            *(after[name] for name in names),
            cells,
        ), cells.clone()  # of a graph, two outputs are never one

    def _logits(self, read: Tensor, cells: Tensor) -> Tensor:
        """That each note plays and is struck (B x L x notes x 2),
        given what those below it did (cells, the same shape)."""
        below = nn.functional.pad(cells, (0, 0, 1, -1)).to(read.dtype)  # B x L x notes x 2: one note up
        inputs = torch.cat([read, below], dim=-1).flatten(0, 1)  # (B L) x notes x (time_width + 2)
        through, _ = self.along_notes(inputs, self.along_notes.silent_state(inputs.shape[0]))
        logits: Tensor = self.answer(through)  # (B L) x notes x note_width -> (B L) x notes x 2
        return logits.view(cells.shape)

    def _keys(self) -> range:
        first = self.settings.lowest - LOWEST_KEY
        return range(first, first + self.settings.notes)

    def _cells(self, rows: Tensor) -> Tensor:
        """Which notes play, and which of those are struck: B x T x notes x 2."""
        keys = self._keys()
        plays = rows[..., keys.start : keys.stop] > 0  # B x T x 176 -> B x T x notes
        struck = rows[..., KEYS + keys.start : KEYS + keys.stop] > 0
        return torch.stack([plays, plays & struck], dim=-1).to(self.answer.weight.dtype)

    def _inputs(self, cells: Tensor, steps: Tensor) -> Tensor:
        """What is read of each step for each note: B x T x notes x numbers."""
        lanes, length, notes, _ = cells.shape
        # B x T x (12 + notes + 12) x 2 -> B x T x notes x 50: each note's own octave down and up
        around = nn.functional.pad(cells, (0, 0, OCTAVE, OCTAVE)).unfold(2, NEIGHBOURS, 1).flatten(-2)
        beat = (steps[:, None] + torch.arange(length, device=steps.device)) % len(self.beats)  # B x T
        return torch.cat(
            [
                self.places.expand(lanes, length, -1, -1),  # notes x 13 -> B x T x notes x 13
                around,
                self._sounding_classes(cells[..., 0]),  # B x T x notes x 12
                self.beats[beat][:, :, None].expand(-1, -1, notes, -1),  # B x T x notes x digits
            ],
            dim=-1,
        )

    def _sounding_classes(self, plays: Tensor) -> Tensor:
        """How many notes of each pitch class sound,
        counted up from each note's own class: B x T x notes x 12."""
        of_class = nn.functional.one_hot(self.classes, OCTAVE).to(plays.dtype)  # notes x 12
        counts = plays @ of_class  # B x T x 12
        turned = (self.classes[:, None] + torch.arange(OCTAVE, device=plays.device)) % OCTAVE  # notes x 12
        return counts[..., turned]


def build(settings: BiaxialSettings, encoding: Encoding) -> Biaxial:
    """The model of a roll's rows."""
    check_is_roll(encoding, settings.kind)
    return Biaxial(settings)


def check_range(lowest: int, notes: int) -> None:
    """An error unless these notes (the lowest by MIDI number) lie on the keyboard."""
    if notes < 1 or lowest < LOWEST_KEY or lowest + notes > LOWEST_KEY + KEYS:
        raise SettingError(
            f"{notes} notes from {lowest} up don't lie on the keyboard; lowest is {LOWEST_KEY} or more, "
            f"and lowest + notes at most {LOWEST_KEY + KEYS}"
        )


def _places(pitches: Tensor) -> Tensor:
    """Each note's MIDI number, as a part of the MIDI range so that no input is far larger than others,
    and its pitch class: notes x 13."""
    return torch.cat(
        [pitches[:, None] / 128, nn.functional.one_hot(pitches % OCTAVE, OCTAVE).float()], dim=-1
    )


def _digits(beat_steps: int) -> Tensor:
    """Each step of a bar as its binary digits, -1 and 1: steps x digits."""
    digits = torch.arange(max((beat_steps - 1).bit_length(), 1))
    return ((torch.arange(beat_steps)[:, None] >> digits) % 2 * 2 - 1).float()


def _by_note(remembered: State, notes: int) -> State:
    """A state of B * notes lanes as one of B lanes."""
    return {name: value.reshape(-1, notes, *value.shape[1:]) for name, value in remembered.items()}
