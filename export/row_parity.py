"""Whether an exported file of any family but events plays what the model learnt, as `export.parity` asks of
events.

Three readings of the same rows, teacher-forced: the model over the whole, the model row by row as it was
traced, the file row by row; and draws: for the same random numbers the file draws what the traced model
draws. Where many numbers make up a part, as 88 keys do, differences are taken as shares of what it costs.

Knows models and sessions. Must not know how the file was made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from export.drawing.row_draw import drawn_row, row_controls
from export.parity import Difference, Parity, ParityError, difference, nats_apart
from export.saturation import largest_pair
from realtime.inference.bundle import Bundle
from realtime.inference.rows.row_session import RowSession
from training.models.model import Model

Rows = NDArray[Any]  # T x F

ROWS_OF_PARITY = {"step": 400}  # in all, by what a row is; a step of 88 keys takes longest
_OTHERWISE = 2000
_ROWS_STEPPED = 100  # row by row in torch
_ROWS_DRAWN = 50
_FEWEST_ALIKE = 0.95  # of rows drawn in single precision: where a number falls on an edge, rounding decides


@dataclass(frozen=True, slots=True)
class RowReference:
    """Some music and what the model makes of it, computed once for every file that is compared with it."""

    pieces: Sequence[Rows]
    whole: NDArray[Any]  # log-probabilities, rows x parts
    parts: tuple[str, ...]
    streaming: Difference | None  # none where a file stands for the model
    drawn: NDArray[Any] | None  # what the model draws by `_chances`, along the first piece

    @classmethod
    def of_model(cls, model: Model, music: Sequence[Rows]) -> Self:
        """What the model itself makes of the beginnings of these pieces."""
        pieces = _beginnings(music, np.array(model.begin_row), model.unit, model.reads_symbols)
        whole = np.concatenate(list(map(partial(whole_row_scores, model), pieces)))
        stepped, drawn = _stepped(model, pieces[0][: _ROWS_STEPPED + 1])
        return cls(pieces, whole, model.parts, scaled(stepped, whole[: len(stepped)]), drawn)

    @classmethod
    def of_file(cls, session: RowSession, music: Sequence[Rows]) -> Self:
        """What another file of the same model makes of them."""
        header = session.bundle.header
        pieces = _beginnings(music, np.array(header.begin), header.unit, header.reads_symbols)
        whole = np.concatenate(list(map(partial(played_row_scores, session), pieces)))
        return cls(pieces, whole, header.parts, None, None)

    def found(self, bundle: Bundle) -> Parity:
        """A file compared with the model; one that draws otherwise is an error."""
        session, whole = RowSession(bundle), self.whole
        played = np.concatenate(list(map(partial(played_row_scores, session), self.pieces)))
        by_part = {name: scaled(played[:, place], whole[:, place]) for place, name in enumerate(self.parts)}
        pair = largest_pair(onnx.load_from_string(bundle.content))
        if bundle.header.precision == "fp32" and self.drawn is not None:
            self._check_draws(session)
        apart = nats_apart(played, whole)
        return Parity(len(whole), self.streaming, scaled(played, whole), by_part, pair, apart)

    def _check_draws(self, session: RowSession) -> None:
        assert self.drawn is not None
        state, alike = session.silent_state(), []
        for place, (row, wanted) in enumerate(zip(self.pieces[0], self.drawn, strict=False)):
            drawn, _, state = session.step(row[None], _chances(place, session.chances), state)
            alike.append(np.allclose(drawn[0], wanted, rtol=1e-4, atol=1e-5))
        share = float(np.mean(alike))
        if share < _FEWEST_ALIKE:
            raise ParityError(f"for the same random numbers it draws {share:.0%} of {len(alike)} rows alike")


@torch.no_grad()
def whole_row_scores(model: Model, piece: Rows) -> NDArray[Any]:
    """Log-probabilities of each row after the first (rows x parts), the piece read at once."""
    rows = torch.from_numpy(piece)[None]
    read, _ = model(rows[:, :-1], model.silent_state(1))
    scores: NDArray[Any] = -model.surprise(read, rows[:, 1:])[0].numpy()
    return scores


@torch.no_grad()
def _stepped(model: Model, piece: Rows) -> tuple[NDArray[Any], NDArray[Any]]:
    """The same, row by row as it is traced; and what is drawn on the way."""
    rows, state = torch.from_numpy(piece), model.turned(model.silent_state(1))
    controls, scores, drawn = None, [], []
    for place in range(len(piece) - 1):
        read, state = model.live_step(rows[place, None], state)
        scores.append(-model.live_surprise(read, rows[place + 1, None, None])[0, 0].numpy())
        if controls is None:
            controls = {name: value[:1] for name, value in row_controls(model, _doubled(read)).items()}
        if place < _ROWS_DRAWN:
            controls["chance"] = torch.from_numpy(_chances(place, controls["chance"].shape[1]))
            drawn.append(drawn_row(model, read, tuple(controls.values()))[0][0].numpy())
    return np.array(scores), np.array(drawn)


def _doubled(read: Any) -> Any:
    """What was read in one lane, in two."""
    if isinstance(read, torch.Tensor):
        return read.repeat(2, *[1] * (read.dim() - 1))
    return type(read)(*map(_doubled, read))


def played_row_scores(session: RowSession, piece: Rows) -> NDArray[Any]:
    """The same, by the file."""
    state, scores = session.silent_state(), []
    for place in range(len(piece) - 1):
        score, state = session.score(piece[place, None], piece[place + 1, None], state)
        scores.append(score[0])
    return np.array(scores)


def scaled(one: NDArray[Any], other: NDArray[Any]) -> Difference:
    """In nats; what costs more than one, as a share of it."""
    apart = (one.astype(np.float64) - other) / np.maximum(np.abs(other), 1.0)
    return difference(apart, np.zeros_like(apart))


def _beginnings(music: Sequence[Rows], begin: Rows, unit: str, reads_symbols: bool) -> list[Rows]:
    """The beginnings of pieces, each after the row before the first."""
    each = max(ROWS_OF_PARITY.get(unit, _OTHERWISE) // len(music), 2)
    kind = np.int64 if reads_symbols else np.float32
    return [np.concatenate([begin[None], piece[:each]]).astype(kind) for piece in music]


def _chances(place: int, count: int) -> NDArray[np.float32]:
    """Random numbers for the draw at a place, always the same: 1 x count."""
    return np.random.default_rng(place).random((1, count), np.float32)
