"""How well our difficulty agrees with that of a list of pieces: `difficulty.csv` and its music.

The list says set, path, score and level of each piece. By a hash of its path, each piece belongs to the half
on which the weights in `pieces.difficulty` were fitted, or to the half held out; the fit is done again and
its weights printed, so that those there can be checked. Agreement is Spearman's rank correlation of the
scores, and how often the levels are equal.
"""

import argparse
import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from commands.parts.places import add_music
from music.midi.files import MidiFileError, read_phrase
from pieces.difficulty import LEVEL_STARTS, WEIGHTS, Difficulty, difficulty

LIST = "difficulty.csv"
LEVELS = len(LEVEL_STARTS) + 1


@dataclass(frozen=True, slots=True)
class Judged:
    """A piece of the list: what it says, and what we say."""

    of_set: str
    path: str
    score: float
    level: int
    ours: Difficulty

    @property
    def is_held_out(self) -> bool:
        """Whether the weights have not seen it."""
        return crc32(self.path.encode()) % 2 == 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_music(parser, f"a folder with {LIST} and the music it names", required=True)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The correlations, the levels against each other, and the weights as fitted again."""
    judged, unread = _judged(args.music)
    if not judged:
        raise FileNotFoundError(f"none of the pieces in {args.music / LIST} could be read")
    held_out = [piece for piece in judged if piece.is_held_out]
    return {
        "pieces": len(judged),
        "unread": len(unread),
        **({"unread_because": unread} if unread else {}),
        "rank_correlation": _by_set(judged),
        "rank_correlation_held_out": _by_set(held_out),
        "same_level_percent": _same_level(judged),
        "same_level_held_out_percent": _same_level(held_out),
        "further_than_one_level_percent": 100
        * float(np.mean([abs(piece.level - piece.ours.level) > 1 for piece in judged])),
        "levels_theirs_by_ours": _confusion(judged),
        "weights": asdict(WEIGHTS),
        "weights_fitted_again": _fitted([piece for piece in judged if not piece.is_held_out]),
    }


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's: the correlation of the ranks, equal values sharing theirs; 0 where one doesn't vary."""
    if len(set(one)) < 2 or len(set(other)) < 2:
        return 0.0
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _judged(folder: Path) -> tuple[list[Judged], list[str]]:
    judged, unread = [], []
    for row in _rows(folder / LIST):
        try:
            ours = difficulty(read_phrase(folder / row["path"], pedal="keep"))
        except (MidiFileError, OSError) as error:
            unread.append(f"{row['path']}: {error}")
            continue
        judged.append(Judged(row["set"], row["path"], float(row["score"]), int(row["level"]), ours))
    return judged, unread


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if not path.exists():
        raise FileNotFoundError(f"no {path.name} in {path.parent}: give --music the folder that holds it")
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _by_set(judged: Sequence[Judged]) -> dict[str, float]:
    sets = {"all": list(judged)}
    for piece in judged:
        sets.setdefault(piece.of_set, []).append(piece)
    return {
        name: rank_correlation([piece.score for piece in pieces], [piece.ours.score for piece in pieces])
        for name, pieces in sets.items()
    }


def _same_level(judged: Sequence[Judged]) -> float:
    return 100 * float(np.mean([piece.level == piece.ours.level for piece in judged]))


def _confusion(judged: Sequence[Judged]) -> dict[str, str]:
    """For each level of theirs, how many pieces we put into levels 1 to 4."""
    counts = np.zeros((LEVELS, LEVELS), int)
    for piece in judged:
        counts[piece.level - 1, piece.ours.level - 1] += 1
    return {
        f"level {level + 1}": " ".join(f"{count:4d}" for count in row) for level, row in enumerate(counts)
    }


def _fitted(judged: Sequence[Judged]) -> dict[str, float]:
    features: NDArray[Any] = np.array([[*piece.ours.features.record().values(), 1.0] for piece in judged])
    weights, *_ = np.linalg.lstsq(features, np.array([piece.score for piece in judged]), rcond=None)
    return dict(zip([*asdict(WEIGHTS), "starting_from"], map(float, weights), strict=True))


def _ranks(values: Sequence[float]) -> NDArray[Any]:
    _, place, count = np.unique(np.array(values), return_inverse=True, return_counts=True)
    highest: NDArray[Any] = np.cumsum(count)
    return (highest - (count - 1) / 2)[place]
