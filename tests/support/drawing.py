"""A model whose draws a test foretells: behind the runtime's face, a rule in place of a graph.

Its states say what each lane has read, so that a test sees whether lanes are kept apart: how many events, and
which keys they left down.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from music.encodings.event import EventEncoding
from music.listening.portrait import SIZE
from music.notes import KEYS
from music.tokens.scales import gap_cells, gap_number
from realtime.inference.bundle import (
    LANES,
    PORTRAIT,
    Bundle,
    CorpusRecord,
    Counted,
    EncodingRecord,
    Header,
    StateShape,
)
from realtime.inference.session import EventToken, ModelSession
from tests.support.runtime import OUTPUTS, FakeRuntime, FakeSession

READ, DOWN = "read", "sounding"
STATES = (StateShape(READ, (1, LANES, 1)), StateShape(DOWN, (LANES, KEYS)))
LISTENING = (*STATES, StateShape(PORTRAIT, (LANES, SIZE)))
LOWEST, HIGHEST = 33, 57  # the keys that `by_chance` strikes, as numbers of the piano's
_RECORD = EncodingRecord("event", 1, (("pedal", "False"),), EventEncoding().fingerprint)
_HEADER = Header(
    format=1,
    run="drawn",
    precision="fp32",
    family="event",
    sizes=(Counted("width", 1),),
    encoding=_RECORD,
    fields=(Counted("gap", 141), Counted("key", 2 * KEYS), Counted("velocity", 33)),
    begin=(0, 2 * KEYS, 0),
    states=STATES,
    tier="own",
    data=(CorpusRecord("mine", "own", "mine", "me", "00ff", 12),),
    source_commit="0123abcd",
)


@dataclass(frozen=True, slots=True)
class Place:
    """What one lane's next event is drawn from."""

    event: EventToken  # just past
    read: int  # events, this one with them
    down: tuple[int, ...]  # keys
    chance: tuple[float, float, float]
    mask: NDArray[np.float32]
    passed: int


Draw = Callable[[Place], EventToken]


def by_chance(place: Place) -> EventToken:
    """A key struck or let go after up to 0.4 s, by the lane's random numbers and within its mask."""
    of_gap, of_key, of_velocity = place.chance
    may_strike = [key for key in range(LOWEST, HIGHEST) if place.mask[key] > 0.5 and key not in place.down]
    may_let_go = [KEYS + key for key in place.down if place.mask[KEYS + key] > 0.5]
    keys = may_let_go if may_let_go and (of_velocity < 0.5 or not may_strike) else may_strike
    key = keys[int(of_key * len(keys))]
    gap = gap_number(place.passed + 1 + int(of_gap * 40))
    return (gap, key, 12 + int(of_velocity * 8) if key < KEYS else 0)


class DrawingRuntime(FakeRuntime):
    """A runtime whose graph draws by a rule, and keeps each lane's states."""

    def __init__(self, draw: Draw, states: tuple[StateShape, ...]) -> None:
        super().__init__(states=tuple(state.name for state in states))
        self.draw = draw
        self.lanes: list[int] = []  # how many each draw was asked for
        self.fed_events: list[EventToken] = []  # without a draw

    def InferenceSession(  # noqa: N802 - the runtime's own name
        self, content: bytes, options: object, providers: list[Any], enable_fallback: int = 1
    ) -> FakeSession:
        (provider,) = providers
        return _DrawingSession(self, provider, content)


class _DrawingSession(FakeSession):
    def __init__(self, runtime: DrawingRuntime, provider: str, content: bytes) -> None:
        super().__init__(runtime, provider, content)
        self._drawing = runtime

    def run(self, names: list[str] | None, feeds: dict[str, Any]) -> list[Any]:
        self._drawing.fed = {name: np.copy(value) for name, value in feeds.items()}
        made = _after(feeds)
        if feeds["draw"]:
            self._drawing.lanes.append(len(feeds["event"]))
            drawn = [self._drawing.draw(_place(feeds, made, lane)) for lane in range(len(feeds["event"]))]
            cells = np.array([gap_cells(gap) for gap, _, _ in drawn])
            made |= dict(zip(OUTPUTS, (np.array(drawn), cells, _log_probability(feeds, made)), strict=True))
        else:
            gap, key, velocity = feeds["event"][0].tolist()
            self._drawing.fed_events.append((gap, key, velocity))
        return [made[name] for name in names or ()]


def _after(feeds: dict[str, Any]) -> dict[str, Any]:
    down = feeds[DOWN].copy()
    for lane, (_, key, _) in enumerate(feeds["event"].tolist()):
        if key < 2 * KEYS:
            down[lane, key % KEYS] = key < KEYS
    after = {f"{READ}_after": feeds[READ] + 1, f"{DOWN}_after": down}
    return after | ({f"{PORTRAIT}_after": feeds[PORTRAIT]} if PORTRAIT in feeds else {})


def _log_probability(feeds: dict[str, Any], after: dict[str, Any]) -> NDArray[np.float32]:
    """Of what is given: less by a nat for each event read, for each cell of its gap, for each key down."""
    read, down = after[f"{READ}_after"][0, :, 0], after[f"{DOWN}_after"].sum(1)
    return -np.stack([read, feeds["given"][:, 0], down], axis=1).astype(np.float32)


def _place(feeds: dict[str, Any], after: dict[str, Any], lane: int) -> Place:
    gap, key, velocity = feeds["event"][lane].tolist()
    first, second, third = feeds["chance"][lane].tolist()
    return Place(
        (gap, key, velocity),
        int(after[f"{READ}_after"][0, lane, 0]),
        tuple(np.flatnonzero(after[f"{DOWN}_after"][lane]).tolist()),
        (first, second, third),
        feeds["key_mask"][lane].copy(),
        int(feeds["gap_at_least"][lane]),
    )


def drawing_session(
    monkeypatch: pytest.MonkeyPatch,
    draw: Draw = by_chance,
    *,
    listens: bool = False,
    precision: str = "fp32",
) -> tuple[ModelSession, DrawingRuntime]:
    """A session of a model that draws by a rule, and the runtime that keeps what it was asked."""
    states = LISTENING if listens else STATES
    runtime = DrawingRuntime(draw, states)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    session = ModelSession(
        Bundle(Path("drawn.onnx"), replace(_HEADER, states=states, precision=precision), "00", b"")
    )
    runtime.lanes.clear()
    runtime.fed_events.clear()
    return session, runtime
