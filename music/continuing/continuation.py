"""Music that goes on from a prompt, row by row, as a phrase of so many seconds; and the rows that a phrase
makes.

Whoever draws the rows, a run or an exported file, is not its affair. Must not know models, files or the
command line.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from music.notes import Note, Pedal
from music.phrase import Phrase
from music.tokens.encoding import Encoding

Rows = NDArray[Any]  # T x F, or F of one row

_FIRST_LOOK = 32  # rows drawn before it is first looked how long they last
_LOOKED_AGAIN = 1.25  # times as many rows, each time
_ROWS_A_SECOND = 100  # more than music has, in encodings whose rows don't say how long they last
_LEAST_LIMIT = 500


def rows_of(encoding: Encoding, phrase: Phrase) -> Rows:
    """A phrase as a model reads it: symbols in int64, rolls in bytes, real numbers in float32."""
    tokens = encoding.encode(phrase)
    if tokens.dtype.kind == "f":
        return tokens.astype(np.float32)
    return tokens.astype(np.uint8 if tokens.dtype.itemsize == 1 else np.int64)


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
        rows = stacked(islice(drawn, min(wanted, length.rows or wanted)), prompt)
        is_short = len(rows) < wanted
    else:
        rows, is_short = _until_long_enough(encoding, prompt, iter(drawn), until, length.most_rows)
    whole = encoding.decode(np.concatenate([prompt, changed(rows)]))
    whole = whole if until is None else cut_at(whole, until)
    heard_notes, new_notes = parted(whole.notes, heard_phrase.notes)
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
        made = stacked(rows, prompt)
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


def stacked(rows: Iterable[Rows], like: Rows) -> Rows:
    """Rows one after another; none are of the kind of `like`."""
    rows = list(rows)
    return np.stack(rows) if rows else like[:0]


def parted(notes: tuple[Note, ...], prompt: tuple[Note, ...]) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
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
