"""The device that plays a model when nobody names one: the faster of those on which it really ran.

Knows the files of our own models and what a session refuses. Must not know what the choice is for.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from music.settings import SettingError
from realtime.inference.bundle import read_bundle
from realtime.inference.default_model import DEFAULT, own_model
from realtime.inference.graphs.opening import DeviceError
from realtime.inference.providers import is_built_for
from realtime.inference.runtime import loaded_runtime
from realtime.inference.session import Inputs, ModelSession, open_session

_EVENTS = 40  # of each: some ten milliseconds on a processor
_UNCOUNTED = 5  # the first ones of these

Cost = Callable[[ModelSession], float]  # seconds that an event takes


class Best(NamedTuple):
    """A model opened where it plays best, without scores; if the runtime has CUDA, why it isn't played there,
    or is."""

    session: ModelSession
    not_on_cuda: str | None = None
    on_cuda: str | None = None


def open_on_best_device(path: Path | None, cost_s: Cost | None = None, own: str = DEFAULT) -> Best:
    """A model file (None: that of our own model of this name). Where it runs on both, an event is drawn on
    each some times, and the faster one plays."""
    if not is_built_for(loaded_runtime(), "cuda"):
        return Best(open_session(path or own_model(own, "cpu"), scores=False))
    bundle = read_bundle(path or own_model(own, "cuda"))
    try:
        there, reason = ModelSession(bundle, "cuda", scores=False), ""
    except DeviceError as error:
        there, reason = None, error.reason
    except SettingError as error:
        there, reason = None, str(error)
    here = ModelSession(bundle if path else read_bundle(own_model(own, "cpu")), scores=False)
    if there is None:
        return Best(here, reason)
    measure = cost_s or seconds_an_event
    cpu_s, cuda_s = measure(here), measure(there)
    said = f"an event takes {1000 * cuda_s:.2f} ms there, and {1000 * cpu_s:.2f} on the cpu"
    return Best(there, on_cuda=said) if cuda_s <= cpu_s else Best(here, said)


def seconds_an_event(session: ModelSession) -> float:
    """How long it takes to draw an event: the median of some."""
    event, state, took = session.begin, session.silent_state(), []
    for _ in range(_EVENTS):
        began = perf_counter()
        made, state = session.step(Inputs(event, (0.5, 0.5, 0.5)), state)
        took.append(perf_counter() - began)
        event = made.event
    return median(took[_UNCOUNTED:])
