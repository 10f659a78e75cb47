"""A model file opened: one event in, the next one out, and the state as a value.

A state is what the model made of all events before; keep one, and going back, trying again or answering
hotter is calling `step` with it again. To go on from an event that has only been fed, call `step` with that
event and the state from before it.

Knows the runtime and the graph's face. Must not know turns, time or MIDI; imports neither torch nor onnx.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from music.listening.portrait import SIZE
from music.settings import SettingError
from realtime.inference.bundle import (
    EVENT,
    EVENT_FIELDS,
    HOTTEST,
    LANES,
    OUTPUTS,
    PORTRAIT,
    WHETHER_TO_DRAW,
    Bundle,
    ModelFileError,
    read_bundle,
)
from realtime.inference.native_report import caught_report
from realtime.inference.providers import DEVICES, why_not_on
from realtime.inference.runtime import loaded_runtime

Array = NDArray[Any]
ModelState = tuple[
    Array, ...
]  # one array for each state that the header tells, in its order; never written to
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
    for and the cells that have passed; and controls that hold for all."""

    events: Array  # lanes x 3
    chance: Array  # lanes x 3
    key_mask: Array  # lanes x 176
    gap_at_least: Array  # lanes
    temperature: tuple[float, float, float]
    top_p: float


@dataclass(frozen=True, slots=True)
class Outputs:
    """The next event, the cells until it, and each field's log-probability without any control."""

    event: EventToken
    cells: int
    log_probability: tuple[float, float, float]


class DeviceError(SettingError):
    """A model that can't be played on the device asked for: says what to do; `reason` is why, by itself."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class ModelSession:
    """A model that can be played; not to be called from two threads at once."""

    def __init__(self, bundle: Bundle, device: str = "cpu") -> None:
        self.bundle, self.device = bundle, device
        header = bundle.header
        with caught_report():  # what goes wrong is in the error, in one line
            self._runtime = _opened(bundle, device)
        self._sizes = tuple(field.count for field in header.fields)
        gap, key, velocity = header.begin
        self._begin = (gap, key, velocity)
        self._state_names = tuple(state.name for state in header.states)
        self._shapes = tuple(state.shape for state in header.states)
        self._all_keys = np.ones((1, self._sizes[EVENT_FIELDS.index("key")]), np.float32)
        self._names = [*OUTPUTS, *(f"{name}_after" for name in self._state_names)]
        self._after = self._names[len(OUTPUTS) :]
        self._fed = self._controls(1)
        self._fed[WHETHER_TO_DRAW] = np.array(False)
        self._feeds = self._controls(1)
        self._check_face()
        self._check_portrait()
        with caught_report():
            self._warm_up()

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
        lanes = state[place].shape[0]
        return (*state[:place], np.repeat(portrait[None], lanes, 0), *state[place + 1 :])

    def silent_state(self, lanes: int = 1) -> ModelState:
        """The state before anything was played."""
        return tuple(
            np.zeros([lanes if extent == LANES else extent for extent in shape], np.float32)
            for shape in self._shapes
        )

    def step(self, inputs: Inputs, state: ModelState) -> tuple[Outputs, ModelState]:
        """Read the event just past and choose the next; the state after the event just past."""
        self._set_inputs(inputs)
        event, cells, scores, *after = self._run(self._names, self._feeds, state)
        gap, key, velocity = event[0].tolist()
        of_gap, of_key, of_velocity = scores[0].tolist()
        return Outputs((gap, key, velocity), int(cells[0]), (of_gap, of_key, of_velocity)), tuple(after)

    def step_lanes(self, inputs: LaneInputs, state: ModelState) -> tuple[Array, Array, ModelState]:
        """The same for many lanes: their next events (lanes x 3), the cells until each,
        and the state after the events just past."""
        feeds = self._controls(len(inputs.events))
        feeds[EVENT], feeds["chance"], feeds["key_mask"] = inputs.events, inputs.chance, inputs.key_mask
        feeds["temperature"][:] = inputs.temperature
        feeds["top_p"][:] = inputs.top_p
        feeds["gap_at_least"] = inputs.gap_at_least
        events, cells, _, *after = self._run(self._names, feeds, state)
        return events, cells, tuple(after)

    def feed(self, event: EventToken, state: ModelState) -> ModelState:
        """The state after an event, at some half of a step's cost."""
        self._check_event(event)
        self._fed[EVENT][0] = event
        return tuple(self._run(self._after, self._fed, state))

    def score(self, events: Array, following: Array, state: ModelState) -> tuple[Array, ModelState]:
        """Log-probabilities (lanes x 3) of the events that followed, after these; the state after these.

        In eight bits lanes share a scale, so a file is scored as it is played with one lane.
        """
        feeds = self._controls(len(events))
        feeds[EVENT], feeds["given"] = events, following
        feeds["is_given"][:] = True
        _, _, scores, *after = self._run(self._names, feeds, state)
        return scores, tuple(after)

    def _run(self, names: list[str], feeds: dict[str, Array], state: ModelState) -> list[Array]:
        for name, value in zip(self._state_names, state, strict=True):
            feeds[name] = value
        outputs: list[Array] = self._runtime.run(names, feeds)
        return outputs

    def _set_inputs(self, inputs: Inputs) -> None:
        feeds = self._feeds
        self._check(inputs)
        feeds[EVENT][0] = inputs.event
        feeds["chance"][0] = inputs.chance
        feeds["temperature"][0] = inputs.temperature
        feeds["top_p"][0] = inputs.top_p
        feeds["key_mask"] = self._all_keys if inputs.key_mask is None else self._mask(inputs.key_mask)
        feeds["given"][0] = [value or 0 for value in inputs.given]
        feeds["is_given"][0] = [value is not None for value in inputs.given]
        feeds["gap_at_least"][0] = inputs.gap_at_least

    def _check(self, inputs: Inputs) -> None:
        """An error for what the graph would accept and turn into nonsense; NaN is no number from 0 to 1."""
        self._check_event(inputs.event)
        for value, size, name in zip(inputs.given, self._sizes, EVENT_FIELDS, strict=True):
            if value is not None and not 0 <= value < size:
                raise SettingError(f"a given {name} is a number from 0 to {size - 1}, not {value}")
        for temperature in inputs.temperature:
            if not 0.0 <= temperature <= HOTTEST:
                raise SettingError(f"a temperature is a number from 0 to {HOTTEST:g}, not {temperature}")
        for share in (inputs.top_p, *inputs.chance):
            if not 0.0 <= share <= 1.0:
                raise SettingError(f"top-p and chances are numbers from 0 to 1, not {share}")
        if inputs.gap_at_least < 0:
            raise SettingError(f"gap_at_least is a number of cells from 0, not {inputs.gap_at_least}")

    def _check_event(self, event: EventToken) -> None:
        # the graph reads -1 as the last, and the runtime's own error has three lines
        begins = event == self._begin or (self.listens and event == self.begin_in_beats)
        if not begins and not all(0 <= value < size for value, size in zip(event, self._sizes, strict=True)):
            raise SettingError(f"event {event}: gap, key and velocity are below {self._sizes}")

    def _mask(self, mask: Array) -> Array:
        if np.shape(mask) != self._all_keys.shape[1:]:
            raise SettingError(
                f"a key mask has {self._all_keys.size} numbers, not the shape {np.shape(mask)}"
            )
        return np.asarray(mask, np.float32)[None]

    def _controls(self, lanes: int) -> dict[str, Array]:
        fields = len(EVENT_FIELDS)
        return {
            EVENT: np.tile(np.array(self.bundle.header.begin, np.int64), (lanes, 1)),
            "temperature": np.ones((lanes, fields), np.float32),
            "top_p": np.ones(lanes, np.float32),
            "key_mask": np.repeat(self._all_keys, lanes, 0),
            "chance": np.full((lanes, fields), 0.5, np.float32),
            "given": np.zeros((lanes, fields), np.int64),
            "is_given": np.zeros((lanes, fields), np.bool_),
            "gap_at_least": np.zeros(lanes, np.int64),
            WHETHER_TO_DRAW: np.array(True),
        }

    def _check_face(self) -> None:
        """An error unless the graph takes and gives what the header and this module say."""
        wanted = {*self._controls(1), *self._state_names}
        takes = {value.name for value in self._runtime.get_inputs()}
        gives = {value.name for value in self._runtime.get_outputs()}
        wrong = (takes ^ wanted) | (gives ^ set(self._names))
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
        try:
            for _ in range(_WARM_UP_CALLS):
                self.feed(self.begin, state)
                self.step(inputs, state)
        except Exception as error:  # the runtime's own kinds of error have no name outside it
            raise ModelFileError(
                f"{self.bundle.path}: its graph can't be run: {_first_line(error)}; export the run again"
            ) from error


def open_session(path: Path, device: str = "cpu") -> ModelSession:
    """A model file, checked and opened on a device (`cpu` or `cuda`), warm."""
    return ModelSession(read_bundle(path), device)


def _opened(bundle: Bundle, device: str) -> Any:
    _check_device(bundle, device)
    runtime = loaded_runtime()
    if device != "cpu" and (reason := why_not_on(runtime, device)) is not None:
        raise _not_on(device, reason)
    try:
        # without its fallback, which would print, run on the CPU, and say nothing to us
        session = runtime.InferenceSession(
            bundle.content, _options(runtime), providers=[DEVICES[device]], enable_fallback=0
        )
    except Exception as error:
        raise ModelFileError(
            f"{bundle.path}: the runtime {runtime.__version__} can't open it: {_first_line(error)}; "
            "pip install --upgrade onnxruntime, or export the run again"
        ) from error
    if DEVICES[device] not in session.get_providers():
        raise _not_on(device, "the runtime fell back to another")
    return session


def _options(runtime: Any) -> Any:
    options = runtime.SessionOptions()
    # one call at a time of some 0.2 ms: a second thread costs more than it brings, and a spinning one eats a
    # core
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def _check_device(bundle: Bundle, device: str) -> None:
    if device not in DEVICES:
        raise SettingError(f"no device is called {device!r}; there are: {', '.join(DEVICES)}")
    if device == "cuda" and bundle.header.precision == "int8":
        reason = "in eight bits, which CUDA can't run"
        raise DeviceError(
            reason,
            f"{bundle.path}: {reason}; play its fp16 or fp32 sister "
            "(antiphon export-onnx RUN --precision fp16), or say --device cpu",
        )


def _not_on(device: str, reason: str) -> DeviceError:
    return DeviceError(reason, f"no {device} device can be used here: {reason}; say --device cpu")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
