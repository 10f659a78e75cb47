"""A model file on one thread: an event chosen, an event fed, and a bare recurrent step of the same size.

`event_ms` is one whole call as the instrument makes it, Python included. `bare_step_ms` is an LSTM in eight
bits of the same layers, alone in a graph, its inputs laid out beforehand: what no model of this size can go
below in this runtime. The three take turns, so that whatever else the machine does falls on all. Of a model
of another family, or with a trunk that is no LSTM, there is no bare step; of one that reads rows, `row_ms`
is a row. By the clock on the wall, or, for a machine that others use too, by the processor's time. With
`--peer` an event of a peer's published architecture takes its turns too
(`benchmarks.instrument.peer`).
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
from realtime.inference.bundle import LIVE_FAMILY, PORTRAIT, Bundle, read_bundle
from realtime.inference.chance import chances
from realtime.inference.rows.row_session import RowControls, RowSession
from realtime.inference.runtime import loaded_runtime
from realtime.inference.session import Inputs, ModelSession

Clock = Callable[[], float]

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
    parser.add_argument(
        "--peer",
        action="store_true",
        help="an event of Notochord's published architecture too, weights by chance (needs torch)",
    )
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="milliseconds of the processor, not of the clock on the wall: for a busy machine",
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="(default: %(default)s)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    bundle = read_bundle(args.file)
    clock, time_of = (time.process_time, "processor") if args.processor_time else (time.perf_counter, "wall")
    circumstances = {"model": bundle.summary, "device": args.device, "time": time_of}
    return circumstances | measure(bundle, args.device, args.calls, clock, has_peer=args.peer)


def measure(
    bundle: Bundle, device: str, calls: int, clock: Clock = time.perf_counter, *, has_peer: bool = False
) -> dict[str, Any]:
    """Milliseconds of each kind of call: p50, p99, max and how many."""
    is_live = bundle.header.family == LIVE_FAMILY
    kinds, weights = _playing_file(bundle, device, clock), 0
    if is_live and _is_plain_lstm(bundle):
        kinds["bare_step_ms"] = _bare(bundle, clock)
    if has_peer:
        from benchmarks.instrument.peer import peer_events

        kinds["peer_event_ms"], weights = peer_events(clock)
    figures = _measured(kinds, calls)
    own = "event_ms" if is_live else "row_ms"
    if "bare_step_ms" in kinds:
        figures["event_over_bare"] = figures["event_ms"]["p50"] / figures["bare_step_ms"]["p50"]
    if has_peer:
        figures["peer_weights"] = weights
        figures[f"peer_over_{own.removesuffix('_ms')}"] = (
            figures["peer_event_ms"]["p50"] / figures[own]["p50"]
        )
    return figures


def _playing_file(bundle: Bundle, device: str, clock: Clock) -> dict[str, Callable[[], float]]:
    if bundle.header.family == LIVE_FAMILY:
        return _playing(ModelSession(bundle, device, scores=False), clock)
    return _playing_rows(RowSession(bundle, device), clock)


def _is_plain_lstm(bundle: Bundle) -> bool:
    """Whether its trunk's states are those of an LSTM alone."""
    states = {state.name for state in bundle.header.states}
    return states - {"sounding", "age", "clock", "beat", PORTRAIT} == {"hidden", "cell"}


def _measured(kinds: dict[str, Callable[[], float]], calls: int) -> dict[str, Any]:
    """Milliseconds of each kind of call, the kinds taking turns."""
    took: dict[str, list[float]] = {name: [] for name in kinds}
    for kind in kinds.values():
        for _ in range(_FEWEST_CALLS):
            kind()
    for _ in range(max(calls, _FEWEST_CALLS) // _ROUND):
        for name, kind in kinds.items():
            took[name] += [kind() for _ in range(_ROUND)]
    return {name: spread(seconds) for name, seconds in took.items()}


def _playing_rows(session: RowSession, clock: Clock) -> dict[str, Callable[[], float]]:
    """The same of a model of rows: music that goes on and on, and the same rows fed."""
    chosen = fed = session.silent_state()
    row, chance = session.begin(), np.random.default_rng(1)

    def choose() -> float:
        nonlocal chosen, row
        numbers = chance.random((1, session.chances))
        began = clock()
        row, _, chosen = session.step(row, numbers, chosen, RowControls(top_p=0.95))
        return clock() - began

    def feed() -> float:
        nonlocal fed
        began = clock()
        fed = session.feed(row, fed)
        return clock() - began

    return {"row_ms": choose, "feed_ms": feed}


def _playing(session: ModelSession, clock: Clock) -> dict[str, Callable[[], float]]:
    """An answer that goes on and on, and the same events fed; each gives the seconds of one call."""
    chosen = fed = session.silent_state()
    event, count = session.begin, 0

    def choose() -> float:
        nonlocal chosen, event, count
        count += 1
        inputs = Inputs(event, chances(1, 1, 1, count), top_p=0.95)
        began = clock()
        outputs, chosen = session.step(inputs, chosen)
        passed = clock() - began
        event = outputs.event
        return passed

    def feed() -> float:
        nonlocal fed
        began = clock()
        fed = session.feed(event, fed)
        return clock() - began

    return {"event_ms": choose, "feed_ms": feed}


def _bare(bundle: Bundle, clock: Clock) -> Callable[[], float]:
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
        began = clock()
        session.run(None, feeds)
        return clock() - began

    return step
