"""Analyses of listening tests, as `antiphon listening-test analyse` keeps them: found, read, or refused.

Those of a rehearsal, by listeners who are no people, say so. Knows the analysis' shape alone. Must not know
pages or charts, nor who rated what.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

from dashboard.kept import Kept
from dashboard.places import Places
from music.settings import SettingError

VERSION = 1
SYNTHETIC = "SYNTHETIC: a rehearsal by listeners who are no people; it says nothing about music"
_FILES = ("analysis.json", "synthetic/analysis.json")
_RATINGS = ("ratings.sqlite", "ratings.sqlite-wal")


@dataclass(frozen=True, slots=True)
class Rated:
    """One condition: its mean and where that lies with 95 %, how often each value came, and its place."""

    condition: str
    mean: float | None
    low: float | None
    high: float | None
    ratings: int
    listeners: int
    histogram: Mapping[int, int]
    place: int | None = None
    places: tuple[int, int] | None = None  # between which its place lies, 95 %
    first: float | None = None  # how likely it is the first of all

    def record(self) -> dict[str, Any]:
        """As a row of a table."""
        within = self.places
        return {
            "rank": self.place,
            "who plays, and how it is heard": self.condition,
            "mean": self.mean,
            "from": self.low,
            "to": self.high,
            "rank, 95 %": ""
            if within is None
            else f"{within[0]}"
            if within[0] == within[1]
            else f"{within[0]} to {within[1]}",
            "first of all %": None if self.first is None else 100 * self.first,
            "ratings": self.ratings,
            "listeners": self.listeners,
        }


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one listening test."""

    path: Path
    title: str
    scale: str
    synthetic: bool
    who: str  # rated, and who was left out, in words
    conditions: tuple[Rated, ...]  # the highest mean first
    pairs: tuple[Mapping[str, Any], ...]
    agreement: str

    @property
    def name(self) -> str:
        """By which it is chosen."""
        return f"{self.title}, a rehearsal" if self.synthetic else self.title

    @property
    def values(self) -> list[int]:
        """All answers of the scale."""
        return sorted({value for one in self.conditions for value in one.histogram})


def find_heard(places: Places) -> tuple[dict[str, Heard], list[str]]:
    """All analyses by where they lie, people's first; a sentence for each that can't be read."""
    found: dict[str, Heard] = {}
    troubles = []
    for folder in _tests_in(places.listening):
        for file in _FILES:
            path = folder / file
            if not path.is_file():
                continue
            try:
                found[path.relative_to(places.listening).as_posix()] = load_heard(path)
            except SettingError as why:
                troubles.append(str(why))
    return dict(sorted(found.items(), key=lambda item: item[1].synthetic)), troubles


def load_heard(path: Path) -> Heard:
    """The analysis in a file; one that can't be read is an error that says why."""
    return _ANALYSES.of(path)


def analysis_of(folder: Path) -> Path:
    """Where the analysis of people's ratings of a test lies; an error says how to make one."""
    path = folder / _FILES[0]
    if not path.is_file():
        raise SettingError(f"{path} is not there; `antiphon listening-test analyse {folder}` makes it")
    return path


def rated_since(heard: Heard) -> bool:
    """Whether somebody rated after the analysis was made."""
    made = heard.path.stat().st_mtime_ns if heard.path.exists() else 0
    ratings = (heard.path.parent / name for name in _RATINGS)
    return any(path.stat().st_mtime_ns > made for path in ratings if path.exists() and path.stat().st_size)


def _tests_in(place: Path) -> list[Path]:
    """The folder itself, if it is a test, and those within it."""
    try:
        folders = [place, *sorted(place.iterdir())]
        return [folder for folder in folders if (folder / "test.json").is_file()]
    except OSError:
        return []


def _read(path: Path, _: Heard | None) -> Heard:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table["version"] > VERSION:
            raise SettingError(f"{path}: made by a newer Antiphon: pip install --upgrade antiphon")
        ranking = {str(row["condition"]): row for row in table.get("ranking", ())}  # older ones have none
        conditions = [_rated(row, ranking.get(str(row["condition"]))) for row in table["conditions"]]
        if not all(one.histogram for one in conditions) or not conditions:
            raise ValueError("no condition, or one without a scale")
        conditions.sort(key=lambda one: (one.mean is None, -(one.mean or 0.0)))
        return Heard(
            path,
            str(table["title"]),
            str(table["scale"]),
            bool(table["synthetic"]),
            _who(table),
            tuple(conditions),
            tuple(map(_pair, table["pairs"])),
            _agreement(table),
        )
    except OSError as error:
        raise SettingError(f"{path}: can't be read: {error.strerror or error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise SettingError(
            f"{path}: no whole analysis ({what}); make it again with `antiphon listening-test analyse`"
        ) from None


def _rated(row: Mapping[str, Any], ranked: Mapping[str, Any] | None) -> Rated:
    low, high = row["interval"] or (None, None)
    rated = Rated(
        str(row["condition"]),
        _figure(row["mean"]),
        _figure(low),
        _figure(high),
        int(row["ratings"]),
        int(row["listeners"]),
        {int(value): int(count) for value, count in row["histogram"].items()},
    )
    if ranked is None:
        return rated
    places = (int(ranked["interval"][0]), int(ranked["interval"][1]))
    return replace(rated, place=int(ranked["place"]), places=places, first=float(ranked["likely"][0]))


def _figure(value: Any) -> float | None:
    if value is not None and not isfinite(value):
        raise ValueError("a figure is no number")
    return None if value is None else float(value)


def _who(table: Mapping[str, Any]) -> str:
    return (
        f"{int(table['joined'])} listeners joined, {int(table['counted'])} counted; left out: "
        f"{int(table['failed_check'])} failed the headphone check, {int(table['without_check'])} left before "
        f"its end, {int(table['without_ratings'])} rated nothing; {int(table['unfinished'])} of those "
        "counted left halfway"
    )


def _pair(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "one": str(row["first"]),
        "other": str(row["second"]),
        "ahead by": float(row["ahead"]),
        "listeners": int(row["listeners"]),
        "p": float(row["p"]),
        "p, corrected": float(row["corrected_p"]),
    }


def _agreement(table: Mapping[str, Any]) -> str:
    if table["agreement"] is None:
        return "How far listeners agree isn't known: too little was rated by two of them."
    return (
        f"Listeners agree by {float(table['agreement']):.2f} (Krippendorff's alpha; 1 is all, 0 chance) over "
        f"{int(table['agreement_clips'])} clips."
    )


_ANALYSES = Kept(_read, most_bytes=1 << 26)
