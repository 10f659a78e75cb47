"""Rows per second in training, by family, beside the bare layers of its trunk; and the memory that it takes.

What is measured is the trainer's own loop over a corpus. Before each of its steps one step of the floor and
one of the ready model (`benchmarks.learning.training_floors`) are taken and timed apart, so that whatever
else the machine does falls on all alike; figures are medians, and a ratio is the median of the rounds'
ratios.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.learning.data_memory import peak_of
from benchmarks.learning.training_floors import ReadyModel, floor_of
from benchmarks.material import performance
from commands.parts.places import add_corpus, refuse_old_name
from music.midi.files import write_midi
from music.settings import SettingError
from pieces.corpus import prepare
from pieces.music_sets import music_set
from training.feeds.feed import ALONE, Batch
from training.learning.learner import Learner
from training.learning.parallel import Company
from training.learning.train import learn
from training.recipes.recipe import Recipe, recipe_from
from training.run import Places, begin_run

_WARMING = 2  # steps that aren't counted
_MEMORY_STEPS = 30
_LANES = {"kind": "lanes", "lanes": 32, "window": 128}
_WINDOWS = {"kind": "windows", "batch": 64, "window": 32, "predict": "last"}
_STACK = {"layers": 2, "width": 256}


def _symbols(trunk: Mapping[str, Any], feed: Mapping[str, Any] = _LANES) -> dict[str, Any]:
    data = {"encoding": "performance", "feed": feed}
    return {"data": data, "model": {"kind": "symbol", "embedding": 128, "trunk": trunk}}


def _rolls(model: Mapping[str, Any], feed: Mapping[str, Any]) -> dict[str, Any]:
    return {"data": {"encoding": "roll", "feed": feed}, "model": model}


# each at the size of the recipes that use it
FAMILIES: dict[str, dict[str, Any]] = {
    "event": {"data": {"encoding": "event", "feed": _LANES}, "model": {"kind": "event"}},
    "note": {"data": {"encoding": "note", "feed": _LANES | {"window": 64}}, "model": {"kind": "note"}},
    "symbol lstm": _symbols({"kind": "lstm", **_STACK}),
    "symbol gru": _symbols({"kind": "gru", **_STACK}),
    "symbol rnn": _symbols({"kind": "rnn", **_STACK}),
    "symbol attention": _symbols({"kind": "attention", **_STACK}),
    "symbol ring": _symbols({"kind": "ring", **_STACK}),
    "symbol linear": _symbols({"kind": "linear", **_STACK}),
    "symbol conv-lstm": _symbols({"kind": "conv-lstm", **_STACK}),
    "symbol bidirectional": _symbols(
        {"kind": "bidirectional", "layers": 1, "width": 256, "window": 32}, _WINDOWS
    ),
    "step": {"data": {"encoding": "step", "feed": _WINDOWS | {"window": 25}}, "model": {"kind": "step"}},
    "roll sigmoid": _rolls({"kind": "roll", "trunk": {"kind": "lstm", **_STACK}}, _LANES | {"window": 64}),
    "roll nade": _rolls(
        {"kind": "roll", "head": "nade", "trunk": {"kind": "lstm", **_STACK}}, _LANES | {"window": 64}
    ),
    "biaxial": _rolls(
        {"kind": "biaxial", "time_layers": 1, "time_width": 128, "note_layers": 1, "note_width": 64},
        {"kind": "lanes", "lanes": 4, "window": 32},
    ),
    "rbm": _rolls({"kind": "rbm"}, _WINDOWS | {"window": 16}),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--family", nargs="+", default=list(FAMILIES), choices=FAMILIES, metavar="NAME",
        help=f"which ones (default: all): {', '.join(FAMILIES)}",
    )  # fmt: skip
    add_corpus(parser, "a prepared corpus (default: a made one)")
    refuse_old_name(parser, "--data", "--corpus FILE")
    parser.add_argument("--steps", type=int, default=20, help="steps that are counted (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of torch (default: %(default)s)")
    parser.add_argument(
        "--memory",
        action="store_true",
        help=f"instead: the peak memory of {_MEMORY_STEPS} steps in a fresh process, as a made corpus grows",
    )
    parser.add_argument(
        "--pieces", type=int, nargs="+", help="sizes of the made corpus (default: 30; --memory: 100 1000)"
    )
    parser.add_argument(
        "--notes", type=int, default=1000, help="notes in a made piece (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    if args.corpus and (args.memory or args.pieces):
        raise SettingError("--memory and --pieces make a corpus of their own; leave --corpus out")
    return _memory(args) if args.memory else _speeds(args)


def _speeds(args: argparse.Namespace) -> dict[str, Any]:
    torch.set_num_threads(args.threads)
    with _corpus(args.corpus, (args.pieces or [30])[0], args.notes) as corpus:
        families = {name: _speed(name, corpus, args.steps) for name in args.family}
    return {"threads": args.threads, "steps": args.steps, "families": families}


def _speed(family: str, corpus: Path, steps: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as runs:
        learner = _learner(family, corpus, Path(runs))
        beside = Beside(learner)
        learner.feed = beside
        learn(learner, lambda _: None, until=_WARMING + steps + 1)  # the last step's end isn't met
    return figures_of(learner.model.unit, beside.rounds[_WARMING:])


@dataclass(frozen=True, slots=True)
class Round:
    """One step of each, in seconds; how many rows the batch had, and how many of them were learnt from."""

    floor_s: float
    ready_s: float
    ours_s: float
    feed_s: float  # the part of ours in which the batch was fetched
    rows: int
    counted: int


class Beside:
    """A learner's feed that has the floor and the ready model take a step each time a batch is wanted.

    Our own step is timed from there on.
    """

    def __init__(self, learner: Learner) -> None:
        self._feed = feed = learner.feed
        self.lanes, self.batches_a_pass = feed.lanes, feed.batches_a_pass
        self.rounds: list[Round] = []
        self._last = feed.next()
        self._floor = floor_of(learner.model, self._last, learner.recipe.learning)
        self._ready = ReadyModel(learner.model, learner.recipe.learning)
        self._ends: Callable[[float], Round] | None = None

    @property
    def place(self) -> Any:
        """The feed's."""
        return self._feed.place

    def next(self) -> Batch:
        """The feed's; between the end of one step and the start of the next, the others have their turn."""
        if self._ends:
            self.rounds.append(self._ends(time.perf_counter()))
        self._ready.give(self._last)
        floor_s, ready_s = _seconds(self._floor.step), _seconds(self._ready.step)
        began = time.perf_counter()
        self._last = batch = self._feed.next()
        feed_s = time.perf_counter() - began
        rows, counted = batch.rows.shape[0] * batch.rows.shape[1], float(batch.counts.mean())
        self._ends = lambda now: Round(floor_s, ready_s, now - began, feed_s, rows, round(rows * counted))
        return batch


def _seconds(step: Callable[[], None]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def figures_of(unit: str, rounds: Sequence[Round]) -> dict[str, float]:
    """The figures, all of them medians.

    Rows that only fill a window up don't count as trained on; the floor has no such rows.
    """
    filled = sum(each.counted for each in rounds) / sum(each.rows for each in rounds)

    def a_second(seconds: Iterable[float]) -> float:
        return rounds[0].rows / median(seconds)

    ours_s = median(each.ours_s for each in rounds)
    return {
        f"{unit}s_a_second": rounds[0].rows * filled / ours_s,
        f"floor_{unit}s_a_second": a_second(each.floor_s for each in rounds),
        f"ready_{unit}s_a_second": a_second(each.ready_s for each in rounds) * filled,
        "times_floor": median(each.ours_s / each.floor_s for each in rounds) / filled,
        "times_ready": median(each.ours_s / each.ready_s for each in rounds),
        "feed_share": median(each.feed_s for each in rounds) / ours_s,
        "filled_share": filled,
    }


def _memory(args: argparse.Namespace) -> dict[str, Any]:
    sizes = {}
    for pieces in args.pieces or [100, 1000]:
        with _corpus(None, pieces, args.notes) as corpus:
            peaks = {name: peak_of(_learn, name, corpus, args.threads) for name in args.family}
            sizes[f"{pieces} pieces"] = peaks | {"corpus_mb": corpus.stat().st_size / 1e6}
    return {"steps": _MEMORY_STEPS, "notes in a piece": args.notes, "peak_mb": sizes}


def _learn(family: str, corpus: Path, threads: int) -> None:
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as runs:
        learn(_learner(family, corpus, Path(runs)), lambda _: None, until=_MEMORY_STEPS)


def _learner(family: str, corpus: Path, runs: Path) -> Learner:
    company = Company(ALONE, torch.device("cpu"))
    return begin_run(recipe_for(family, corpus.stem), "bench", Places(runs, corpus.parent), company)


def recipe_for(family: str, corpus: str) -> Recipe:
    """A run of that family on a corpus that neither ends nor is measured while the benchmark lasts."""
    tables = FAMILIES[family]
    endless = 1_000_000
    return recipe_from(
        {
            "about": "A benchmark.",
            "row": "",
            "takes": "",
            "data": {"corpora": [corpus], **tables["data"]},
            "model": tables["model"],
            "learning": {"steps": endless},
            "log": {"validate_every": endless, "save_every": endless},
        },
        family,
        {},
    )


@contextmanager
def _corpus(given: Path | None, pieces: int, notes: int) -> Iterator[Path]:
    """The corpus given, or one of so many made performances, gone afterwards."""
    if given is not None:
        if not given.is_file():
            raise SettingError(f"{given}: no corpus lies there; prepare one with antiphon data prepare")
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        music, corpus = Path(folder) / "music", Path(folder) / "made.safetensors"
        music.mkdir()
        for seed in range(pieces):
            write_midi(performance(seed, notes), music / f"{seed:06}.mid")
        prepare(music_set("made"), music, corpus, workers=1)
        yield corpus
