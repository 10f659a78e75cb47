"""The event model's step, worked out beforehand as far as it can be: what follows from the gap, the key or
the velocity alone is looked up.

In a graph of one call an operation costs more than what it computes. So all that a field brings stands in
one row of a table: what the trunk reads of it, which keys it changes, how far time moves on. Three rows are
fetched at once and cut into parts. Knows torch and the model. Must not know ONNX.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from music.listening.beat_time import BEAT_CELLS
from music.notes import KEYS
from music.tokens.scales import GAPS
from training.models import keyboard
from training.models.drawing import Choices
from training.models.event_model import BEGIN, VELOCITIES, EventModel, Read
from training.models.keyboard import KEY_CHANGES
from training.models.listening.listening import Listening, moved_on
from training.models.model import Model, State

_FIELD_SIZES = (GAPS, KEY_CHANGES + 1, VELOCITIES)
_FOR_EVER = 1e30  # cells: beyond every age
_Parts = dict[str, Tensor]  # of the rows of a field's table: rows x any width each


class TabledEvents(Model):
    """The same model, whose `live_step` looks up what it can; all else is the model's own."""

    rows: Tensor
    first_rows: Tensor
    clocks: Tensor
    places: Tensor
    portraits: Tensor

    def __init__(self, model: EventModel) -> None:
        super().__init__()
        self.model, self.settings = model, model.settings
        self.kind, self.unit = model.kind, model.unit  # type: ignore[misc]
        self.parts, self.listening = model.parts, model.listening
        with torch.no_grad():
            table, self._widths = _side_by_side(_of_gaps(model), _of_keys(model), _of_velocities(model))
            self.register_buffer("rows", table)
            if model.listening:
                self.register_buffer("clocks", _clocks())
                self.register_buffer("places", _places(model.listening))
                self.register_buffer("portraits", _portraits(model.listening))
        first = torch.tensor([0, *_FIELD_SIZES[:-1]]).cumsum(0)
        self.register_buffer("first_rows", first)

    @property
    def begin_row(self) -> tuple[float, ...]:
        """The model's."""
        return self.model.begin_row

    @property
    def layers_first(self) -> tuple[str, ...]:
        """The model's."""
        return self.model.layers_first

    def silent_state(self, lanes: int) -> State:
        """The model's."""
        return self.model.silent_state(lanes)

    def live_step(self, row: Tensor, state: State) -> tuple[Read, State]:
        """The model's step of one event (B x 3)."""
        part = self._looked_up(row)  # B x any width each
        sounding = (state["sounding"] + part["touched"]).clamp(0.0, 1.0)  # B x 88
        age = torch.minimum(state["age"] + part["cells"], part["oldest"])  # B x 88
        seen = [sounding, sounding * torch.log1p(age) * 0.25]  # as `keyboard.inputs`
        around: State = {"sounding": sounding, "age": age}
        if self.listening:
            heard, listening = self._heard(part, state)
            seen.append(heard)
            around |= listening
        remembered = {name: state[name] for name in self.model.trunk_states}
        reads = torch.cat([part["gap and key"], part["velocity"], *seen], -1)
        made, after = self.model.trunk.live_step(reads, remembered)  # B x width
        return Read(torch.cat([made, *seen], -1), sounding), after | around

    def _looked_up(self, row: Tensor) -> _Parts:
        found = functional.embedding(row + self.first_rows, self.rows)  # B x 3 x W
        widths = self._widths
        cut = torch.split(found.reshape(-1, 3 * self.rows.shape[1]), list(widths.values()), -1)
        return dict(zip(widths, cut, strict=True))

    def _heard(self, part: _Parts, state: State) -> tuple[Tensor, State]:
        """What is heard beside the events (B x 72), and the states that it needs; as `Listening` has it."""
        assert self.listening
        beat = state["beat"] * part["goes on"] + part["begins"] * part["has beat"]  # B x 1
        clock = torch.take(self.clocks, (state["clock"] + part["clocks"]).long())  # B x 1
        beside = functional.embedding(((1.0 + clock) * beat).long()[:, 0], self.places)  # B x 72
        heard = torch.addmm(beside, state["portrait"], self.portraits)
        return heard, {"clock": clock, "beat": beat, "portrait": state["portrait"]}

    def forward(self, rows: Tensor, state: State, last: int | None = None) -> tuple[Any, State]:
        """The model's."""
        read: tuple[Any, State] = self.model(rows, state, last)
        return read

    def surprise(self, read: Any, following: Tensor) -> Tensor:
        """The model's."""
        return self.model.surprise(read, following)

    def next_row(self, read: Any, choices: Choices) -> Tensor:
        """The model's."""
        return self.model.next_row(read, choices)


def _of_gaps(model: EventModel) -> _Parts:
    """What the trunk reads comes last, so that it stands beside the key's."""
    return {
        "cells": model.gap_lengths[:, None],
        "clocks": torch.arange(GAPS)[:, None].float() * BEAT_CELLS,
        "gap": model.gap_in.weight,
    }


def _of_keys(model: EventModel) -> _Parts:
    number, keys = torch.arange(KEY_CHANGES + 1)[:, None], torch.arange(KEYS)
    struck, let_go = (number == keys).float(), (number == keys + KEYS).float()
    begins = (number == BEGIN).float()
    return {
        "key": model.key_in.weight,
        "touched": struck - let_go,
        "oldest": _FOR_EVER * (1.0 - struck),
        "goes on": 1.0 - begins,
        "begins": begins,
    }


def _of_velocities(model: EventModel) -> _Parts:
    return {"velocity": model.velocity_in.weight, "has beat": torch.arange(VELOCITIES)[:, None].float()}


def _side_by_side(gaps: _Parts, keys: _Parts, velocities: _Parts) -> tuple[Tensor, dict[str, int]]:
    """The three fields' rows under one another, equally wide, and how wide each part is of three rows that
    stand beside one another."""
    wide = [torch.cat(list(parts.values()), 1) for parts in (gaps, keys, velocities)]
    width = max(table.shape[1] for table in wide)
    before, *after = [width - table.shape[1] for table in wide]
    rows = [functional.pad(wide[0], (before, 0))]
    rows += [functional.pad(table, (0, more)) for table, more in zip(wide[1:], after, strict=True)]
    widths = {"before": before} | {name: part.shape[1] for name, part in gaps.items()}
    widths["gap and key"] = widths.pop("gap") + keys["key"].shape[1]
    widths |= {name: part.shape[1] for name, part in keys.items() if name != "key"} | {"after key": after[0]}
    widths |= {name: part.shape[1] for name, part in velocities.items()} | {"after velocity": after[1]}
    return torch.cat(rows), {name: size for name, size in widths.items() if size}


def _clocks() -> Tensor:
    """The place in the beat after each gap from each place in it, a gap's places together."""
    gap, clock = torch.arange(GAPS)[:, None], torch.arange(BEAT_CELLS).float()[None]
    return moved_on(clock, keyboard.cells_of_gaps()[:, None], gap).flatten()


def _places(listening: Listening) -> Tensor:
    """What is heard of each place in the beat beside a portrait of nothing: one row for each."""
    of_place = listening.place_in.weight
    return torch.cat([listening.portrait_in.bias.expand(len(of_place), -1), of_place], 1)


def _portraits(listening: Listening) -> Tensor:
    """What a portrait adds to that: a row for each of its numbers."""
    return functional.pad(listening.portrait_in.weight.T, (0, listening.place_in.embedding_dim))
