"""A model file on one thread: an event chosen, an event fed, and a bare recurrent step of the same size.

`event_ms` is one whole call as the instrument makes it, Python included. `bare_step_ms` is an LSTM in eight
bits of the same layers, alone in a graph, its inputs laid out beforehand: what no model of this size can go
below in this runtime. The three take turns, so that whatever else the machine does falls on all.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.spread import spread
from music.notes import KEYS
from realtime.inference.bundle import Bundle, read_bundle
from realtime.inference.chance import chances
from realtime.inference.runtime import loaded_runtime
from realtime.inference.session import Inputs, ModelSession

_ROUND = 50  # calls of one kind before it is the next one's turn
_FEWEST_CALLS = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a model file (antiphon export-onnx makes one)"
    )
    parser.add_argument(
        "--calls", type=int, default=3000, metavar="N", help="how many of each (default: %(default)s)"
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="(default: %(default)s)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    bundle = read_bundle(args.file)
    return {"model": bundle.summary, "device": args.device} | measure(bundle, args.device, args.calls)


def measure(bundle: Bundle, device: str, calls: int) -> dict[str, Any]:
    """Milliseconds of each kind of call: p50, p99, max and how many."""
    kinds: dict[str, Callable[[], float]] = _playing(ModelSession(bundle, device))
    kinds["bare_step_ms"] = _bare(bundle)
    took: dict[str, list[float]] = {name: [] for name in kinds}
    for kind in kinds.values():
        for _ in range(_FEWEST_CALLS):
            kind()
    for _ in range(max(calls, _FEWEST_CALLS) // _ROUND):
        for name, kind in kinds.items():
            took[name] += [kind() for _ in range(_ROUND)]
    figures: dict[str, Any] = {name: spread(seconds) for name, seconds in took.items()}
    figures["event_over_bare"] = figures["event_ms"]["p50"] / figures["bare_step_ms"]["p50"]
    return figures


def _playing(session: ModelSession) -> dict[str, Callable[[], float]]:
    """An answer that goes on and on, and the same events fed; each gives the seconds of one call."""
    chosen = fed = session.silent_state()
    event, count = session.begin, 0

    def choose() -> float:
        nonlocal chosen, event, count
        count += 1
        inputs = Inputs(event, chances(1, 1, 1, count), top_p=0.95)
        began = time.perf_counter()
        outputs, chosen = session.step(inputs, chosen)
        passed = time.perf_counter() - began
        event = outputs.event
        return passed

    def feed() -> float:
        nonlocal fed
        began = time.perf_counter()
        fed = session.feed(event, fed)
        return time.perf_counter() - began

    return {"event_ms": choose, "feed_ms": feed}


def _bare(bundle: Bundle) -> Callable[[], float]:
    """The bare recurrent step, its weights random.

    It is made on the spot, which needs onnx (`pip install 'antiphon[train]'`).
    """
    from export.quantize import bare_layers

    header = bundle.header
    layers, width = header.size("layers"), header.size("width")
    reads = 2 * KEYS + sum(header.size(f"{name}_size") for name in ("gap", "key", "velocity"))
    runtime = loaded_runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = runtime.InferenceSession(
        bare_layers(layers, width, reads).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    chance = np.random.default_rng(1)
    feeds: dict[str, NDArray[np.float32]] = {
        value.name: chance.standard_normal(value.shape).astype(np.float32) for value in session.get_inputs()
    }

    def step() -> float:
        began = time.perf_counter()
        session.run(None, feeds)
        return time.perf_counter() - began

    return step
