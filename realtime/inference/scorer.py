"""A model file that is listened to: how surprised it is by each event of held-out music.

The graph is called once an event, every field given and none drawn, exactly as it is fed while somebody
plays: so what is judged is what is played. In eight bits the lanes of a call share a scale, so such a file
reads one lane at a time. Its state is a value. Must not know where music comes from.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from music.settings import SettingError
from realtime.inference.bundle import LANES
from realtime.inference.session import ModelSession, ModelState

_SOUNDING = "sounding"  # the name of the state that tells which keys sound
_SIDE_BY_SIDE = 16  # in whole numbers of a vector register, and small enough for a processor's cache


class _Heard(NamedTuple):
    """The state before the event heard last, and that event (lanes x 3)."""

    before: ModelState
    last: NDArray[np.int64]


class ModelFileScorer:
    """An exported model as its judge sees it."""

    def __init__(self, session: ModelSession) -> None:
        self._session = session
        header = session.bundle.header
        self.encoding = header.encoding.fingerprint
        self.lanes = 1 if header.precision == "int8" else _SIDE_BY_SIDE
        names = [state.name for state in header.states]
        if _SOUNDING not in names:
            raise SettingError(
                f"{session.bundle.path}: no state of it tells which keys sound, so it can't be begun in the "
                "middle of a piece: export the run again with this Antiphon"
            )
        self._sounding = names.index(_SOUNDING)
        self._axes = [state.shape.index(LANES) for state in header.states]

    def begin(self, sounding: NDArray[np.bool_]) -> _Heard:
        """The silent state, with these keys (lanes x 88) as if struck now."""
        lanes = len(sounding)
        state = list(self._session.silent_state(lanes))
        state[self._sounding] = sounding.astype(np.float32)
        last = np.tile(np.array(self._session.begin, np.int64), (lanes, 1))
        return _Heard(tuple(state), last)

    def score(self, state: _Heard, events: NDArray[np.int64]) -> tuple[NDArray[np.float64], _Heard]:
        """Nats of the next events (lanes x T x 3) by field, and the state after them."""
        if len(events) <= self.lanes:
            return self._scored(state, events)
        scores, heard = [], []
        for first in range(0, len(events), self.lanes):
            lanes = slice(first, first + self.lanes)
            nats, after = self._scored(self._lanes_of(state, lanes), events[lanes])
            scores.append(nats)
            heard.append(after)
        return np.concatenate(scores), self._together(heard)

    def _scored(self, heard: _Heard, events: NDArray[np.int64]) -> tuple[NDArray[np.float64], _Heard]:
        state, last = heard
        nats = np.empty(events.shape)
        for place in range(events.shape[1]):
            following = events[:, place]
            scores, state = self._session.score(last, following, state)
            nats[:, place] = -scores
            last = following
        return nats, _Heard(state, last)

    def _lanes_of(self, heard: _Heard, lanes: slice) -> _Heard:
        cut: list[Any] = [
            value[(slice(None),) * axis + (lanes,)]
            for value, axis in zip(heard.before, self._axes, strict=True)
        ]
        return _Heard(tuple(cut), heard.last[lanes])

    def _together(self, heard: list[_Heard]) -> _Heard:
        state = (
            np.concatenate([lane.before[number] for lane in heard], axis)
            for number, axis in enumerate(self._axes)
        )
        return _Heard(tuple(state), np.concatenate([lane.last for lane in heard]))
