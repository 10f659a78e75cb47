"""How often the likeliest symbol is the right one: class by class, and averaged over them (row D5).

Precision and recall are averaged over the classes that occur or are said, each class alike, and F1 is that of
the two averages. Models of one symbol a row alone have classes. Must not know how a model learnt.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from music.settings import SettingError
from pieces.music import Music
from training.models.model import Model, in_use
from training.models.symbol_model import SymbolModel

_WINDOW = 256


@dataclass(frozen=True, slots=True)
class Counted:
    """Of each class that occurs or is said: how often it was there, was said, and was both at once."""

    classes: NDArray[np.int64]
    there: NDArray[np.int64]
    said: NDArray[np.int64]
    right: NDArray[np.int64]

    @classmethod
    def of(cls, true: NDArray[np.int64], said: NDArray[np.int64]) -> "Counted":
        """From what was true and what was said instead, row by row."""
        classes = np.union1d(true, said)
        there, saying, right = (np.searchsorted(classes, some) for some in (true, said, true[true == said]))
        return cls(classes, *(np.bincount(some, minlength=len(classes)) for some in (there, saying, right)))

    def scores(self) -> dict[str, float]:
        """Accuracy, precision, recall and F1."""
        precision = float(np.mean(self.right / np.maximum(self.said, 1)))
        recall = float(np.mean(self.right / np.maximum(self.there, 1)))
        both = precision + recall
        return {
            "accuracy": float(self.right.sum() / self.there.sum()),
            "precision": precision,
            "recall": recall,
            "f1": 2 * precision * recall / both if both else 0.0,
        }

    def chart(self, show: Callable[[float], str]) -> dict[str, list[Any]]:
        """As it is kept to be drawn: columns, with the classes by their names."""
        columns = {"there": self.there, "said": self.said, "right": self.right}
        return {
            "symbols": [show(int(one)) for one in self.classes],
            **{name: column.tolist() for name, column in columns.items()},
        }


def classes_counted(model: Model, music: Music, most_rows: int) -> Counted:
    """Over some `most_rows` rows from the pieces' beginnings; 0: over all of them."""
    if not isinstance(model, SymbolModel):
        raise SettingError("classes are of symbols: the measure 'classes' fits models of kind symbol alone")
    with in_use(model):
        return Counted.of(
            *(np.concatenate(one) for one in zip(*_pairs(model, music, most_rows), strict=True))
        )


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
