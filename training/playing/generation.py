"""A trained model plays on by itself: from nothing, or from rows that it has heard; as rows, and as a phrase
of so many seconds.

One way for every model: hear the prompt, then draw a row, hear it, and so on, remembering as far back as it
learnt to. Must not know files or the command line.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from music.notes import Note, Pedal
from music.phrase import Phrase
from music.settings import SettingError
from music.tokens.encoding import Encoding
from pieces.music import Rows
from pieces.transforms import Reverse
from training.feeds.feed import after_begin
from training.feeds.windows import WindowsSettings
from training.models.drawing import Drawing
from training.models.model import Model, State, in_use
from training.recipes.recipe import Recipe

Allowed = Callable[[int], NDArray[np.bool_]]  # which symbols may follow one

LIKELIEST = Drawing(argmax_share=1.0)
_HEARD_AT_ONCE = 512  # rows of a long prompt
_FIRST_LOOK = 32  # rows drawn before it is first looked how long they last
_LOOKED_AGAIN = 1.25  # times as many rows, each time
_ROWS_A_SECOND = 100  # more than music has, in encodings whose rows don't say how long they last
_LEAST_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Memory:
    """How far back a model hears. `window` rows are read anew, from silence, for each row drawn; 0: all, its
    state carried.

    `is_filled`: a window is always full, what is missing being its first row again. Without `reads_begin` a
    piece starts with its first row.
    """

    window: int = 0
    is_filled: bool = False
    reads_begin: bool = True


def memory_of(recipe: Recipe) -> Memory:
    """The memory that a model has practised by learning so."""
    feed, reads_begin = recipe.data.feed, not recipe.data.first_given
    if isinstance(feed, WindowsSettings):
        return Memory(feed.window, feed.predict == "last", reads_begin)
    return Memory(0 if feed.carry else feed.window, False, reads_begin)


def learns_backwards(recipe: Recipe) -> bool:
    """Whether a recipe turns the music round (row C5): turned twice, it is as it was."""
    turns = [row for row in recipe.data.transforms if row["name"] == Reverse.name]
    return len(turns) % 2 == 1


@dataclass(frozen=True, slots=True)
class Heard:
    """What a row is drawn from, as a value: what was read, the state after it,
    and the rows that are still remembered as such."""

    read: Any
    state: State
    rows: Tensor  # 1 x T x F; of a carried state the last alone


@torch.no_grad()
def heard(model: Model, rows: Rows, memory: Memory = Memory()) -> Heard:
    """A model that has heard rows (T x F) from a piece's beginning; a long prompt is heard in parts."""
    model.eval()
    rows = after_begin(model.begin_row if memory.reads_begin else None, rows)
    if not len(rows):
        raise SettingError("a model whose pieces begin with a given row needs one to begin from")
    prompt = torch.from_numpy(rows).to(next(model.parameters()).device)[None]
    if memory.window:
        return _read_anew(model, prompt, memory)
    state = model.silent_state(1)
    for part in torch.split(prompt, _HEARD_AT_ONCE, dim=1):
        read, state = model(part, state, 1)
    return Heard(read, state, prompt[:, -1:])


def _read_anew(model: Model, rows: Tensor, memory: Memory) -> Heard:
    rows = rows[:, -memory.window :]
    missing = memory.window - rows.shape[1] if memory.is_filled else 0
    read, state = model(torch.cat([rows[:, :1].expand(-1, missing, -1), rows], 1), model.silent_state(1), 1)
    return Heard(read, state, rows)


def _heard_on(model: Model, before: Heard, row: Tensor, memory: Memory) -> Heard:
    if memory.window:
        return _read_anew(model, torch.cat([before.rows, row[:, None]], 1), memory)
    read, state = model.step(row, before.state)
    return Heard(read, state, row[:, None])


@torch.no_grad()
def drawn_on(
    model: Model,
    before: Heard,
    drawing: Drawing,
    *,
    seed: int,
    allowed: Allowed | None = None,
    memory: Memory = Memory(),
) -> Iterator[Rows]:
    """Row after row (each F), without end; `before` stays as it is,
    so that one prompt can be gone on from many times."""
    device = before.rows.device
    chance = torch.Generator(device).manual_seed(seed)
    while True:
        last = before.rows[:, -1]
        mask = None if allowed is None else torch.from_numpy(allowed(int(last[0, 0]))).to(device)[None]
        row = model.draw(before.read, drawing, chance, mask).to(before.rows.dtype)
        yield row[0].cpu().numpy()
        before = _heard_on(model, before, row, memory)


def rows_drawn(
    model: Model,
    prompt: Rows,
    most: int,
    drawing: Drawing,
    *,
    seed: int,
    allowed: Allowed | None = None,
    memory: Memory = Memory(),
) -> Rows:
    """So many rows that follow the prompt (T x F, or no rows)."""
    with in_use(model):
        before = heard(model, prompt, memory)
        drawn = drawn_on(model, before, drawing, seed=seed, allowed=allowed, memory=memory)
        return _stacked(islice(drawn, most), prompt)


def rebuilt(
    model: Model, rows: Rows, drawing: Drawing = LIKELIEST, *, given: int, memory: Memory = Memory()
) -> Rows:
    """As many rows as there are, of which a model heard the first `given` ones and played the others."""
    if not 0 <= given < len(rows):
        raise SettingError(f"of {len(rows)} rows {given} can't be given, for one at least is to be played")
    played = rows_drawn(model, rows[:given], len(rows) - given, drawing, seed=1, memory=memory)
    return np.concatenate([rows[:given], played])


def share_in_place(played: Rows, rows: Rows, *, given: int) -> float:
    """The share of the rows after the first `given` ones that were played as they are, each in its place."""
    return float((played[given:] == rows[given:]).all(axis=1).mean())


def rows_of(encoding: Encoding, phrase: Phrase) -> Rows:
    """A phrase as a model reads it: symbols in int64, rolls in bytes, real numbers in float32."""
    tokens = encoding.encode(phrase)
    if tokens.dtype.kind == "f":
        return tokens.astype(np.float32)
    return tokens.astype(np.uint8 if tokens.dtype.itemsize == 1 else np.int64)


def first_rows(model: Model, encoding: Encoding, memory: Memory, seed: int) -> Rows:
    """What a piece from nothing starts with: what the encoding writes before any note; else, where the first
    row is to be given, one by chance.

    By chance are the symbols of that row for which the model has no beginning of its own; a roll begins with
    silence.
    """
    rows = rows_of(encoding, Phrase())
    if len(rows) or memory.reads_begin:
        return rows
    chance = np.random.default_rng(seed)
    least = 0 if encoding.unknown is None else encoding.unknown + 1
    first = [
        number if field.is_real or number < field.size else chance.integers(least, field.size)
        for number, field in zip(model.begin_row, encoding.vocabulary.fields, strict=True)
    ]
    return np.array([first], rows.dtype)


@dataclass(frozen=True, slots=True)
class Length:
    """How long to play on: `seconds` after the prompt's end, cut there to the instant, or so many `rows`;
    of both, what comes first."""

    seconds: float | None = 30.0
    rows: int | None = None

    @property
    def most_rows(self) -> int:
        """Where a model that falls silent, or in which time stands still, is stopped."""
        if self.rows is not None:
            return self.rows
        return max(_LEAST_LIMIT, math.ceil((self.seconds or 0) * _ROWS_A_SECOND))


@dataclass(frozen=True, slots=True)
class PlayedOn:
    """What a model heard and what it played then, on one clock; `rows` it drew,
    and whether those were fewer than it took to be long enough."""

    prompt: Phrase
    new: Phrase
    begins_at: float  # seconds: where the prompt ends
    rows: int
    is_short: bool

    @property
    def new_alone(self) -> Phrase:
        """What it played, from second 0."""
        first = min([self.begins_at, *(note.at for note in self.new.notes)])
        return self.new.moved(-first)

    @property
    def together(self) -> Phrase:
        """Both, what it played in a voice of its own."""
        return Phrase.of(
            [
                *(replace(note, voice=0) for note in self.prompt.notes),
                *(replace(note, voice=1) for note in self.new.notes),
            ],
            [*self.prompt.pedals, *self.new.pedals],
            self.new.tempo,
        )


def played_on(
    encoding: Encoding,
    prompt: Rows,
    drawn: Iterable[Rows],
    length: Length,
    changed: Callable[[Rows], Rows] = lambda rows: rows,
) -> PlayedOn:
    """The music of rows as they are drawn, until it is long enough;
    what came of them is `changed` before it is decoded."""
    heard_phrase, each_s = encoding.decode(prompt), encoding.seconds_per_token
    begins_at = heard_phrase.until if each_s is None else len(prompt) * each_s
    until = None if length.seconds is None else begins_at + length.seconds
    if until is None or each_s is not None:
        wanted = length.most_rows if until is None else _steps(until - begins_at, each_s or 1.0)
        rows = _stacked(islice(drawn, min(wanted, length.rows or wanted)), prompt)
        is_short = len(rows) < wanted
    else:
        rows, is_short = _until_long_enough(encoding, prompt, iter(drawn), until, length.most_rows)
    whole = encoding.decode(np.concatenate([prompt, changed(rows)]))
    whole = whole if until is None else cut_at(whole, until)
    heard_notes, new_notes = _parted(whole.notes, heard_phrase.notes)
    heard_pedals = tuple(pedal for pedal in whole.pedals if pedal.at < begins_at)
    return PlayedOn(
        Phrase(heard_notes, heard_pedals, whole.tempo),
        Phrase(new_notes, whole.pedals[len(heard_pedals) :], whole.tempo),
        begins_at,
        len(rows),
        is_short,
    )


def _steps(seconds: float, each_s: float) -> int:
    """How many steps last so long; a hair more than a whole number is that number."""
    return math.ceil(seconds / each_s - 1e-6)


def _until_long_enough(
    encoding: Encoding, prompt: Rows, drawn: Iterator[Rows], until: float, most: int
) -> tuple[Rows, bool]:
    """Rows until a note begins at that moment or later, for all before it is certain then;
    and whether they ran out before."""
    rows: list[Rows] = []
    look = min(_FIRST_LOOK, most)
    while True:
        rows += islice(drawn, look - len(rows))
        made = _stacked(rows, prompt)
        whole = encoding.decode(np.concatenate([prompt, made]))
        if whole.notes and whole.notes[-1].at >= until:
            return made, False
        if look == most:
            return made, True
        look = min(math.ceil(look * _LOOKED_AGAIN), most)


def cut_at(phrase: Phrase, until: float) -> Phrase:
    """The phrase up to a moment; what still sounds, and a pedal that is down, end there."""
    notes = [
        replace(note, length_s=min(note.length_s, until - note.at))
        for note in phrase.notes
        if note.at < until
    ]
    pedals = [pedal for pedal in phrase.pedals if pedal.at < until]
    if pedals and pedals[-1].down:
        pedals.append(Pedal(until, False))
    return replace(phrase, notes=tuple(notes), pedals=tuple(pedals))


def _stacked(rows: Iterable[Rows], like: Rows) -> Rows:
    rows = list(rows)
    return np.stack(rows) if rows else like[:0]


def _parted(notes: tuple[Note, ...], prompt: tuple[Note, ...]) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
    """Which notes of the whole the prompt began, however long they sound on, and which are new."""
    left: dict[tuple[float, int], int] = {}
    for note in prompt:
        left[note.at, note.pitch] = left.get((note.at, note.pitch), 0) + 1
    of_prompt: list[Note] = []
    new: list[Note] = []
    for note in notes:
        count = left.get((note.at, note.pitch), 0)
        left[note.at, note.pitch] = count - 1
        (of_prompt if count > 0 else new).append(note)
    return tuple(of_prompt), tuple(new)
