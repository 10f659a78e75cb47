"""Whether the exported file plays what the model learnt: both read the same music, and their
log-probabilities are compared. A model that listens reads every second piece in beats, knowing its portrait.

Three readings, teacher-forced: the model over the whole (`forward`), the model event by event (`step`), the
file event by event. The first two must agree always; the file within what its precision allows.

Knows the model and the session. Must not know how the file was made.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Self

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from export.saturation import check_pair, largest_pair
from music.encodings.event import EventEncoding
from music.listening.portrait import UNKNOWN, Portrait, portrait_of
from realtime.inference.bundle import EVENT_FIELDS, Bundle
from realtime.inference.session import ModelSession
from training.models.event_model import EventModel, begin_event
from training.models.model import State

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
MOST_NATS_APART = 0.005  # of eight bits: how much more or less surprised by all the music, as a share


class ParityError(Exception):
    """The file plays something else than the model; it was not exported."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two readings of the same music, in nats per field; `bias` is the mean with its sign."""

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
    streaming: Difference | None  # forward against step, in torch
    file: Difference  # the file against forward
    by_field: dict[str, Difference]
    largest_pair: int = 0  # of eight-bit weights side by side (`export.saturation`)
    nats_apart: float = 0.0  # how much more surprised by all the music the file is, as a share

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Reference:
    """Some music and what the model makes of it, computed once for every file that is compared with it."""

    pieces: Sequence[Music]
    portraits: Sequence[Portrait]  # what is known of the player of each
    whole: NDArray[Any]  # log-probabilities, events x 3
    streaming: Difference | None  # none where a file stands for the model

    @classmethod
    def of_model(cls, model: EventModel, music: Sequence[Music]) -> Self:
        """What the model itself makes of the beginnings of these pieces."""
        pieces, portraits = _beginnings(music, listens=model.listening is not None)
        whole = np.concatenate(list(map(partial(whole_scores, model), pieces, portraits)))
        stepped = stepped_scores(model, pieces[0][: EVENTS_STEPPED + 1], portraits[0])
        return cls(pieces, portraits, whole, difference(stepped, whole[: len(stepped)]))

    @classmethod
    def of_file(cls, session: ModelSession, music: Sequence[Music]) -> Self:
        """What another file of the same model makes of them."""
        pieces, portraits = _beginnings(music, listens=session.listens)
        whole = np.concatenate(list(map(partial(played_scores, session), pieces, portraits)))
        return cls(pieces, portraits, whole, None)

    def found(self, bundle: Bundle) -> Parity:
        """A file compared with the model."""
        return parity(self, ModelSession(bundle), bundle.content)


def _beginnings(music: Sequence[Music], *, listens: bool) -> tuple[list[Music], list[Portrait]]:
    """The beginnings of pieces, and what a model knows of their players:
    if it listens, of every second one."""
    each = max(EVENTS_OF_PARITY // len(music), 1)
    pieces, portraits = [], []
    for number, piece in enumerate(music):
        is_heard = listens and number % 2 == 0
        pieces.append(np.concatenate([[begin_event(has_beat=is_heard)], piece[:each]]))
        portraits.append(portrait_of(EventEncoding().decode(piece[:each]).notes) if is_heard else UNKNOWN)
    return pieces, portraits


def parity(reference: Reference, session: ModelSession, content: bytes) -> Parity:
    """Compare a file, open and as it lies on the disk, with the model on pieces of music, each from its
    beginning."""
    pieces, portraits = reference.pieces, reference.portraits
    played = np.concatenate(list(map(partial(played_scores, session), pieces, portraits)))
    whole = reference.whole
    by_field = {
        name: difference(played[:, place], whole[:, place]) for place, name in enumerate(EVENT_FIELDS)
    }
    pair = largest_pair(onnx.load_from_string(content))
    apart = nats_apart(played, whole)
    return Parity(len(whole), reference.streaming, difference(played, whole), by_field, pair, apart)


def check_parity(found: Parity, precision: str) -> None:
    """An error unless the differences are within the bounds of the precision, and no product can saturate."""
    check_pair(found.largest_pair)
    if found.streaming is not None:
        stepped = "the model event by event differs from the model over the whole"
        _checkdifference(stepped, found.streaming, STREAMING, EVENTS_STEPPED)
    _checkdifference(
        f"the {precision} file differs from the model", found.file, BOUNDS[precision], found.events
    )
    if precision == "int8" and not abs(found.nats_apart) <= MOST_NATS_APART:
        raise ParityError(
            f"the int8 file's nats of all the music differ by {found.nats_apart:+.2%}; "
            f"{MOST_NATS_APART:.1%} are allowed"
        )


def _checkdifference(what: str, found: Difference, bound: Bound, events: int) -> None:
    if not found.within(bound):
        raise ParityError(
            f"{what} by {found.mean:.2g} nats per field on average and {found.worst:.2g} at worst, over "
            f"{events} events; {bound.mean:g} and {bound.worst:g} are allowed"
        )


@torch.no_grad()
def whole_scores(model: EventModel, piece: Music, portrait: Portrait = UNKNOWN) -> NDArray[Any]:
    """Log-probabilities of each event after the first (events x 3), the piece read at once."""
    events = torch.from_numpy(piece)[None]
    read, _ = model(events[:, :-1], _silent_state(model, portrait))
    scores: NDArray[Any] = -model.surprise(read, events[:, 1:])[0].numpy()
    return scores


@torch.no_grad()
def stepped_scores(model: EventModel, piece: Music, portrait: Portrait = UNKNOWN) -> NDArray[Any]:
    """The same, the piece read event by event."""
    events, state = torch.from_numpy(piece), _silent_state(model, portrait)
    rows = []
    for place in range(len(piece) - 1):
        read, state = model.step(events[place, None], state)
        rows.append(-model.surprise(read, events[place + 1, None, None])[0, 0].numpy())
    return np.array(rows)


def played_scores(session: ModelSession, piece: Music, portrait: Portrait = UNKNOWN) -> NDArray[Any]:
    """The same, by the file."""
    state, rows = session.silent_state(), []
    if session.listens:
        state = session.knowing(portrait, state)
    for place in range(len(piece) - 1):
        scores, state = session.score(piece[place, None], piece[place + 1, None], state)
        rows.append(scores[0])
    return np.array(rows)


def _silent_state(model: EventModel, portrait: Portrait) -> State:
    silent = model.silent_state(1)
    return silent | {"portrait": torch.from_numpy(portrait)[None]} if model.listening else silent


def difference(one: NDArray[Any], other: NDArray[Any]) -> Difference:
    """Between two readings."""
    apart = one.astype(np.float64) - other
    return Difference(float(np.abs(apart).mean()), float(np.abs(apart).max()), float(apart.mean()))


def nats_apart(played: NDArray[Any], whole: NDArray[Any]) -> float:
    """How much more surprised the one reading is by all the music than the other, as a share of that."""
    more, of_all = (whole - played).sum(dtype=np.float64), abs(whole.sum(dtype=np.float64))
    return float(more / of_all)
