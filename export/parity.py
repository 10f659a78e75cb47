"""Whether the exported file plays what the model learnt: the same music read by both, and the log-probabilities compared.

Three readings, teacher-forced: the model over the whole (`forward`), the model event by event (`step`), the file event by event. The first
two must agree always; the file within what its precision allows.

Knows the model and the session. Must not know how the file was made.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from realtime.inference.session import ModelSession
from training.models.event_model import FIELDS, EventModel, begin_event

Music = NDArray[np.int64]  # events x 3

EVENTS_OF_PARITY = 2000  # in all
EVENTS_STEPPED = 200  # event by event in torch, where one takes from 5 ms to 30 on a busy machine


@dataclass(frozen=True, slots=True)
class Bound:
    """What may differ, in nats an event's field: the mean over all of them, and the worst."""

    mean: float
    worst: float


# fp32 differs by rounding alone.
BOUNDS = {"fp32": Bound(1e-5, 1e-4), "fp16": Bound(5e-3, 0.1), "int8": Bound(0.03, 0.6)}
STREAMING = Bound(1e-5, 1e-4)  # forward against step, in torch


class ParityError(Exception):
    """The file plays something else than the model; it was not exported."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two readings of the same music, in nats a field; `bias` is the mean with its sign: what a figure is off by."""

    mean: float
    worst: float
    bias: float

    def within(self, bound: Bound) -> bool:
        """Whether it is allowed; what is no number never is."""
        return self.mean <= bound.mean and self.worst <= bound.worst


@dataclass(frozen=True, slots=True)
class Parity:
    """What was compared, and by how much it differs."""

    events: int
    streaming: Difference  # forward against step, in torch
    file: Difference  # the file against forward
    by_field: dict[str, Difference]

    def told(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


class Reference:
    """What the model itself makes of some music, computed once for every file that is compared with it."""

    def __init__(self, model: EventModel, music: Sequence[Music]) -> None:
        each = max(EVENTS_OF_PARITY // len(music), 1)
        begin = np.array([begin_event()])
        self.pieces = [np.concatenate([begin, piece[:each]]) for piece in music]
        self.whole = np.concatenate([whole_scores(model, piece) for piece in self.pieces])
        stepped = self.pieces[0][: EVENTS_STEPPED + 1]
        self.streaming = _difference(stepped_scores(model, stepped), self.whole[: len(stepped) - 1])


def parity(reference: Reference, session: ModelSession) -> Parity:
    """Compare a file with the model on pieces of music, each from its beginning."""
    played = np.concatenate([played_scores(session, piece) for piece in reference.pieces])
    whole = reference.whole
    by_field = {name: _difference(played[:, place], whole[:, place]) for place, name in enumerate(FIELDS)}
    return Parity(len(whole), reference.streaming, _difference(played, whole), by_field)


def check_parity(found: Parity, precision: str) -> None:
    """An error unless the differences are within the bounds of the precision."""
    for what, difference, bound in (
        ("the model event by event differs from the model over the whole", found.streaming, STREAMING),
        (f"the {precision} file differs from the model", found.file, BOUNDS[precision]),
    ):
        if not difference.within(bound):
            raise ParityError(
                f"{what} by {difference.mean:.2g} nats a field in the mean and {difference.worst:.2g} at worst, over "
                f"{found.events} events; {bound.mean:g} and {bound.worst:g} are allowed: nothing was exported"
            )


@torch.no_grad()
def whole_scores(model: EventModel, piece: Music) -> NDArray[Any]:
    """Log-probabilities of each event after the first (events x 3), the piece read at once."""
    events = torch.from_numpy(piece)[None]
    read, _ = model(events[:, :-1], model.silent_state(1))
    scores: NDArray[Any] = -model.surprise(read, events[:, 1:])[0].numpy()
    return scores


@torch.no_grad()
def stepped_scores(model: EventModel, piece: Music) -> NDArray[Any]:
    """The same, the piece read event by event."""
    events, state = torch.from_numpy(piece), model.silent_state(1)
    rows = []
    for place in range(len(piece) - 1):
        read, state = model.step(events[place, None], state)
        rows.append(-model.surprise(read, events[place + 1, None, None])[0, 0].numpy())
    return np.array(rows)


def played_scores(session: ModelSession, piece: Music) -> NDArray[Any]:
    """The same, by the file."""
    state, rows = session.silent_state(), []
    for place in range(len(piece) - 1):
        scores, state = session.score(piece[place, None], piece[place + 1, None], state)
        rows.append(scores[0])
    return np.array(rows)


def _difference(one: NDArray[Any], other: NDArray[Any]) -> Difference:
    apart = one.astype(np.float64) - other
    return Difference(float(np.abs(apart).mean()), float(np.abs(apart).max()), float(apart.mean()))
