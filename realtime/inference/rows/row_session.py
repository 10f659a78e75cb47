"""A model file of any family opened: one row in, the next one out, and the state as a value.

A row is a token of the file's encoding, F fields wide: a symbol, a note, a step of a roll. Rows lie side by
side in lanes. As with events (`realtime.inference.session`), a draw is a function of random numbers that
come in, what is given is scored in place of drawn, and a state is never written to.

Knows the runtime and the graph's face. Must not know encodings, time or MIDI; imports neither torch nor onnx.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from music.settings import SettingError
from realtime.inference.bundle import (
    AFTER,
    HOTTEST,
    LIVE_FAMILY,
    ROW,
    ROW_OUTPUTS,
    WHETHER_TO_DRAW,
    Bundle,
    ModelFileError,
    read_bundle,
)
from realtime.inference.entries import input_names
from realtime.inference.graphs.opening import Places, one_lane, open_lane, opened_both, warm
from realtime.inference.native_report import caught_report
from realtime.inference.session import ModelState, arrays_of, silent_state

Array = NDArray[Any]
_WARM_UP_CALLS = 2  # the first lays out memory


@dataclass(frozen=True, slots=True)
class RowControls:
    """What may be asked of a draw; what is None is not asked for. Arrays have the lanes first.

    `wishes` has a number for each choice of the part that the header's `wishes` names: 1 where it is wished
    for, 0 where it is to be taken only when nothing else can be. Fields where `is_given` are taken from
    `given`.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    wishes: Array | None = None  # lanes x choices
    given: Array | None = None  # lanes x F
    is_given: Array | None = None  # lanes x F

    def __post_init__(self) -> None:
        if not 0.0 <= self.temperature <= HOTTEST:
            raise SettingError(f"a temperature is a number from 0 to {HOTTEST:g}, not {self.temperature}")
        if not 0.0 <= self.top_p <= 1.0:
            raise SettingError(f"top-p is a number from 0 to 1, not {self.top_p}")


class RowSession:
    """A model of rows; not to be called from two threads at once."""

    def __init__(self, bundle: Bundle, device: str = "cpu") -> None:
        self.bundle, self.device, header = bundle, device, bundle.header
        if header.family == LIVE_FAMILY:
            raise ModelFileError(f"{bundle.path}: a model of events, which has a session of its own")
        self._kind: Any = np.int64 if header.reads_symbols else np.float32
        self._begin = np.array(header.begin)
        self._most = np.array([field.count - 1 if field.count else np.inf for field in header.fields])
        self._names = tuple(state.name for state in header.states)
        self._after = [f"{name}{AFTER}" for name in self._names]
        with caught_report():  # what goes wrong is in the error, in one line
            self._hearing, self._drawing = opened_both(bundle, device)
        self._check_face()
        with caught_report():
            open_lane(device, self._bind)
        self.bundle = bundle.without_content()

    @property
    def chances(self) -> int:
        """How many random numbers a row takes."""
        return self.bundle.header.chances

    def begin(self, lanes: int = 1) -> Array:
        """The row before the first, of each lane."""
        return np.tile(np.array(self.bundle.header.begin, self._kind), (lanes, 1))

    def silent_state(self, lanes: int = 1) -> ModelState:
        """The state before anything was played."""
        return silent_state(self.bundle.header.states, lanes)

    def on_host(self, state: ModelState) -> tuple[Array, ...]:
        """A state as arrays, wherever it lies."""
        return arrays_of(state)

    def feed(self, rows: Array, state: ModelState) -> ModelState:
        """The state after rows (lanes x F), one of each lane; nothing is drawn."""
        feeds = self._feeds(rows, None, RowControls(), draws=False)
        if len(rows) == 1:
            self._fill_in(feeds)
            return self._lane.hear(state)
        return tuple(self._run(self._after, feeds, state))

    def step(
        self, rows: Array, chance: Array, state: ModelState, controls: RowControls = RowControls()
    ) -> tuple[Array, Array, ModelState]:
        """Read the rows just past and draw the next (lanes x F) by random numbers from 0 to 1 (lanes x
        `chances`); their log-probabilities by part, without any control; and the state after the rows just
        past."""
        feeds = self._feeds(rows, chance, controls, draws=True)
        if len(rows) == 1:
            self._fill_in(feeds)
            (row, score), state = self._lane.draw(state)
            return row.copy(), score.copy(), state
        drawn, scores, *after = self._run([*ROW_OUTPUTS, *self._after], feeds, state)
        return drawn, scores, tuple(after)

    def score(self, rows: Array, following: Array, state: ModelState) -> tuple[Array, ModelState]:
        """Log-probabilities (lanes x parts) of the rows that followed, after these; the state after these."""
        controls = RowControls(given=following, is_given=np.ones(following.shape, np.bool_))
        _, scores, after = self.step(rows, np.full((len(rows), self.chances), 0.5), state, controls)
        return scores, after

    def _feeds(
        self, rows: Array, chance: Array | None, controls: RowControls, *, draws: bool
    ) -> dict[str, Array]:
        header, lanes = self.bundle.header, len(rows)
        fields = (lanes, len(header.fields))
        wishes = (lanes, header.wishes.count if header.wishes else 1)
        self._check_rows(rows, fields)
        if controls.given is not None:
            self._check_rows(np.where(_or(controls.is_given, fields, 0), controls.given, 0), fields)
        return {
            ROW: np.asarray(rows, self._kind),
            "temperature": np.full((lanes, len(header.parts)), controls.temperature, np.float32),
            "top_p": np.full(lanes, controls.top_p, np.float32),
            "wishes": np.asarray(_or(controls.wishes, wishes, 1), np.float32),
            "chance": np.asarray(_or(chance, (lanes, header.chances), 0.5), np.float32),
            "given": np.asarray(_or(controls.given, fields, 0), self._kind),
            "is_given": np.asarray(_or(controls.is_given, fields, 0), np.bool_),
            WHETHER_TO_DRAW: np.array(draws),
        }

    def _check_rows(self, rows: Array, shape: tuple[int, ...]) -> None:
        """An error for what the graph would accept and turn into nonsense."""
        if rows.shape != shape:
            raise SettingError(f"rows are {shape[1]} fields wide, not of the shape {rows.shape}")
        header = self.bundle.header
        begins = (rows == self._begin).all(-1)
        inner = rows[~begins]
        are_right = (inner >= 0) & (inner <= self._most)  # of 176 fields at once: field by field takes 1 ms
        if not are_right.all():
            place = int((~are_right).any(0).argmax())
            field, column, most = header.fields[place], inner[:, place], self._most[place]
            raise SettingError(
                f"{field.name} is a number from 0 to {most:g}, not {column.min()} to {column.max()}"
            )

    def _fill_in(self, feeds: dict[str, Array]) -> None:
        for name, here in self._lane.filled_in.items():
            np.copyto(here, feeds[name])

    def _run(self, names: list[str], feeds: dict[str, Array], state: ModelState) -> list[Array]:
        session = self._drawing if feeds[WHETHER_TO_DRAW] else self._hearing
        feeds = feeds | dict(zip(self._names, self.on_host(state), strict=True))
        if not self._asks:
            del feeds[WHETHER_TO_DRAW]
        outputs: list[Array] = session.run(names, feeds)
        return outputs

    def _check_face(self) -> None:
        """An error unless the graph takes and gives what the header and this module say."""
        wanted = {*self._feeds(self.begin(), None, RowControls(), draws=True), *self._names}
        takes = {value.name for value in self._drawing.get_inputs()}
        self._asks = WHETHER_TO_DRAW in takes  # or each of the two has its answer in it
        takes |= {WHETHER_TO_DRAW} & input_names(self.bundle.content)
        gives = {value.name for value in self._drawing.get_outputs()}
        wrong = (takes ^ wanted) | (gives ^ {*ROW_OUTPUTS, *self._after})
        if wrong:
            raise ModelFileError(
                f"{self.bundle.path}: its graph has another face ({', '.join(sorted(wrong))}): "
                "export the run again with this Antiphon"
            )

    def _bind(self, is_captured: bool) -> None:
        """One lane in fixed places, warm."""
        both = self._hearing, self._drawing
        self._lane = one_lane(self.bundle, self.device, both, self._places(), is_captured=is_captured)
        warm(self.bundle, self._warm_up)

    def _places(self) -> Places:
        """What goes in and comes out of one lane."""
        inputs = self._feeds(self.begin(), None, RowControls(), draws=True)
        del inputs[WHETHER_TO_DRAW]
        kinds = (self.begin(), np.zeros((1, len(self.bundle.header.parts)), np.float32))
        states = dict(zip(self._names, self.silent_state(), strict=True))
        return Places(inputs, states, dict(zip(ROW_OUTPUTS, kinds, strict=True)))

    def _warm_up(self) -> None:
        for _ in range(_WARM_UP_CALLS):
            state = self.feed(self.begin(), self.silent_state())
            self.step(self.begin(), np.full((1, self.chances), 0.5), state)


def open_rows(path: Path, device: str = "cpu") -> RowSession:
    """A model file of any family but events, checked and opened on a device (`cpu` or `cuda`)."""
    return RowSession(read_bundle(path), device)


def _or(found: Array | None, shape: tuple[int, ...], otherwise: float) -> Array:
    """What was asked for, its shape checked; or the same number everywhere."""
    if found is None:
        return np.full(shape, otherwise)
    if found.shape != shape:
        raise SettingError(f"a control of the shape {found.shape}, where {shape} is asked for")
    return found
