"""What listeners did, in SQLite: rows are added and never changed, which the file itself forbids.

Every tap on the scale is a row, so that nothing is lost when a browser is closed; the last one before the
listener went on counts. A row that is sent twice has the same `sent` and is there once. Must not know what a
clip is, nor who plays.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from music.settings import SettingError

_TABLES = """
CREATE TABLE IF NOT EXISTS listeners (
    number INTEGER PRIMARY KEY AUTOINCREMENT, secret TEXT NOT NULL UNIQUE, synthetic INTEGER NOT NULL,
    at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS checks (
    listener INTEGER NOT NULL REFERENCES listeners, attempt INTEGER NOT NULL, answers TEXT NOT NULL,
    passed INTEGER NOT NULL, at REAL NOT NULL, UNIQUE (listener, attempt));
CREATE TABLE IF NOT EXISTS served (
    listener INTEGER NOT NULL REFERENCES listeners, clip TEXT NOT NULL, at REAL NOT NULL,
    UNIQUE (listener, clip));
CREATE TABLE IF NOT EXISTS ratings (
    listener INTEGER NOT NULL REFERENCES listeners, clip TEXT NOT NULL, value INTEGER NOT NULL,
    sent TEXT NOT NULL, at REAL NOT NULL, UNIQUE (listener, sent));
CREATE TABLE IF NOT EXISTS steps (
    listener INTEGER NOT NULL REFERENCES listeners, step TEXT NOT NULL, at REAL NOT NULL,
    UNIQUE (listener, step));
"""
_NAMES = ("listeners", "checks", "served", "ratings", "steps")
_FOR_EVER = "".join(
    f"CREATE TRIGGER IF NOT EXISTS {table}_{change} BEFORE {change} ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'ratings are added, never changed'); END;\n"
    for table in _NAMES
    for change in ("UPDATE", "DELETE")
)
_PATIENCE_S = 10.0  # until another server on the same folder has written


@dataclass(frozen=True, slots=True)
class Listener:
    """One who listens: a number, and the secret by which they are known again."""

    number: int
    secret: str
    synthetic: bool


class Ratings:
    """The file of one test's ratings; many threads and processes may use it."""

    def __init__(self, path: Path, *, synthetic: bool = False) -> None:
        self._synthetic = synthetic
        self._lock = Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file = sqlite3.connect(
                path, timeout=_PATIENCE_S, check_same_thread=False, isolation_level=None
            )
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = FULL")  # a power cut loses nothing that was answered
            self._file.executescript(_TABLES + _FOR_EVER)
        except sqlite3.DatabaseError as error:
            raise SettingError(f"{path}: no file of ratings ({error}); move it away") from None

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def join(self, secret: str, at: float) -> Listener:
        """A new listener; the same secret twice is the same listener."""
        row = (secret, int(self._synthetic), at)
        self._add("INSERT OR IGNORE INTO listeners (secret, synthetic, at) VALUES (?, ?, ?)", row)
        listener = self.listener(secret)
        assert listener is not None
        return listener

    def listener(self, secret: str) -> Listener | None:
        """Whose secret it is."""
        rows = self._rows("SELECT number, secret, synthetic FROM listeners WHERE secret = ?", secret)
        return next((Listener(number, known, bool(made)) for number, known, made in rows), None)

    def listeners(self) -> list[Listener]:
        """All of them."""
        rows = self._rows("SELECT number, secret, synthetic FROM listeners ORDER BY number")
        return [Listener(number, secret, bool(made)) for number, secret, made in rows]

    def checked(
        self, listener: Listener, attempt: int, answers: Sequence[int], at: float, *, passed: bool
    ) -> None:
        """The headphone check was answered; a second answer to the same attempt changes nothing."""
        row = (listener.number, attempt, " ".join(map(str, answers)), int(passed), at)
        self._add("INSERT OR IGNORE INTO checks VALUES (?, ?, ?, ?, ?)", row)

    def checks(self, listener: Listener) -> list[bool]:
        """Of each attempt whether it was passed."""
        rows = self._rows("SELECT passed FROM checks WHERE listener = ? ORDER BY attempt", listener.number)
        return [bool(passed) for (passed,) in rows]

    def served(self, listener: Listener, clip: str, at: float) -> None:
        """A clip was handed over; the first time counts."""
        self._add("INSERT OR IGNORE INTO served VALUES (?, ?, ?)", (listener.number, clip, at))

    def served_at(self, listener: Listener, clip: str) -> float | None:
        """When a clip was first handed over."""
        query = "SELECT at FROM served WHERE listener = ? AND clip = ?"
        return next((float(at) for (at,) in self._rows(query, listener.number, clip)), None)

    def rate(self, listener: Listener, clip: str, value: int, sent: str, at: float) -> None:
        """A tap on the scale; what was sent before changes nothing."""
        row = (listener.number, clip, value, sent, at)
        self._add("INSERT OR IGNORE INTO ratings VALUES (?, ?, ?, ?, ?)", row)

    def values(self, listener: Listener) -> dict[str, int]:
        """Of each clip that was rated the last value."""
        query = "SELECT clip, value FROM ratings WHERE listener = ? ORDER BY rowid"
        return {str(clip): int(value) for clip, value in self._rows(query, listener.number)}

    def went_on(self, listener: Listener, step: str, at: float) -> None:
        """A step is behind them."""
        self._add("INSERT OR IGNORE INTO steps VALUES (?, ?, ?)", (listener.number, step, at))

    def steps(self, listener: Listener) -> set[str]:
        """All steps behind them."""
        return {
            str(step) for (step,) in self._rows("SELECT step FROM steps WHERE listener = ?", listener.number)
        }

    def _add(self, statement: str, row: Sequence[object]) -> None:
        with self._writing():
            self._file.execute(statement, row)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._file.execute(query, values).fetchall()
