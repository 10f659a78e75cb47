"""A run on disk: what was asked, how it went, and the weights, so that it can be gone on from exactly.

`runs/NAME/` holds `run.json` (recipe, data with hashes and tiers, source commit), `curves.jsonl` (a line a measurement),
`model.safetensors` (the best weights so far) and `checkpoint/` (everything to go on from). No file is a pickle: reading a stranger's run
runs no code of his. A checkpoint is written beside the old one and then takes its place.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from music.settings import SettingError


class RunFolder:
    """The folder of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.model = path / "model.safetensors"

    @classmethod
    def new(cls, path: Path, told: Mapping[str, Any]) -> "RunFolder":
        """A new run; one that exists is never written over."""
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            raise SettingError(
                f"{path}: a run of that name exists; go on with it (--resume {path.name}) or say another --run"
            ) from None
        (path / "run.json").write_text(json.dumps(told, indent=2) + "\n")
        return cls(path)

    @classmethod
    def existing(cls, path: Path) -> "RunFolder":
        """A run that has been begun."""
        if not (path / "run.json").is_file():
            raise SettingError(f"{path}: no run lies there")
        return cls(path)

    @property
    def told(self) -> dict[str, Any]:
        """What was asked, and of which data."""
        path = self.path / "run.json"
        try:
            told: dict[str, Any] = json.loads(path.read_text())
        except ValueError as error:
            raise SettingError(f"{path}: damaged, so the run can't be read: {error}") from None
        return told

    def log(self, row: Mapping[str, Any]) -> None:
        """Add a measurement to the curves."""
        with (self.path / "curves.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")

    def curves(self) -> list[dict[str, Any]]:
        """Every measurement, in order."""
        path = self.path / "curves.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def forget_curves_after(self, step: int) -> None:
        """Drop measurements later than the checkpoint that is gone on from: they will be made again."""
        rows = [row for row in self.curves() if row["step"] <= step]
        (self.path / "curves.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def save_model(self, model: nn.Module) -> None:
        """Keep these weights as the run's result."""
        _save_tensors(dict(model.state_dict()), self.model)

    def save_checkpoint(
        self,
        model: nn.Module,
        optimiser: torch.optim.Optimizer,
        carried: Mapping[str, Tensor],
        place: Mapping[str, Any],
    ) -> None:
        """Everything that the next step depends on."""
        new, current, old = (self.path / name for name in ("checkpoint.new", "checkpoint", "checkpoint.old"))
        for leftover in (new, old):
            shutil.rmtree(leftover, ignore_errors=True)
        new.mkdir()
        _save_tensors(dict(model.state_dict()), new / "model.safetensors")
        _save_tensors(_flat(optimiser.state_dict()["state"]), new / "optimiser.safetensors")
        _save_tensors(dict(carried) | {"torch_rng": torch.get_rng_state()}, new / "carried.safetensors")
        (new / "place.json").write_text(json.dumps(place))
        if current.exists():
            current.rename(old)
        new.rename(current)
        shutil.rmtree(old, ignore_errors=True)

    def load_checkpoint(
        self, model: nn.Module, optimiser: torch.optim.Optimizer
    ) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The carried tensors and the place; weights, optimiser and random numbers are as they were."""
        folder = self._checkpoint()
        place: dict[str, Any] = json.loads((folder / "place.json").read_text())
        load_weights(model, folder / "model.safetensors")
        groups = optimiser.state_dict()["param_groups"]
        optimiser.load_state_dict(
            {"state": _nested(load_file(folder / "optimiser.safetensors")), "param_groups": groups}
        )
        carried = load_file(folder / "carried.safetensors")
        torch.set_rng_state(carried.pop("torch_rng"))
        return carried, place

    def _checkpoint(self) -> Path:
        for name in ("checkpoint", "checkpoint.old"):  # the old one, where a crash fell between two renames
            if (self.path / name / "place.json").exists():
                return self.path / name
        raise SettingError(
            f"{self.path}: it ended before its first checkpoint; begin anew under another --run"
        )


def load_weights(model: nn.Module, path: Path) -> None:
    """Put the weights of a file into a model; those of another model are an error that says what differs."""
    try:
        weights = load_file(path)
    except (SafetensorError, OSError) as error:
        raise SettingError(f"{path}: no weights can be read from it: {error}") from None
    wanted = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    given = {name: tuple(value.shape) for name, value in weights.items()}
    for name in sorted(wanted.keys() | given.keys()):
        if wanted.get(name) != given.get(name):
            raise SettingError(
                f"{path}: weights of another model: {name} is {given.get(name)}, where {wanted.get(name)} is meant"
            )
    model.load_state_dict(weights)


def _save_tensors(tensors: dict[str, Tensor], path: Path) -> None:
    unfinished = path.with_name(path.name + ".unfinished")
    save_file(
        {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}, unfinished
    )
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)


def _flat(state: Mapping[int, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    return {f"{number}.{name}": value for number, row in state.items() for name, value in row.items()}


def _nested(flat: Mapping[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    state: dict[int, dict[str, Tensor]] = {}
    for path, value in flat.items():
        number, name = path.split(".", 1)
        state.setdefault(int(number), {})[name] = value
    return state
