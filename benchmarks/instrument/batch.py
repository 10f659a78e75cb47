"""Many performers on one model: events a second, by how many share a call, beside one performer alone.

`alone` is a session that draws one event after the other, as on stage. For each number of performers, all ask
for an event, one call draws them, all are kept: Python included. `times_alone` is how many times as many
events that makes, in the same run; the kinds take turns. `events_per_cpu_s` counts seconds of this process's
processors, whatever else the machine does. `heard_ms` is a prompt of so many events for one
performer with nobody beside, which is what a new model hears when it takes over. `shared` says how far it
changes what a performer plays that others share its calls: log-probabilities in nats a field, which are
rounding alone in full precision.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.spread import spread
from music.notes import KEYS
from realtime.batch.batch import Ask, Batch
from realtime.inference.bundle import read_bundle
from realtime.inference.chance import chances
from realtime.inference.session import Array, EventToken, Inputs, ModelSession

_ALONE = 40  # events of a round
_CALLS = 4  # of a round, for each number of performers
_PROMPT = 1000  # events
_COMPARED = 60  # events of each performer that shares calls
_SHARING = 16  # performers
_ALL_KEYS = np.ones(2 * KEYS, np.float32)
_NEUTRAL = (1.0, 1.0, 1.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a model file (antiphon export-onnx makes one)"
    )
    parser.add_argument(
        "--performers",
        type=int,
        nargs="+",
        default=[1, 8, 64, 512],
        metavar="N",
        help="how many side by side (default: 1 8 64 512)",
    )
    parser.add_argument("--rounds", type=int, default=10, metavar="N", help="(default: %(default)s)")
    parser.add_argument(
        "--threads", type=int, default=1, metavar="N", help="threads of the runtime (default: %(default)s)"
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="(default: %(default)s)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    session = ModelSession(read_bundle(args.file), args.device, args.threads)
    return (
        {"model": session.bundle.summary, "device": args.device, "threads": args.threads}
        | measure(session, args.performers, args.rounds)
        | {"heard_ms": spread([_heard_s(session) for _ in range(3)]), "shared": shared(session)}
    )


def measure(session: ModelSession, performers: Sequence[int], rounds: int) -> dict[str, Any]:
    """Events a second of each kind, the median of the rounds."""
    kinds: dict[str, Callable[[], int]] = {"alone": _alone(session)}
    kinds |= {f"batch of {count}": _batched(session, count) for count in performers}
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
    for name, kind in [*kinds.items(), *(each for _ in range(rounds) for each in kinds.items())]:
        took[name].append(_rates(kind))
    rates = {name: [median(kind) for kind in zip(*each[1:], strict=True)] for name, each in took.items()}
    return {  # the first round was for warming up
        name: {
            "events_per_s": round(per_s),
            "times_alone": round(per_s / rates["alone"][0], 2),
            "events_per_cpu_s": round(per_cpu_s),
        }
        for name, (per_s, per_cpu_s) in rates.items()
    }


def _rates(play: Callable[[], int]) -> tuple[float, float]:
    """Events a second in a round, by the clock on the wall and by the processors'."""
    began, used = time.perf_counter(), time.process_time()
    events = play()
    return events / (time.perf_counter() - began), events / (time.process_time() - used)


def _alone(session: ModelSession) -> Callable[[], int]:
    """One performer; how many events a round has."""
    event, state, count = session.begin, session.silent_state(), 0

    def play() -> int:
        nonlocal event, state, count
        for _ in range(_ALONE):
            count += 1
            made, state = session.step(Inputs(event, chances(1, 1, 1, count)), state)
            event = made.event
        return _ALONE

    return play


def _batched(session: ModelSession, performers: int) -> Callable[[], int]:
    """So many performers; how many events a round has."""
    batch = Batch(session, performers)
    seats = [batch.join(session.silent_state(), session.begin) for _ in range(performers)]
    count, calls = 0, max(_CALLS, _ALONE // performers)

    def play() -> int:
        nonlocal count
        for _ in range(calls):
            count += 1
            for number, seat in enumerate(seats):
                batch.ask(seat, Ask(chances(1, number, 1, count), _ALL_KEYS, 0, _NEUTRAL, 1.0), 0.0)
            for made in batch.step():
                batch.keep(made.seat, made.event)
        return performers * calls

    return play


def _heard_s(session: ModelSession) -> float:
    """A long prompt, heard by one performer."""
    batch = Batch(session)
    events: list[EventToken] = [(5, 40 + KEYS * (place % 2), 9 * (1 - place % 2)) for place in range(_PROMPT)]
    batch.hear(batch.join(session.silent_state(), session.begin), events, 0.0, 0.0)
    began = time.perf_counter()
    while not batch.is_idle:
        batch.step()
    return time.perf_counter() - began


def shared(session: ModelSession) -> dict[str, float]:
    """How far scores differ, in nats, between performers who share each call and the same ones alone."""
    music = _drawn(session)  # performers x events x 3
    together = _scores(session, music)
    apart = np.concatenate([_scores(session, music[lane, None]) for lane in range(len(music))]) - together
    return {"mean_nats": float(np.abs(apart).mean()), "worst_nats": float(np.abs(apart).max())}


def _drawn(session: ModelSession) -> Array:
    """What each of several performers plays by itself, the event before the first with it."""
    played = []
    for performer in range(_SHARING):
        event, state, events = session.begin, session.silent_state(), [session.begin]
        for number in range(_COMPARED):
            made, state = session.step(Inputs(event, chances(2, performer, 0, number)), state)
            event = made.event
            events.append(event)
        played.append(events)
    return np.array(played, np.int64)


def _scores(session: ModelSession, music: Array) -> Array:
    state, scores = session.silent_state(len(music)), []
    for place in range(music.shape[1] - 1):
        made, state = session.score(music[:, place], music[:, place + 1], state)
        scores.append(made)
    return np.stack(scores, axis=1)
