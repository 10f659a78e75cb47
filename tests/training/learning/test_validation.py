"""Held-out loss is that of reading each piece row by row, whatever lanes and windows it was read in;
nothing that fills up a window counts."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from evaluation.scoring.likelihood import WIDTH_NATS
from evaluation.scoring.unknown import MOST_UNKNOWN
from music.settings import SettingError
from music.tokens.scales import GAPS
from pieces.music import Music, Rows
from tests.support.corpora import Pieces
from tests.support.recipes import ALONE, home_in, small_recipe_of
from training.feeds.chosen import Beginning
from training.learning.learner import Learner
from training.learning.validation import held_out_loss, validated
from training.models.model import Model
from training.run import Places, begin_run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return home_in(tmp_path_factory.mktemp("home"))


_NUMBERS = itertools.count()


def run_of(home: Places, kind: str, changes: dict[str, Any] | None = None) -> Learner:
    """A run that has not learnt yet, whose dropout would be heard."""
    dropout = {} if kind in ("rbm", "biaxial") else {"model.trunk.dropout": 0.4}
    recipe = small_recipe_of(kind, dropout | dict(changes or {}))
    learner = begin_run(recipe, f"run{next(_NUMBERS)}", home, ALONE)
    learner.model.eval()
    return learner


@torch.no_grad()
def by_hand(model: Model, music: Music, lengths: list[int], is_given: bool = False) -> np.ndarray[Any, Any]:
    """The mean surprise by part: piece by piece, row by row, the state carried;
    the first rows of each piece alone."""
    nats = []
    model.eval()
    for number, length in enumerate(lengths):
        rows = torch.from_numpy(music.rows(number, 0, length))
        if not is_given:
            rows = torch.cat([torch.tensor([model.begin_row], dtype=rows.dtype), rows])
        state = model.silent_state(1)
        for before, after in itertools.pairwise(rows):
            read, state = model.step(before[None], state)
            nats.append(model.surprise(read, after[None, None])[0, 0])
    return torch.stack(nats).double().mean(0).numpy()


def pieces_as_read(model: Model, music: Music) -> Iterator[np.ndarray[Any, Any]]:
    """Each piece whole, after the row that a model reads before it."""
    for number in range(len(music)):
        rows = music.rows(number, 0, music.length(number))
        yield np.concatenate([np.array([model.begin_row], rows.dtype), rows])


LENGTHS = (7, 30, 1, 22, 15, 7, 8, 6, 29, 3, 2, 14, 21, 11, 5, 9, 13, 4)  # more than lie side by side


def uneven(learner: Learner) -> Music:
    """Pieces of several lengths, so that lanes end at different windows."""
    return Beginning(learner.pieces, LENGTHS)


class Resting(Beginning):
    """The same pieces with long rests, whose gaps stand for several lengths."""

    def rows(self, number: int, begin: int, end: int) -> Rows:
        rows = super().rows(number, begin, end).copy()
        rows[:, 0] = np.where(np.arange(begin, begin + len(rows)) % 10 == 9, GAPS - 1, rows[:, 0])
        return rows


def whole(music: Music) -> list[int]:
    return [music.length(number) for number in range(len(music))]


CARRIED = {"kind": "lanes", "lanes": 4, "window": 7, "carry": True}
KINDS = [
    ("event", {}),
    ("note", {}),
    ("symbol", {"data.feed": CARRIED}),
    ("step", {"data.feed": CARRIED}),
    ("roll", {"model.strikes": True}),
]


@pytest.mark.parametrize(("kind", "changes"), KINDS)
@pytest.mark.parametrize("is_given", [False, True])
def test_it_is_the_mean_over_all_rows_of_all_pieces(
    home: Places, kind: str, changes: dict[str, Any], is_given: bool
) -> None:
    learner = run_of(home, kind, changes | {"data.feed": CARRIED, "data.first_given": is_given})
    figures = held_out_loss(learner.model, learner.recipe, uneven(learner), ALONE.device, 0)
    expected = by_hand(learner.model, uneven(learner), whole(uneven(learner)), is_given)
    assert [figures["parts"][part] for part in learner.model.parts] == pytest.approx(expected, rel=1e-4)
    assert figures["loss"] == pytest.approx(expected.sum(), rel=1e-4)
    assert figures["rows"] == sum(whole(uneven(learner))) - is_given * len(uneven(learner))


def test_of_many_rows_the_beginnings_of_pieces_are_taken(home: Places) -> None:
    learner = run_of(home, "symbol", {"data.feed": CARRIED})
    music = uneven(learner)
    figures = held_out_loss(learner.model, learner.recipe, music, ALONE.device, 9 * len(music))
    lengths = [min(9, length) for length in LENGTHS]
    assert figures["rows"] == sum(lengths)
    assert figures["loss"] == pytest.approx(by_hand(learner.model, music, lengths).sum(), rel=1e-4)


def test_where_the_state_is_not_carried_each_window_starts_cold(home: Places) -> None:
    learner = run_of(home, "symbol", {"data.feed": CARRIED | {"carry": False}})
    music, model = uneven(learner), learner.model
    figures = held_out_loss(model, learner.recipe, music, ALONE.device, 0)
    nats = []
    with torch.no_grad():
        for rows in pieces_as_read(model, music):
            for first in range(0, len(rows) - 1, 7):
                window = torch.from_numpy(rows[first : first + 8])[None]
                read, _ = model(window[:, :-1], model.silent_state(1))
                nats.append(model.surprise(read, window[:, 1:]).flatten())
    assert figures["loss"] == pytest.approx(float(torch.cat(nats).mean()), rel=1e-4)
    assert figures["loss"] != pytest.approx(by_hand(model, music, whole(music)).sum(), rel=1e-6)


def test_windows_that_predict_their_last_row_are_read_so(home: Places) -> None:
    """Each row that has a whole window before it;
    of a piece shorter than that its last row, its first one repeated before it."""
    learner = run_of(home, "symbol")
    music, model, window = uneven(learner), learner.model, 12
    figures = held_out_loss(model, learner.recipe, music, ALONE.device, 0)
    nats = []
    with torch.no_grad():
        for rows in pieces_as_read(model, music):
            for last in range(min(window, len(rows) - 1), len(rows)):
                before = rows[max(last - window, 0) : last]
                filled = np.concatenate([np.repeat(before[:1], window - len(before), axis=0), before])
                read, _ = model(torch.from_numpy(filled)[None], model.silent_state(1), 1)
                nats.append(float(model.surprise(read, torch.from_numpy(rows[last])[None, None])))
    assert figures["rows"] == len(nats)
    assert figures["loss"] == pytest.approx(float(np.mean(nats)), rel=1e-4)


def test_of_windows_as_many_are_read_as_are_asked_for(home: Places) -> None:
    learner = run_of(home, "symbol")
    figures = held_out_loss(learner.model, learner.recipe, uneven(learner), ALONE.device, 13)
    assert figures["rows"] == 13
    feed = {"kind": "windows", "batch": 8, "window": 12, "predict": "all"}
    learner = run_of(home, "symbol", {"data.feed": feed})
    figures = held_out_loss(learner.model, learner.recipe, uneven(learner), ALONE.device, 0)
    assert figures["rows"] == sum(whole(uneven(learner)))  # nothing twice, nothing left out, no filling


def test_events_are_measured_in_nats_a_note_and_beside_it_by_field(home: Places) -> None:
    learner = run_of(home, "event")
    music = Resting.of(learner.held_out, 10**6)
    figures = validated(learner.model, learner.recipe, music, ALONE.device)
    assert figures["sentence"] == f"{figures['loss']:.3f} nats a note"
    by_field = sum(figures[f"{field}_nats_a_note"] for field in ("gap", "key", "velocity"))
    assert figures["loss"] == pytest.approx(by_field)
    each = 200 // len(music)
    events = np.concatenate([music.rows(number, 0, each) for number in range(len(music))])
    notes = int((events[:, 1] < 88).sum())
    assert (figures["notes"], figures["events"]) == (notes, len(events))
    expected = by_hand(learner.model, music, [each] * len(music)) * len(events) / notes
    assert figures["key_nats_a_note"] == pytest.approx(expected[1], rel=1e-4)
    assert figures["velocity_nats_a_note"] == pytest.approx(expected[2], rel=1e-4)
    widths = WIDTH_NATS[events[:, 0]].sum() / notes
    assert widths > 0
    assert figures["gap_nats_a_note"] == pytest.approx(expected[0] + widths, rel=1e-4)


@pytest.mark.parametrize("kind", ["event", "roll"])
def test_it_measures_without_dropout_and_leaves_the_model_as_it_was(home: Places, kind: str) -> None:
    learner = run_of(home, kind)
    learner.model.train()
    one, other = (
        validated(learner.model, learner.recipe, learner.held_out, ALONE.device)["loss"] for _ in range(2)
    )
    assert one == other
    assert learner.model.training
    assert all(weight.grad is None for weight in learner.model.parameters())


def test_a_machine_over_windows_is_measured_by_its_own_loss(home: Places) -> None:
    learner = run_of(home, "rbm")
    figures = validated(learner.model, learner.recipe, learner.held_out, ALONE.device)
    assert figures["sentence"] == f"{figures['loss']:.3f} loss a step"
    assert np.isfinite(figures["loss"])


def test_music_without_a_row_to_predict_is_refused(home: Places) -> None:
    learner = run_of(home, "roll", {"data.first_given": True})
    with pytest.raises(SettingError, match="no held-out piece has rows enough to be measured on"):
        held_out_loss(learner.model, learner.recipe, Pieces(1, 1), ALONE.device, 0)


@pytest.mark.parametrize("most", [3, 0])
def test_the_share_of_unknown_rows_stands_beside_the_loss(home: Places, most: int) -> None:
    changes = {"data.encoding": "chord", "data.most_symbols": most, "data.feed": CARRIED}
    learner = run_of(home, "symbol", changes)
    music = learner.pieces
    figures = held_out_loss(learner.model, learner.recipe, music, ALONE.device, 0)
    rows = np.concatenate([music.rows(number, 0, music.length(number)) for number in range(len(music))])
    assert figures["unknown"] == pytest.approx((rows == 0).mean())
    assert (figures["unknown"] > MOST_UNKNOWN) == bool(most)
    assert ("says little" in figures["sentence"]) == bool(most)
    assert ("raise data.most_symbols" in figures["sentence"]) == bool(most)
    assert "of the tokens are unknown" in figures["sentence"]


def test_where_all_symbols_are_known_that_were_learnt_more_of_them_are_no_remedy(home: Places) -> None:
    changes = {"data.encoding": "chord", "data.most_pieces": 1, "data.feed": CARRIED}
    learner = run_of(home, "symbol", changes)
    figures = held_out_loss(learner.model, learner.recipe, learner.held_out, ALONE.device, 0)
    assert figures["unknown"] > MOST_UNKNOWN
    assert figures["sentence"].endswith("so the loss says little: no piece that is learnt has them")


def test_without_a_symbol_for_the_unknown_there_is_no_share_of_it(home: Places) -> None:
    learner = run_of(home, "symbol")
    assert "unknown" not in held_out_loss(learner.model, learner.recipe, learner.pieces, ALONE.device, 100)
