"""A run's curves: each measurement by step, as far as they were written, and where they ceased to be numbers.

Columns of numbers, for a row as a table takes ten times the memory. A file that grew is read on from where it
was left. Must not know what a run is.
"""

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, nan
from pathlib import Path
from typing import Any, overload

CurveRow = Mapping[str, Any]
OF_TRAIN = ("step", "loss", "rate", "rows_a_second", "rows", "seconds")
_SINCE_THE_LAST = ("rows", "seconds")  # of a row on train music; older runs don't say them
DIVERGED = "diverged"  # the kind of the row with which training says that it stopped for want of a number
_NAMES_BEFORE = {  # of runs of long ago, when all models were of events
    "train": {"loss": "nats_an_event", "rows_a_second": "events_a_second"},
    "validation": {"loss": "nats_a_note"},
}
MOST_STEPS = 2**53  # beyond, no column of numbers tells one step from the next
_TAIL_BYTES = 200  # a row or two: by them a file that grew is known from one that was written anew


class Columns(Sequence[CurveRow]):
    """Rows with the same names, each a number; `step` is a whole one."""

    __slots__ = ("_columns", "_names")

    def __init__(self, names: Sequence[str], columns: Sequence["array[float]"] | None = None) -> None:
        self._names = tuple(names)
        self._columns = tuple(columns or (array("d") for _ in names))

    def with_rows(self, rows: Sequence[CurveRow]) -> "Columns":
        """These, and rows after them; a value that is no number is an error."""
        added = [array("d", [_value(row, name) for row in rows]) for name in self._names]
        if not all(abs(step) <= MOST_STEPS for step in added[self._names.index("step")]):
            raise ValueError("a step is no number")
        return Columns(self._names, [one + other for one, other in zip(self._columns, added, strict=True)])

    def column(self, name: str) -> Sequence[float]:
        """One value of each row."""
        return self._columns[self._names.index(name)]

    def __len__(self) -> int:
        return len(self._columns[0])

    @overload
    def __getitem__(self, place: int) -> CurveRow: ...
    @overload
    def __getitem__(self, place: slice) -> "Columns": ...
    def __getitem__(self, place: int | slice) -> "CurveRow | Columns":
        if isinstance(place, slice):
            return Columns(self._names, [column[place] for column in self._columns])
        return self._row([column[place] for column in self._columns])

    def __iter__(self) -> Iterator[CurveRow]:
        return map(self._row, zip(*self._columns, strict=True))

    def _row(self, values: Iterable[float]) -> CurveRow:
        row = dict(zip(self._names, values, strict=True))
        return row | {"step": int(row["step"])}


def _value(row: CurveRow, name: str) -> float:
    value: float = row.get(name, nan) if name in _SINCE_THE_LAST else row[name]
    return value


@dataclass(frozen=True, slots=True)
class Curves:
    """Measurements on train and held-out music; `diverged_at` is the first step whose loss is no number."""

    train: Columns = field(default_factory=lambda: Columns(OF_TRAIN))
    validation: Sequence[CurveRow] = ()
    diverged_at: int | None = None
    end: int = 0  # how many bytes of the file these are
    tail: bytes = b""  # the last of them

    @property
    def done(self) -> int:
        """The last step that was written down."""
        return max((int(row["step"]) for row in (*self.train[-1:], *self.validation[-1:])), default=0)


def read_curves(path: Path, before: Curves | None = None) -> Curves:
    """All whole lines of a file, which need not be there; `before` is what it said when it was shorter."""
    try:
        with path.open("rb") as file:
            known = Curves() if before is None else before
            file.seek(known.end - len(known.tail))
            if file.read(len(known.tail)) != known.tail:  # another file, or written anew
                file.seek(0)
                known = Curves()
            return _gone_on(known, file.read())
    except FileNotFoundError:
        return Curves()


def _gone_on(known: Curves, text: bytes) -> Curves:
    """With the whole lines of a text; the last may be half-written at this moment."""
    lines = text[: text.rfind(b"\n") + 1]
    if not lines:
        return known
    train, held_out, stopped = _rows_by_kind(lines)
    for row in held_out:
        _check(row)
    lost = [int(row["step"]) for row in (*train, *held_out) if not isfinite(row["loss"])]
    lost += [int(row["step"]) for row in stopped]
    return Curves(
        known.train.with_rows(train),
        (*known.validation, *held_out),
        min(lost, default=None) if known.diverged_at is None else known.diverged_at,
        known.end + len(lines),
        (known.tail + lines)[-_TAIL_BYTES:],
    )


def _check(row: dict[str, Any]) -> None:
    """An error unless what a measurement on held-out pieces must have is there; losses become reals."""
    if not abs(row["step"]) <= MOST_STEPS:
        raise ValueError("a step is no number")
    row["loss"] = float(row["loss"])
    if "nats_an_event" in row:
        row["nats_an_event"] = float(row["nats_an_event"])


def _rows_by_kind(lines: bytes) -> Iterable[list[dict[str, Any]]]:
    """Rows on train music, on held-out pieces, and of having stopped."""
    # Read in one go, which is several times as fast as line by line; an error names the line all the same.
    rows = json.loads("[" + lines.decode().rstrip("\n").replace("\n", ",\n") + "]")
    kinds: dict[str, list[dict[str, Any]]] = {"train": [], "validation": [], DIVERGED: []}
    for row in rows:
        if (kind := row.get("kind")) in kinds:
            kinds[kind].append(row)
    for kind, names in _NAMES_BEFORE.items():
        for row in kinds[kind]:
            if "loss" not in row:
                row.update({now: row[then] for now, then in names.items() if now not in row and then in row})
    return kinds.values()
