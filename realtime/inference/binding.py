"""One lane of a model with everything in fixed places: what goes in, what comes out, and the states.

A call of the runtime that is given its inputs by name looks at each of them anew, and on a device it would
carry every state there and back. Here all places are bound once. What is asked for is written into them, and
a state is a value that stays where the model runs: in arrays on the CPU, in the device's memory elsewhere.
Only the event, its controls where they have changed, and what was drawn cross over. Addresses never change,
so on CUDA each entry can be captured as one graph.

Knows the runtime's faces. Must not know what the graph computes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, overload

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Part = Any  # of a state: an array, or the runtime's own value in a device's memory
_APART = 64  # bytes: where the runtime's arrays begin at best


class Place(Protocol):
    """Where one input or output lies; `value` is what the runtime is given, and `here` an array to fill in,
    which counts once it is sent."""

    value: Any
    here: Array
    is_sent: bool  # whether what is filled in has to be sent

    def send(self) -> None:
        """Let the model have what is filled in."""
        ...

    def array(self) -> Array:
        """What lies there, as an array here."""
        ...


class HostPlace:
    """In the machine's memory: the runtime sees the array itself, which is `here` if one is handed in."""

    is_sent = False

    def __init__(self, runtime: Any, like: Array, here: Array | None = None) -> None:
        self.here = np.array(like, order="C") if here is None else here
        self.value = runtime.OrtValue.ortvalue_from_numpy(self.here)

    def send(self) -> None:
        """It is there already."""

    def array(self) -> Array:
        """The array itself, until the next call."""
        return self.here


class DevicePlace:
    """In a device's memory. What is filled in crosses over only where it has changed."""

    is_sent = True

    def __init__(self, runtime: Any, like: Array, device: str) -> None:
        self._runtime, self._device = runtime, device
        self.here = np.array(like, order="C")
        self._sent = self.here.copy()
        self.value = runtime.OrtValue.ortvalue_from_numpy(self.here.copy(), device, 0)

    def send(self) -> None:
        """Carry it over, unless it lies there already."""
        if not np.array_equal(self._sent, self.here):
            np.copyto(self._sent, self.here)
            self.value.update_inplace(self._sent)

    def array(self) -> Array:
        """A copy here; of a value on the CPU the runtime gives a view, which would not outlive it."""
        return np.copy(self.value.numpy())


class States(Protocol):
    """Where the states lie before a call and after it."""

    @property
    def before(self) -> Mapping[str, Place]:
        """Where a call reads them, by name."""
        ...

    @property
    def after(self) -> Mapping[str, Place]:
        """Where it leaves them."""
        ...

    def write(self, state: Sequence[Part]) -> None:
        """Put a state where the next call reads it."""
        ...

    def read(self) -> Sequence[Part]:
        """The state after the last call, as a value that later calls leave alone."""
        ...


class KeptState(Sequence[Array]):
    """A state whose parts lie side by side in one piece of memory, so that it is copied at once. A part is
    an array when it is asked for."""

    __slots__ = ("layout", "whole")

    def __init__(self, whole: Array, layout: "Layout") -> None:
        self.whole, self.layout = whole, layout

    def __len__(self) -> int:
        return len(self.layout.parts)

    @overload
    def __getitem__(self, which: int) -> Array: ...
    @overload
    def __getitem__(self, which: slice) -> tuple[Array, ...]: ...
    def __getitem__(self, which: int | slice) -> Array | tuple[Array, ...]:
        if isinstance(which, slice):
            return tuple(self.layout.part(self.whole, part) for part in self.layout.parts[which])
        return self.layout.part(self.whole, self.layout.parts[which])

    def __iter__(self) -> Iterator[Array]:
        return (self.layout.part(self.whole, part) for part in self.layout.parts)


class Layout:
    """Where each of several arrays stands in one piece of memory."""

    def __init__(self, likes: Sequence[Array]) -> None:
        ends = np.cumsum([-(-like.nbytes // _APART) * _APART for like in likes]).tolist()
        self.size: int = ends[-1] if ends else 0
        self.parts = [
            (begin, begin + like.nbytes, like.dtype, like.shape)
            for begin, like in zip([0, *ends[:-1]], likes, strict=True)
        ]

    @staticmethod
    def part(whole: Array, part: tuple[int, int, Any, tuple[int, ...]]) -> Array:
        """One of the arrays, in place."""
        begin, end, kind, shape = part
        array: Array = whole[begin:end].view(kind).reshape(shape)
        return array


class HostStates:
    """In the machine's memory: all parts in one piece."""

    def __init__(self, runtime: Any, likes: Mapping[str, Array]) -> None:
        self._layout = Layout(list(likes.values()))
        before, after = (np.zeros(self._layout.size, np.uint8) for _ in range(2))
        self._before, self._after = KeptState(before, self._layout), KeptState(after, self._layout)
        self.before = self._places(runtime, likes, self._before)
        self.after = self._places(runtime, likes, self._after)

    def write(self, state: Sequence[Part]) -> None:
        """A state that was read here is copied at once, another part by part."""
        if type(state) is KeptState and state.layout is self._layout:
            self._before.whole[:] = state.whole
            return
        for here, part in zip(self._before, state, strict=True):
            np.copyto(here, part)

    def read(self) -> Sequence[Part]:
        """A copy."""
        return KeptState(self._after.whole.copy(), self._layout)

    @staticmethod
    def _places(runtime: Any, likes: Mapping[str, Array], whole: KeptState) -> dict[str, Place]:
        return {
            name: HostPlace(runtime, like, here)
            for (name, like), here in zip(likes.items(), whole, strict=True)
        }


class DeviceStates:
    """In a device's memory, where they are copied from place to place by a graph of nothing but identities,
    all at once: the runtime has no call of its own that copies within a device."""

    def __init__(self, runtime: Any, likes: Mapping[str, Array], device: str, copying: Any) -> None:
        self._runtime, self._device, self._copying = runtime, device, copying
        self._kinds = [(list(like.shape), like.dtype.type) for like in likes.values()]
        self.before: dict[str, Place] = {
            name: DevicePlace(runtime, like, device) for name, like in likes.items()
        }
        self.after: dict[str, Place] = {
            name: DevicePlace(runtime, like, device) for name, like in likes.items()
        }

    def write(self, state: Sequence[Part]) -> None:
        """Arrays cross over first; the device's own values are copied there."""
        self._copy([self._there(part) for part in state], [place.value for place in self.before.values()])

    def read(self) -> Sequence[Part]:
        """Copies in the device's memory."""
        make = self._runtime.OrtValue.ortvalue_from_shape_and_type
        made = [make(shape, kind, self._device, 0) for shape, kind in self._kinds]
        self._copy([place.value for place in self.after.values()], made)
        return tuple(made)

    def _there(self, part: Part) -> Any:
        if not isinstance(part, np.ndarray):
            return part
        return self._runtime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(part), self._device, 0)

    def _copy(self, sources: Sequence[Any], into: Sequence[Any]) -> None:
        binding = self._copying.io_binding()
        for number, (source, place) in enumerate(zip(sources, into, strict=True)):
            binding.bind_ortvalue_input(f"x{number}", source)
            binding.bind_ortvalue_output(f"y{number}", place)
        self._copying.run_with_iobinding(binding)


class Memory(Protocol):
    """Where places are made."""

    def place(self, like: Array) -> Place:
        """A place for an array of this shape, which stands there at first."""
        ...

    def states(self, likes: Mapping[str, Array]) -> States:
        """Places for states of these shapes."""
        ...


class HostMemory:
    """The machine's own memory."""

    def __init__(self, runtime: Any) -> None:
        self._runtime = runtime

    def place(self, like: Array) -> Place:
        """The array itself."""
        return HostPlace(self._runtime, like)

    def states(self, likes: Mapping[str, Array]) -> States:
        """All in one piece."""
        return HostStates(self._runtime, likes)


class DeviceMemory:
    """A device's memory. `copier` opens a graph there that gives what it gets, of each kind of number one
    (`realtime.inference.graphs.handmade.identities`)."""

    def __init__(self, runtime: Any, device: str, copier: Callable[[list[type]], Any]) -> None:
        self._runtime, self._device, self._copier = runtime, device, copier

    def place(self, like: Array) -> Place:
        """What is filled in crosses over."""
        return DevicePlace(self._runtime, like, self._device)

    def states(self, likes: Mapping[str, Array]) -> States:
        """Copied from place to place there."""
        copying = self._copier([like.dtype.type for like in likes.values()])
        return DeviceStates(self._runtime, likes, self._device, copying)


class OneLane:
    """Both entries of a model for one lane: `hear`, and `draw`, which hears first.

    `hearing` and `drawing` are the runtime's sessions of the two; they may be one session that has the input
    `choice`. Inputs, states and outputs are given as arrays of their shapes, and lie in `memory`. `filled_in`
    are the arrays to write what is asked for into, by name.
    """

    def __init__(
        self,
        sessions: tuple[Any, Any],
        memory: Memory,
        inputs: Mapping[str, Array],
        states: Mapping[str, Array],
        outputs: Mapping[str, Array],
        choice: str,
    ) -> None:
        self._inputs = {name: memory.place(like) for name, like in inputs.items()}
        self.filled_in = {name: place.here for name, place in self._inputs.items()}
        self._states = memory.states(states)
        self._outputs = {name: memory.place(like) for name, like in outputs.items()}
        # Looked up here once: an event is to take 0.2 ms.
        self._sends = [place.send for place in self._inputs.values() if place.is_sent]
        self._arrays = [place.array for place in self._outputs.values()]
        after = {f"{name}_after": place for name, place in self._states.after.items()}
        made: tuple[dict[str, Place], dict[str, Place]] = ({}, self._outputs)
        self._calls = [
            _bound(
                session,
                {**self._inputs, **self._states.before, choice: memory.place(np.array(draws))},
                {**more, **after},
            )
            for draws, session, more in zip((False, True), sessions, made, strict=True)
        ]

    def hear(self, state: Sequence[Part]) -> Sequence[Part]:
        """The state after the event just past."""
        return self._call(0, state)

    def draw(self, state: Sequence[Part]) -> tuple[list[Array], Sequence[Part]]:
        """What was drawn, to be looked at before the next call, and the state after the event just past."""
        after = self._call(1, state)
        return [array() for array in self._arrays], after

    def _call(self, which: int, state: Sequence[Part]) -> Sequence[Part]:
        for send in self._sends:
            send()
        self._states.write(state)
        self._calls[which]()
        return self._states.read()


def _bound(session: Any, inputs: Mapping[str, Place], outputs: Mapping[str, Place]) -> Callable[[], None]:
    """A call of a session in which all these places are bound once for all."""
    binding = session.io_binding()
    taken = {value.name for value in session.get_inputs()}
    for name, place in inputs.items():
        if name in taken:
            binding.bind_ortvalue_input(name, place.value)
    for name, place in outputs.items():
        binding.bind_ortvalue_output(name, place.value)

    def call() -> None:
        session.run_with_iobinding(binding)

    return call
