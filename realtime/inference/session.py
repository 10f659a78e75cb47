"""A model file opened: one event in, the next one out, and the state as a value.

A state is what the model made of all events before; keep one, and going back, trying again or answering
hotter is calling `step` with it again. To go on from an event that has only been fed, call `step` with that
event and the state from before it.

Knows the runtime and the graph's face. Must not know turns, time or MIDI; imports neither torch nor onnx.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from music.listening.portrait import SIZE
from music.settings import SettingError
from realtime.inference.binding import Part
from realtime.inference.bundle import (
    EVENT,
    EVENT_FIELDS,
    HOTTEST,
    IS_GIVEN,
    LANES,
    LIVE_FAMILY,
    OUTPUTS,
    PORTRAIT,
    SCORES,
    WHETHER_TO_DRAW,
    Bundle,
    Header,
    ModelFileError,
    StateShape,
    read_bundle,
)
from realtime.inference.entries import input_names
from realtime.inference.graphs.opening import Places, one_lane, open_lane, opened_both, warm
from realtime.inference.native_report import caught_report

Array = NDArray[Any]
# One part for each state that the header tells, in its order; never written to. Arrays, or, where the model
# runs on another device, values in its memory.
ModelState = Sequence[Part]
EventToken = tuple[int, int, int]  # gap, key, velocity, as the encoding numbers them

_WARM_UP_CALLS = 5  # the first calls lay out memory: 2 ms for the first, none after the third, on two cores


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a step takes: the event just past, the controls, the random numbers, and what is given.

    A field that is given is scored in place of drawn. `gap_at_least` counts cells of 10 ms that have passed
    since the event.
    """

    event: EventToken
    chance: tuple[float, float, float]
    temperature: tuple[float, float, float] = (1.0, 1.0, 1.0)
    top_p: float = 1.0
    key_mask: Array | None = (
        None  # 1 for each key change that is wished for; it yields when none of them can be played
    )
    given: tuple[int | None, int | None, int | None] = (None, None, None)
    gap_at_least: int = 0


@dataclass(frozen=True, slots=True)
class LaneInputs:
    """What a step of many lanes takes: of each lane its event, its random numbers, the keys that are wished
    for and the cells that have passed; and controls for each, or one that holds for all."""

    events: Array  # lanes x 3
    chance: Array  # lanes x 3
    key_mask: Array  # lanes x 176
    gap_at_least: Array  # lanes
    temperature: Array | tuple[float, float, float]  # lanes x 3
    top_p: Array | float  # lanes


class Outputs(NamedTuple):
    """The next event, the cells until it, and, of a session that was opened with scores, each field's
    log-probability without any control."""

    event: EventToken
    cells: int
    log_probability: tuple[float, float, float] | None = None


class ModelSession:
    """A model that can be played; not to be called from two threads at once.

    `threads` are the runtime's own: one on stage, more for many lanes. Without `scores` a drawn event takes a
    little less; then no field can be given, and none scored.
    """

    def __init__(self, bundle: Bundle, device: str = "cpu", threads: int = 1, *, scores: bool = True) -> None:
        self.bundle, self.device, self._scores = bundle, device, scores
        header = bundle.header
        check_is_live(bundle)
        with caught_report():  # what goes wrong is in the error, in one line
            self._hearing, self._drawing = opened_both(bundle, device, threads, scores=scores)
        gaps, keys, velocities = (field.count for field in header.fields)
        self._sizes = (gaps, keys, velocities)
        gap, key, velocity = header.begin
        self._begin = (gap, key, velocity)
        self._state_names = tuple(state.name for state in header.states)
        self._shapes = tuple(state.shape for state in header.states)
        self._states = header.states
        self._controlled: Any = None  # the controls that stand in the lane's places
        self._is_masked = False
        self._after = [f"{name}_after" for name in self._state_names]
        self._made = OUTPUTS if scores else tuple(name for name in OUTPUTS if name != SCORES)
        self._names = [*self._made, *self._after]
        self._check_face()
        self._check_portrait()
        with caught_report():
            open_lane(self.device, self._bind)
        self.bundle = bundle.without_content()

    @property
    def begin(self) -> EventToken:
        """The event before the first."""
        return self._begin

    @property
    def listens(self) -> bool:
        """Whether it hears how somebody plays and where the beat is."""
        return PORTRAIT in self._state_names

    @property
    def begin_in_beats(self) -> EventToken:
        """The event before the first of music that keeps a beat, for a model that listens;
        a beat falls on it."""
        gap, key, _ = self._begin
        return (gap, key, 1)

    def knowing(self, portrait: Array, state: ModelState) -> ModelState:
        """The state of a model that listens, in which it knows this portrait of the player (of `SIZE`)."""
        place = self._state_names.index(PORTRAIT)
        state = self.on_host(state)
        lanes = state[place].shape[0]
        return (*state[:place], np.repeat(portrait[None], lanes, 0), *state[place + 1 :])

    def silent_state(self, lanes: int = 1) -> ModelState:
        """The state before anything was played."""
        return silent_state(self._states, lanes)

    def on_host(self, state: ModelState) -> tuple[Array, ...]:
        """A state as arrays, wherever it lies."""
        return arrays_of(state)

    def step(self, inputs: Inputs, state: ModelState) -> tuple[Outputs, ModelState]:
        """Read the event just past and choose the next; the state after the event just past."""
        self._set_inputs(inputs)
        (events, cells, *scores), after = self._lane.draw(state)
        [(gap, key, velocity)] = events.tolist()
        if not scores:
            return Outputs((gap, key, velocity), cells.item()), after
        [(of_gap, of_key, of_velocity)] = scores[0].tolist()
        return Outputs((gap, key, velocity), cells.item(), (of_gap, of_key, of_velocity)), after

    def step_lanes(self, inputs: LaneInputs, state: ModelState) -> tuple[Array, Array, ModelState]:
        """The same for many lanes: their next events (lanes x 3), the cells until each,
        and the state after the events just past."""
        feeds = self._controls(len(inputs.events))
        feeds[EVENT], feeds["chance"], feeds["key_mask"] = inputs.events, inputs.chance, inputs.key_mask
        feeds["temperature"][:] = inputs.temperature
        feeds["top_p"][:] = inputs.top_p
        feeds["gap_at_least"] = inputs.gap_at_least
        events, cells, *others = self._run(self._names, feeds, state)
        return events, cells, tuple(others[-len(self._after) :])

    def feed(self, event: EventToken, state: ModelState) -> ModelState:
        """The state after an event, at some half of a step's cost."""
        self._check_event(event)
        into = self._into[EVENT]
        into[0], into[1], into[2] = event
        return self._lane.hear(state)

    def feed_lanes(self, events: Array, state: ModelState) -> ModelState:
        """The same for many lanes, each with its event (lanes x 3)."""
        feeds = self._controls(len(events))
        feeds[EVENT], feeds[WHETHER_TO_DRAW] = events, np.array(False)
        return tuple(self._run(self._after, feeds, state))

    def score(self, events: Array, following: Array, state: ModelState) -> tuple[Array, ModelState]:
        """Log-probabilities (lanes x 3) of the events that followed, after these; the state after these.

        In eight bits lanes share a scale, so a file is scored as it is played with one lane.
        """
        assert self._scores, "it was opened without scores"
        feeds = self._controls(len(events))
        feeds[EVENT], feeds["given"] = events, following
        feeds[IS_GIVEN][:] = True
        _, _, scores, *after = self._run(self._names, feeds, state)
        return scores, tuple(after)

    def _run(self, names: list[str], feeds: dict[str, Array], state: ModelState) -> list[Array]:
        session = self._drawing if feeds[WHETHER_TO_DRAW] else self._hearing
        feeds = feeds | dict(zip(self._state_names, self.on_host(state), strict=True))
        if not self._asks:
            del feeds[WHETHER_TO_DRAW]
        outputs: list[Array] = session.run(names, feeds)
        return outputs

    def _set_inputs(self, inputs: Inputs) -> None:
        """Through views of memory, number by number: an array takes ten times as long to take in three. What
        seldom changes is looked at only then."""
        self._check_event(inputs.event)
        chance, passed = inputs.chance, inputs.gap_at_least
        _check_shares(chance)
        if passed < 0:
            raise SettingError(f"gap_at_least is a number of cells from 0, not {passed}")
        controls = (inputs.temperature, inputs.top_p, inputs.given)
        if controls != self._controlled:
            self._check_controls(inputs)
            self._set_controls(inputs)
            self._controlled = controls
        if inputs.key_mask is not None or self._is_masked:
            self._feeds["key_mask"][:] = 1.0 if inputs.key_mask is None else self._mask(inputs.key_mask)
            self._is_masked = inputs.key_mask is not None
        event, luck = self._into[EVENT], self._into["chance"]
        event[0], event[1], event[2] = inputs.event
        luck[0], luck[1], luck[2] = chance
        self._into["gap_at_least"][0] = passed

    def _set_controls(self, inputs: Inputs) -> None:
        assert self._scores or inputs.given == (None, None, None), "it was opened without scores"
        feeds = self._feeds
        feeds["temperature"][0] = inputs.temperature
        feeds["top_p"][0] = inputs.top_p
        feeds["given"][0] = [value or 0 for value in inputs.given]
        feeds[IS_GIVEN][0] = [value is not None for value in inputs.given]

    def _check_controls(self, inputs: Inputs) -> None:
        """An error for what the graph would accept and turn into nonsense; NaN is no number from 0 to 1."""
        for value, size, name in zip(inputs.given, self._sizes, EVENT_FIELDS, strict=True):
            if value is not None and not 0 <= value < size:
                raise SettingError(f"a given {name} is a number from 0 to {size - 1}, not {value}")
        for temperature in inputs.temperature:
            if not 0.0 <= temperature <= HOTTEST:
                raise SettingError(f"a temperature is a number from 0 to {HOTTEST:g}, not {temperature}")
        _check_shares((inputs.top_p,))

    def _check_event(self, event: EventToken) -> None:
        # the graph reads -1 as the last, and the runtime's own error has three lines
        gap, key, velocity = event
        gaps, keys, velocities = self._sizes
        if 0 <= gap < gaps and 0 <= key < keys and 0 <= velocity < velocities:
            return
        if event != self._begin and not (self.listens and event == self.begin_in_beats):
            raise SettingError(f"event {event}: gap, key and velocity are below {self._sizes}")

    def _mask(self, mask: Array) -> Array:
        _, keys, _ = self._sizes
        if np.shape(mask) != (keys,):
            raise SettingError(f"a key mask has {keys} numbers, not the shape {np.shape(mask)}")
        return np.asarray(mask, np.float32)[None]

    def _controls(self, lanes: int) -> dict[str, Array]:
        return neutral_controls(self.bundle.header, lanes) | {WHETHER_TO_DRAW: np.array(True)}

    def _bind(self, is_captured: bool) -> None:
        both = self._hearing, self._drawing
        self._lane = one_lane(
            self.bundle, self.device, both, self._places(), is_captured=is_captured, scores=self._scores
        )
        self._feeds = self._lane.filled_in
        self._into = {name: _by_number(self._feeds[name]) for name in (EVENT, "chance", "gap_at_least")}
        self._controlled, self._is_masked = None, False
        warm(self.bundle, self._warm_up)

    def _places(self) -> Places:
        """What goes in and comes out of one lane."""
        inputs = neutral_controls(self.bundle.header, 1)
        fields = len(EVENT_FIELDS)
        kinds = (np.zeros((1, fields), np.int64), np.zeros(1, np.int64), np.zeros((1, fields), np.float32))
        states = dict(zip(self._state_names, self.silent_state(), strict=True))
        outputs: dict[str, Array] = dict(zip(OUTPUTS, kinds, strict=True))
        return Places(inputs, states, {name: outputs[name] for name in self._made})

    def _check_face(self) -> None:
        """An error unless the graph takes and gives what the header and this module say."""
        wanted = {*self._controls(1), *self._state_names}
        takes = {value.name for value in self._drawing.get_inputs()}
        self._asks = WHETHER_TO_DRAW in takes  # or each of the two has its answer in it
        takes |= {WHETHER_TO_DRAW} & input_names(self.bundle.content)
        gives = {value.name for value in self._drawing.get_outputs()}
        wrong = (takes ^ wanted) | (gives ^ {*self._names}) - ({*OUTPUTS} - {*self._made})
        if wrong:
            raise ModelFileError(
                f"{self.bundle.path}: its graph has another face ({', '.join(sorted(wrong))}): "
                "export the run again with this Antiphon"
            )

    def _check_portrait(self) -> None:
        """An error if the graph hears other portraits than this version takes."""
        if self.listens and self._shapes[self._state_names.index(PORTRAIT)] != (LANES, SIZE):
            raise ModelFileError(
                f"{self.bundle.path}: it hears portraits of another size than this Antiphon takes ({SIZE}): "
                "train it anew, or use the version that wrote it"
            )

    def _warm_up(self) -> None:
        state = self.silent_state()
        inputs = Inputs(self.begin, (0.5, 0.5, 0.5))
        for _ in range(_WARM_UP_CALLS):
            self.feed(self.begin, state)
            self.step(inputs, state)


def open_session(path: Path, device: str = "cpu", *, scores: bool = True) -> ModelSession:
    """A model file, checked and opened on a device (`cpu` or `cuda`), warm."""
    return ModelSession(read_bundle(path), device, scores=scores)


def _by_number(array: Array) -> Any:
    """A view of an array that takes one number at a time."""
    flat: Any = array.reshape(-1)
    return memoryview(flat)


def _check_shares(shares: Iterable[float]) -> None:
    for share in shares:
        if not 0.0 <= share <= 1.0:
            raise SettingError(f"top-p and chances are numbers from 0 to 1, not {share}")


def silent_state(states: tuple[StateShape, ...], lanes: int) -> ModelState:
    """The states of a header before anything was played."""
    return tuple(
        np.full(
            [lanes if extent == LANES else extent for extent in state.shape],
            state.silent,
            np.int64 if state.is_whole else np.float32,
        )
        for state in states
    )


def neutral_controls(header: Header, lanes: int) -> dict[str, Array]:
    """What a graph takes beside states and the choice, by name, where nothing is wished for."""
    keys = header.fields[EVENT_FIELDS.index("key")].count
    fields = len(EVENT_FIELDS)
    return {
        EVENT: np.tile(np.array(header.begin, np.int64), (lanes, 1)),
        "temperature": np.ones((lanes, fields), np.float32),
        "top_p": np.ones(lanes, np.float32),
        "key_mask": np.ones((lanes, keys), np.float32),
        "chance": np.full((lanes, fields), 0.5, np.float32),
        "given": np.zeros((lanes, fields), np.int64),
        IS_GIVEN: np.zeros((lanes, fields), np.bool_),
        "gap_at_least": np.zeros(lanes, np.int64),
    }


def arrays_of(state: ModelState) -> tuple[Array, ...]:
    """A state as arrays, wherever it lies."""
    return tuple(part if isinstance(part, np.ndarray) else part.numpy() for part in state)


def check_is_live(bundle: Bundle) -> None:
    """An error unless a model is of events."""
    family = bundle.header.family
    if family != LIVE_FAMILY:
        raise ModelFileError(
            f"{bundle.path}: a {family} model, where one of events is asked for; "
            "play it (antiphon play --model FILE), or hear it by itself (antiphon generate FILE)"
        )
