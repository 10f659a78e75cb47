"""How a model does on held-out pieces: its mean surprise a row, by part, and how often the likeliest row is
the right one.

Nothing is added to the music: no row that fills up a window counts, and means are pooled over all rows of all
pieces. Must not know how it learnt.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from evaluation.scoring.held_out import beginnings
from evaluation.scoring.likelihood import likelihood
from evaluation.scoring.unknown import share_in_words
from music.settings import SettingError
from pieces.music import Music
from training.feeds.feed import Batch, after_begin
from training.feeds.lanes import LanesSettings
from training.feeds.windows import Windows
from training.models.event_model import EventModel
from training.models.event_scorer import EventScorer
from training.models.model import Model, State, begun, in_use, measure_of
from training.recipes.recipe import DataSettings, Recipe

_LANES = 16


def validated(model: Model, recipe: Recipe, music: Music, device: torch.device) -> dict[str, Any]:
    """The figures by name; `loss` is what is to fall, `sentence` says it in words."""
    with in_use(model):
        if isinstance(model, EventModel):
            return _of_events(model, music, recipe.log.validation_rows)
        return held_out_loss(model, recipe, music, device, recipe.log.validation_rows)


def _of_events(model: EventModel, music: Music, most: int) -> dict[str, Any]:
    figures = likelihood(EventScorer(model), beginnings(music, most)).record()
    loss = figures["nats_a_note"]
    return {"loss": loss, "sentence": f"{loss:.3f} nats a note", **figures}


@torch.no_grad()
def held_out_loss(
    model: Model, recipe: Recipe, music: Music, device: torch.device, most_rows: int
) -> dict[str, Any]:
    """Pieces from their beginnings, state carried;
    where the recipe learns from windows alone, windows spread over the pieces."""
    sums, counted, unknown_rows = np.zeros(len(model.parts)), 0, 0
    unknown = recipe.data.unfitted().unknown
    state: State = {}
    for batch in _batches(model, recipe, music, most_rows):
        rows, following, counts, begins = (torch.from_numpy(part).to(device) for part in batch)
        silent = model.silent_state(len(begins))
        state = begun(state, silent, begins) if not bool(begins.all()) else silent
        read, state = model(rows, state, counts.shape[1])
        surprise = model.surprise(read, following) * counts[..., None]
        sums += surprise.double().sum((0, 1)).cpu().numpy()
        counted += int(counts.sum())
        if unknown is not None:
            unknown_rows += int(((following[..., 0] == unknown) & counts.bool()).sum())
    if not counted:
        raise SettingError(
            "no held-out piece has rows enough to be measured on; prepare the corpus with more music"
        )
    means = sums / counted
    loss = float(means.sum())
    by_part = {part: float(mean) for part, mean in zip(model.parts, means, strict=True)}
    figures = {"loss": loss, "sentence": f"{loss:.3f} {measure_of(model)}", "parts": by_part, "rows": counted}
    if unknown is None:
        return figures
    return _with_unknown(figures, unknown_rows / counted, model.unit, recipe.data)


def _with_unknown(figures: dict[str, Any], share: float, unit: str, data: DataSettings) -> dict[str, Any]:
    """With the share of rows that are the symbol for what was not learnt, which lower the loss."""
    why = "raise data.most_symbols" if data.most_symbols else "no piece that is learnt has them"
    sentence = f"{figures['sentence']}; {share_in_words(share, unit, why)}"
    return figures | {"unknown": share, "sentence": sentence}


def _batches(model: Model, recipe: Recipe, music: Music, most_rows: int) -> Iterator[Batch]:
    begin = None if recipe.data.first_given else model.begin_row
    settings = recipe.data.feed
    if isinstance(settings, LanesSettings):
        return _whole_pieces(music, begin, settings, most_rows)
    return _windows(music, begin, settings, most_rows)


def _whole_pieces(
    music: Music, begin: tuple[float, ...] | None, settings: LanesSettings, most_rows: int
) -> Iterator[Batch]:
    """The beginning of each piece, some `most_rows` rows in all, in lanes of pieces of like length."""
    each = max(most_rows // max(len(music), 1), 2) if most_rows else None
    lengths = [min(music.length(number), each or music.length(number)) for number in range(len(music))]
    longest_first = sorted(range(len(music)), key=lambda number: -lengths[number])
    for first in range(0, len(longest_first), _LANES):
        lanes = [
            number for number in longest_first[first : first + _LANES] if lengths[number] > (begin is None)
        ]
        if lanes:
            yield from _side_by_side(
                [_read(music, number, lengths[number], begin) for number in lanes], settings
            )


def _read(music: Music, number: int, length: int, begin: tuple[float, ...] | None) -> np.ndarray[Any, Any]:
    return after_begin(begin, music.rows(number, 0, length))


def _side_by_side(pieces: list[np.ndarray[Any, Any]], settings: LanesSettings) -> Iterator[Batch]:
    """Windows of pieces, the longest first; a lane that has ended is filled up and not counted."""
    for begin in range(0, len(pieces[0]) - 1, settings.window):
        end = min(begin + settings.window, len(pieces[0]) - 1)
        places = np.arange(begin, end + 1)
        cut = np.stack([rows[np.minimum(places, len(rows) - 1)] for rows in pieces])
        counts = np.stack([places[1:] < len(rows) for rows in pieces])
        yield Batch(cut[:, :-1], cut[:, 1:], counts, np.full(len(pieces), begin == 0 or not settings.carry))


def _windows(music: Music, begin: tuple[float, ...] | None, settings: Any, most_rows: int) -> Iterator[Batch]:
    feed = Windows(
        music, begin, replace(settings, hop=1 if settings.predict == "last" else settings.window), seed=0
    )
    each = 1 if settings.predict == "last" else settings.window
    wanted = min(feed.windows, max(most_rows // each, 1)) if most_rows else feed.windows
    for done in range(0, wanted, settings.batch):
        batch = feed.next()
        left = min(settings.batch, wanted - done)
        yield Batch(*(part[:left] for part in batch))
