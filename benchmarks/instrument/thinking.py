"""What thinking of an answer costs, beside the silence that there is for it: our own calls, each heard as it
is played.

`thinking_ms` is all of it, `step_ms` how long a question waits at most, `expecting_ms` what happens before
the first step (a call is heard again where its beat has been found anew), `first_event_ms` from the hand-over
to the first event, and `single_ms` one event drawn alone: sixteen at a time cost less than sixteen times
that.
"""

import argparse
import time
from pathlib import Path
from typing import Any

from benchmarks.spread import spread
from evaluation.answering.own_calls import OWN_CALLS
from realtime.answerers.network import LANES, Network
from realtime.answerers.rehearsal import request_for
from realtime.inference.session import Inputs, ModelSession, open_session
from realtime.performer.actions import Request
from realtime.performer.rules import DEFAULT_RULES

_SINGLE = 400  # events drawn alone


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a model file (antiphon export-onnx makes one)"
    )
    parser.add_argument(
        "--lanes", type=int, default=LANES, metavar="N", help="passages side by side (default: %(default)s)"
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=3,
        metavar="N",
        help="how often each call is played (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    session = open_session(args.file, scores=False)
    return {"model": session.bundle.summary, "lanes": args.lanes} | measure(session, args.lanes, args.rounds)


def measure(session: ModelSession, lanes: int, rounds: int) -> dict[str, Any]:
    """Milliseconds: p50, p99, max and how many."""
    took: dict[str, list[float]] = {}
    for turn in range(rounds):
        for call in OWN_CALLS:
            request = request_for(call.phrase(), turn, DEFAULT_RULES)
            for name, seconds in _one(Network(session, 1, lanes), request).items():
                took.setdefault(name, []).extend(seconds)
    took["single_ms"] = _single(session)
    return {name: spread(seconds) for name, seconds in took.items()}


def _one(network: Network, request: Request) -> dict[str, list[float]]:
    """One call heard, thought of and answered."""
    for length in range(1, len(request.call) + 1):
        network.hear(request.call[:length])
    began = time.perf_counter()
    network.expect(request)
    expecting = time.perf_counter() - began
    steps: list[float] = []
    more = True
    while more:
        began = time.perf_counter()
        more = network.think()
        steps.append(time.perf_counter() - began)
    began = time.perf_counter()
    next(network.answer(request))
    return {
        "silence_ms": [request.gap_at_least_s],
        "expecting_ms": [expecting],
        "thinking_ms": [sum(steps)],
        "step_ms": steps,
        "first_event_ms": [time.perf_counter() - began],
    }


def _single(session: ModelSession) -> list[float]:
    state, event, took = session.silent_state(), session.begin, []
    for _ in range(_SINGLE):
        began = time.perf_counter()
        drawn, state = session.step(Inputs(event, (0.5, 0.5, 0.5)), state)
        event = drawn.event
        took.append(time.perf_counter() - began)
    return took
