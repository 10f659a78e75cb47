"""How often the likeliest symbol is the right one, averaged over symbols (row D5).

Precision and recall are averaged over the classes that occur or are said, each class alike, and F1 is that of
the two averages. Models of one symbol a row alone have classes. Must not know how a model learnt.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from music.settings import SettingError
from pieces.music import Music
from training.models.model import Model, in_use
from training.models.symbol_model import SymbolModel

_WINDOW = 256


def class_scores(model: Model, music: Music, most_rows: int) -> dict[str, float]:
    """Accuracy, precision, recall and F1 over some `most_rows` rows from the pieces' beginnings;
    0: over all of them."""
    if not isinstance(model, SymbolModel):
        raise SettingError("classes are of symbols: the measure 'classes' fits models of kind symbol alone")
    with in_use(model):
        true, said = (np.concatenate(parts) for parts in zip(*_pairs(model, music, most_rows), strict=True))
    return scores(true, said)


def scores(true: NDArray[np.int64], said: NDArray[np.int64]) -> dict[str, float]:
    """Of what was true and what was said instead, row by row."""
    classes = np.union1d(true, said)
    right = np.array([np.sum((true == one) & (said == one)) for one in classes])
    precision = float(np.mean(right / np.maximum([np.sum(said == one) for one in classes], 1)))
    recall = float(np.mean(right / np.maximum([np.sum(true == one) for one in classes], 1)))
    both = precision + recall
    return {
        "accuracy": float(np.mean(true == said)),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / both if both else 0.0,
    }


@torch.no_grad()
def _pairs(
    model: SymbolModel, music: Music, most_rows: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    device = next(model.parameters()).device
    each = max(most_rows // len(music), 1) if most_rows else None
    for number in range(len(music)):
        rows = music.rows(number, 0, min(each or music.length(number), music.length(number)))
        state, before = model.silent_state(1), np.array([model.begin_row], rows.dtype)
        for begin in range(0, len(rows), _WINDOW):
            window = rows[begin : begin + _WINDOW]
            heard = np.concatenate([before, window[:-1]])
            read, state = model(torch.from_numpy(heard).to(device)[None], state)
            yield window[:, 0], model.logits(read)[0].argmax(-1).cpu().numpy()
            before = window[-1:]
