"""A run on disk: what was asked, how it went, and the weights, so that it can be gone on from exactly.

`runs/NAME/` holds `run.json` (recipe, data with hashes and tiers, source commit), `vocabulary.json` (where
one was learnt), `curves.jsonl` (a line a measurement), `model.safetensors` (the best weights so far) and
`checkpoint/` (everything to go on from). No file is a pickle: reading a stranger's run runs no code of his. A
checkpoint is written beside the old one and then takes its place.
"""

import json
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from music.file_names import LONGEST_NAME, is_one_line
from music.settings import SettingError, right_ones
from music.whole_file import NO_ROOM, whole, write_whole
from training.recipes.precision import Precision


class RunFolder:
    """The folder of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.model = path / "model.safetensors"

    @classmethod
    def new(cls, path: Path, record: Mapping[str, Any]) -> "RunFolder":
        """A new run; one that exists is never written over."""
        cls.check_is_free(path)
        path.mkdir(parents=True)
        folder = cls(path)
        folder._write_record(record)
        return folder

    @staticmethod
    def check_is_free(path: Path) -> None:
        """An error where a run can't be begun: there is one, or what is made of it could have no name."""
        if not is_one_line(path.name):
            raise SettingError(
                f"{path.name[:40]!r} is no name for a run, as files are called by it: up to {LONGEST_NAME} "
                "bytes in one line; say another --run"
            )
        if not path.exists():
            return
        if (path / "run.json").is_file() and not any(path.glob("checkpoint*/place.json")):
            raise SettingError(
                f"{path}: a run of that name ended before its first checkpoint; delete its folder or say "
                "another --run"
            )
        raise SettingError(
            f"{path}: a run of that name exists; go on with it (--resume {shlex.quote(path.name)}) or say "
            "another --run"
        )

    @classmethod
    def existing(cls, path: Path) -> "RunFolder":
        """A run that has been begun."""
        if not (path / "run.json").is_file():
            others = [run.parent.name for run in sorted(path.parent.glob("*/run.json"))]
            raise SettingError(f"{path}: no run lies there; {right_ones(path.name, others)}")
        return cls(path)

    def _write_record(self, record: Mapping[str, Any]) -> None:
        write_whole(self.path / "run.json", json.dumps(record, indent=2) + "\n")

    @property
    def record(self) -> dict[str, Any]:
        """What was asked, and of which data: `run.json`."""
        path = self.path / "run.json"
        try:
            record: dict[str, Any] = json.loads(path.read_text())
        except ValueError as error:
            raise SettingError(f"{path}: damaged, so the run can't be read: {error}") from None
        if not isinstance(record, dict):
            raise SettingError(f"{path}: damaged, so the run can't be read: no names with values are in it")
        return record

    def precisions(self) -> list[tuple[int, Precision]]:
        """What products were reckoned in, each with the step that it was taken up at."""
        record = self.record  # a run of before this was recorded was in what it asked for
        first = {"step": 0, "precision": record["recipe"].get("learning", {}).get("precision", "float32")}
        return [(row["step"], row["precision"]) for row in record.get("precisions", [first])]

    def note_precision(self, step: int, precision: Precision) -> None:
        """Record what products are reckoned in from this step on."""
        before = self.precisions()
        rows = [row for row in before if row[0] < step]
        if not rows or rows[-1][1] != precision:
            rows.append((step, precision))
        if rows != before:
            self._write_record(self.record | {"precisions": precision_rows(rows)})

    def note_corpora(self, corpora: Path) -> None:
        """Record where its corpora lie from now on."""
        if self.record.get("corpora") != str(corpora.absolute()):
            self._write_record(self.record | {"corpora": str(corpora.absolute())})

    def save_vocabulary(self, learnt: Sequence[str]) -> None:
        """Keep the symbols that an open vocabulary learnt; none is no file."""
        if learnt:
            write_whole(self.path / "vocabulary.json", json.dumps(list(learnt)))

    def vocabulary(self) -> list[str]:
        """The symbols that were learnt."""
        path = self.path / "vocabulary.json"
        try:
            symbols: list[str] = json.loads(path.read_text()) if path.exists() else []
        except ValueError as error:
            raise SettingError(f"{path}: damaged, so the run can't be read: {error}") from None
        if not isinstance(symbols, list) or not all(isinstance(symbol, str) for symbol in symbols):
            raise SettingError(f"{path}: damaged, so the run can't be read: it is no list of symbols")
        return symbols

    def log(self, row: Mapping[str, Any]) -> None:
        """Add a measurement to the curves."""
        path = self.path / "curves.jsonl"
        with self._refusing_unwritten(path), path.open("a") as file:
            file.write(json.dumps(row) + "\n")

    def curves(self) -> list[dict[str, Any]]:
        """Every measurement, in order; a last line that a crash cut short is none."""
        path = self.path / "curves.jsonl"
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        try:
            return [json.loads(line) for line in lines if line.endswith("\n")]
        except ValueError as error:
            raise SettingError(f"{path}: damaged: {error}; mend that line, or take it out") from None

    def forget_curves_after(self, step: int) -> None:
        """Drop measurements later than the checkpoint that is gone on from: they will be made again."""
        rows = [row for row in self.curves() if row["step"] <= step]
        path = self.path / "curves.jsonl"
        with self._refusing_unwritten(path):
            write_whole(path, "".join(json.dumps(row) + "\n" for row in rows))

    def save_model(self, model: nn.Module) -> None:
        """Keep these weights as the run's result."""
        with self._refusing_unwritten(self.model):
            _save_tensors(model.state_dict(), self.model)

    def save_snapshot(self, step: int, model: nn.Module) -> None:
        """Keep the weights of this step as a stage of learning, whatever comes after."""
        path = self.path / "snapshots" / f"{step:09}.safetensors"
        with self._refusing_unwritten(path):
            path.parent.mkdir(exist_ok=True)
            _save_tensors(model.state_dict(), path)

    def snapshots(self) -> dict[int, Path]:
        """The stages that were kept, by their steps."""
        return {int(path.stem): path for path in sorted((self.path / "snapshots").glob("*.safetensors"))}

    def save_checkpoint(self, parts: Mapping[str, Mapping[str, Tensor]], place: Mapping[str, Any]) -> None:
        """Everything that the next step depends on: tensors by part, and a place that JSON can hold."""
        new, current, old = (self.path / name for name in ("checkpoint.new", "checkpoint", "checkpoint.old"))
        if old.exists() and not current.exists():  # a crash fell between two renames: it is all there is
            old.rename(current)
        for leftover in (new, old):
            shutil.rmtree(leftover, ignore_errors=True)
        try:
            with self._refusing_unwritten(new):
                new.mkdir()
                for part, tensors in parts.items():
                    _save_tensors(tensors, new / f"{part}.safetensors")
                write_whole(new / "place.json", json.dumps({**place, "parts": list(parts)}))
        except SettingError:
            shutil.rmtree(new, ignore_errors=True)
            raise
        if current.exists():
            current.rename(old)
        new.rename(current)
        shutil.rmtree(old, ignore_errors=True)

    def load_checkpoint(self) -> tuple[dict[str, dict[str, Tensor]], dict[str, Any]]:
        """The tensors by part, and the place."""
        folder = self._checkpoint()
        if folder is None:
            raise SettingError(
                f"{self.path}: it ended before its first checkpoint; begin anew under another --run"
            )
        parts: dict[str, dict[str, Tensor]] = {}
        try:
            place: dict[str, Any] = json.loads((folder / "place.json").read_text())
            for part in place["parts"]:
                parts[part] = tensors_in(folder / f"{part}.safetensors")
        except (ValueError, KeyError, TypeError) as error:
            raise SettingError(
                f"{folder}: damaged, so it can't be gone on from: {error}; begin a new run with --init "
                f"{self.model}"
            ) from None
        return parts, place

    @property
    def has_checkpoint(self) -> bool:
        """Whether it can be gone on with."""
        return self._checkpoint() is not None

    def _checkpoint(self) -> Path | None:
        for name in ("checkpoint", "checkpoint.old"):  # the old one, where a crash fell between two renames
            if (self.path / name / "place.json").exists():
                return self.path / name
        return None

    @contextmanager
    def _refusing_unwritten(self, path: Path) -> Iterator[None]:
        """A file that can't be written is an error that says what to do."""
        try:
            yield
        except (OSError, SafetensorError) as error:
            is_full = isinstance(error, SafetensorError) or error.errno in NO_ROOM
            first = "make room, then" if is_full else "mend that, then"
            left = (
                f"what was saved before stands: {first} go on from there (antiphon train --resume "
                f"{shlex.quote(self.path.name)})"
                if self.has_checkpoint
                else f"nothing had been saved before: {first} begin anew under another --run"
            )
            raise SettingError(f"{path}: can't be written: {error}; {left}") from None


def precision_rows(rows: Sequence[tuple[int, Precision]]) -> list[dict[str, Any]]:
    """What products were reckoned in from which step on, as JSON has it."""
    return [{"step": step, "precision": precision} for step, precision in rows]


def load_weights(model: nn.Module, path: Path) -> None:
    """Put the weights of a file into a model; those of another model are an error that says what differs, as
    are broken ones."""
    weights = tensors_in(path)
    put_weights(model, weights, path)
    if not all(bool(torch.isfinite(value).all()) for value in weights.values()):
        raise SettingError(f"{path}: its weights are broken (not all are finite numbers); train it anew")


def put_weights(model: nn.Module, weights: Mapping[str, Tensor], path: Path) -> None:
    """Put weights, which come from this file, into a model."""
    wanted = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    given = {name: tuple(value.shape) for name, value in weights.items()}
    for name in sorted(wanted.keys() | given.keys()):
        if wanted.get(name) != given.get(name):
            raise SettingError(
                f"{path}: weights of another model: {name} is {given.get(name)}, where "
                f"{wanted.get(name)} is meant"
            )
    model.load_state_dict(dict(weights))


def tensors_in(path: Path) -> dict[str, Tensor]:
    """The tensors of a file; only safetensors are read, which can hold no code."""
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise SettingError(f"{path}: no weights can be read from it: {error}") from None


def _save_tensors(tensors: Mapping[str, Tensor], path: Path) -> None:
    with whole(path) as unfinished:
        unfinished.touch()
        mode = unfinished.stat().st_mode
        save_file(
            {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}, unfinished
        )
        unfinished.chmod(mode)  # safetensors keeps what it writes from all others


def flat_state(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """An optimiser's memory as tensors by name."""
    state = optimiser.state_dict()["state"]
    return {f"{number}.{name}": value for number, row in state.items() for name, value in row.items()}


def put_state(optimiser: torch.optim.Optimizer, flat: Mapping[str, Tensor]) -> None:
    """Give an optimiser its memory back."""
    state: dict[int, dict[str, Tensor]] = {}
    for path, value in flat.items():
        number, name = path.split(".", 1)
        state.setdefault(int(number), {})[name] = value
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": state, "param_groups": groups})
