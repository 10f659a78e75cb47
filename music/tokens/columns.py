"""Columns of sounding pitches, each column one symbol: what `roll-token` and `chord` share.

A column is a set of pitches as bits. Knows how notes become columns and come back, how a column is named, and
what an encoding of columns is; must not know keys or frequencies.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from operator import xor

from music.notes import Note
from music.pedal import pitches_of
from music.phrase import each_key_once
from music.tokens.encoding import UNKNOWN, EncodingError, OpenEncoding, Tokens
from music.tokens.grid import HIGHEST_PITCH, Measure, Rounding, Span, rounded

REST = "rest"


@dataclass(frozen=True)
class ColumnEncoding(OpenEncoding):
    """An encoding with one token per column; each says for itself which columns, and at what pace they go."""

    def check_symbol(self, symbol: str) -> None:
        """An error unless the symbol names pitches."""
        column_named(symbol)

    def spans(self, tokens: Tokens, velocity: int) -> list[Span]:
        """The notes of tokens on the grid: a pitch in neighbouring columns is one note."""
        return spans_of(columns_named(self.names_of(tokens)), velocity)


def columns_of(notes: Iterable[Note], measure: Measure, per: float, rounding: Rounding) -> list[int]:
    """The sounding pitches of each frame until the last note ends; notes that round to no frame are lost."""
    toggles: dict[int, int] = {}
    last = 0
    for note, start, end in rounded(each_key_once(notes), measure, per, rounding):
        # A key sounds once at a time, so its end and its next start at one boundary cancel out: it sounds on.
        toggles[start] = toggles.get(start, 0) ^ (1 << note.pitch)
        toggles[end] = toggles.get(end, 0) ^ (1 << note.pitch)
        if end > start:
            last = max(last, end)
    return list(accumulate((toggles.get(frame, 0) for frame in range(last)), xor))


def spans_of(columns: Iterable[int], velocity: int) -> list[Span]:
    """The notes of columns: a pitch in neighbouring columns is one note."""
    spans: list[Span] = []
    started: dict[int, int] = {}
    before = 0
    for frame, column in enumerate((*columns, 0)):
        spans.extend(
            Span(started.pop(pitch), frame, pitch, velocity) for pitch in pitches_of(before & ~column)
        )
        for pitch in pitches_of(column & ~before):
            started[pitch] = frame
        before = column
    return spans


def name_of(column: int) -> str:
    """A column as a symbol: its pitches low to high, as in 60-64-67, or rest."""
    return "-".join(map(str, pitches_of(column))) or REST


def column_named(symbol: str) -> int:
    """The column that a symbol names."""
    if symbol == REST:
        return 0
    pitches = {int(part) for part in symbol.split("-") if part.isdecimal() and len(part) <= 3}
    column = sum(1 << pitch for pitch in pitches if pitch <= HIGHEST_PITCH)
    if name_of(column) != symbol:
        raise EncodingError(f"{symbol!r} names no pitches: write them low to high, as 60-64-67, or {REST}")
    return column


def columns_named(symbols: Iterable[str]) -> list[int]:
    """The columns that symbols name; through an unknown one, the column before it goes on."""
    known: dict[str, int] = {}
    columns: list[int] = []
    for symbol in symbols:
        if symbol == UNKNOWN:
            columns.append(columns[-1] if columns else 0)
            continue
        if symbol not in known:
            known[symbol] = column_named(symbol)
        columns.append(known[symbol])
    return columns
