"""A trained model plays on by itself: from nothing, or from rows that it has heard; as rows, and as a phrase
of so many seconds.

One way for every model: hear the prompt, then draw a row, hear it, and so on, remembering as far back as it
learnt to. Must not know files or the command line.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from music.continuing.continuation import rows_of, stacked
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


def heard(model: Model, rows: Rows, memory: Memory = Memory()) -> Heard:
    """A model that has heard rows (T x F) from a piece's beginning; a long prompt is heard in parts."""
    return heard_in_lanes(model, [rows], memory)


@torch.no_grad()
def heard_in_lanes(model: Model, lanes: Sequence[Rows], memory: Memory = Memory()) -> Heard:
    """The same of pieces side by side, of each as many rows."""
    model.eval()
    begin = model.begin_row if memory.reads_begin else None
    rows = np.stack([after_begin(begin, lane) for lane in lanes])
    if not rows.shape[1]:
        raise SettingError("a model whose pieces begin with a given row needs one to begin from")
    prompt = torch.from_numpy(rows).to(next(model.parameters()).device)
    if memory.window:
        return _read_anew(model, prompt, memory)
    state = model.silent_state(len(lanes))
    for part in torch.split(prompt, _HEARD_AT_ONCE, dim=1):
        read, state = model(part, state, 1)
    return Heard(read, state, prompt[:, -1:])


def _read_anew(model: Model, rows: Tensor, memory: Memory) -> Heard:
    rows = rows[:, -memory.window :]
    missing = memory.window - rows.shape[1] if memory.is_filled else 0
    read, state = model(
        torch.cat([rows[:, :1].expand(-1, missing, -1), rows], 1), model.silent_state(len(rows)), 1
    )
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


@torch.no_grad()
def drawn_in_lanes(
    model: Model, lanes: Sequence[Rows], most: int, drawing: Drawing, *, seed: int, memory: Memory = Memory()
) -> Rows:
    """So many rows that follow each of the pieces, which have as many rows each (lanes x `most` x F): many
    pieces in about the time of one."""
    with in_use(model):
        before = heard_in_lanes(model, lanes, memory)
        chance, made = torch.Generator(before.rows.device).manual_seed(seed), []
        for _ in range(most):
            row = model.draw(before.read, drawing, chance).to(before.rows.dtype)
            made.append(row.cpu().numpy())
            before = _heard_on(model, before, row, memory)
    return np.stack(made, axis=1)


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
        return stacked(islice(drawn, most), prompt)


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
