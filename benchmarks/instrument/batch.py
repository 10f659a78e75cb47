"""Many performers on one model: events a second, by how many share a call, beside one performer alone.

`alone` is a session that draws one event after the other, as on stage. For each number of performers, all ask
for an event, one call draws them, all are kept: Python included. `batch of` has the states in this machine's
memory, and `hall of` has them stay where the model runs, so that events alone cross. `times_alone` is how
many times as many events that makes, in the same run; the kinds take turns. `events_per_cpu_s` counts seconds
of this process's processors, whatever else the machine does. `heard_ms` is a prompt of so many events for one
performer with nobody beside, which is what a new model hears when it takes over. `alike` is how many of so
many events both kinds drew alike with the same random numbers: on a processor all of them. `shared` says how
far it changes what a performer plays that others share its calls: log-probabilities in nats a field, which
are rounding alone in full precision.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.spread import spread
from music.notes import KEYS
from realtime.batch.batch import Batch
from realtime.batch.device_slots import DeviceSlots
from realtime.batch.host_slots import HostSlots
from realtime.batch.slots import Ask, Slots
from realtime.inference.bundle import read_bundle
from realtime.inference.chance import chances
from realtime.inference.session import Array, EventToken, Inputs, ModelSession

_ALONE = 40  # events of a round
_CALLS = 4  # of a round, for each number of performers
_PROMPT = 1000  # events
_COMPARED = 60  # events of each performer that shares calls
_SHARING = 16  # performers
BATCH, HALL = "batch", "hall"  # states in this machine's memory; where the model runs
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
    bundle = read_bundle(args.file)
    session = ModelSession(bundle, args.device, args.threads, scores=False)
    kinds = {BATCH: HostSlots(session), HALL: DeviceSlots(bundle, args.device, args.threads)}
    return (
        {"model": session.bundle.summary, "device": args.device, "threads": args.threads}
        | measure(session, kinds, args.performers, args.rounds)
        | {
            "heard_ms": {
                kind: spread([_heard_s(slots, session.begin) for _ in range(3)])
                for kind, slots in kinds.items()
            }
        }
        | {
            "alike": alike(session.begin, kinds),
            "shared": shared(ModelSession(bundle, args.device, args.threads)),
        }
    )


def measure(
    session: ModelSession, kinds: Mapping[str, Slots], performers: Sequence[int], rounds: int
) -> dict[str, Any]:
    """Events a second of each kind, the median of the rounds."""
    playing: dict[str, Callable[[], int]] = {"alone": _alone(session)}
    playing |= {
        f"{kind} of {count}": _batched(slots, session.begin, count)
        for count in performers
        for kind, slots in kinds.items()
    }
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in playing}
    for name, play in [*playing.items(), *(each for _ in range(rounds) for each in playing.items())]:
        took[name].append(_rates(play))
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


def _batched(slots: Slots, begin: EventToken, performers: int) -> Callable[[], int]:
    """So many performers; how many events a round has."""
    batch = Batch(slots, performers)
    seats = [batch.join(None, begin) for _ in range(performers)]
    count, calls = 0, max(_CALLS, _ALONE // performers)

    def play() -> int:
        nonlocal count
        for _ in range(calls):
            count += 1
            _drawn_by_all(batch, seats, count)
        return performers * calls

    return play


def _drawn_by_all(batch: Batch, seats: Sequence[int], draw: int) -> list[EventToken]:
    """Everybody's next event, in one call."""
    for number, seat in enumerate(seats):
        batch.ask(seat, Ask(chances(1, number, 1, draw), _ALL_KEYS, 0, _NEUTRAL, 1.0), 0.0)
    made = batch.step()
    for drawn in made:
        batch.keep(drawn.seat, drawn.event)
    return [drawn.event for drawn in made]


def _heard_s(slots: Slots, begin: EventToken) -> float:
    """A long prompt, heard by one performer."""
    batch = Batch(slots)
    events: list[EventToken] = [(5, 40 + KEYS * (place % 2), 9 * (1 - place % 2)) for place in range(_PROMPT)]
    seat = batch.join(None, begin)
    batch.hear(seat, events, 0.0, 0.0)
    began = time.perf_counter()
    while not batch.is_idle:
        batch.step()
    took_s = time.perf_counter() - began
    batch.leave(seat)
    return took_s


def alike(begin: EventToken, kinds: Mapping[str, Slots]) -> dict[str, int]:
    """How many events all kinds draw alike for performers who share each call."""
    played = []
    for slots in kinds.values():
        batch = Batch(slots)
        seats = [batch.join(None, begin) for _ in range(_SHARING)]
        played.append([event for draw in range(_COMPARED) for event in _drawn_by_all(batch, seats, draw)])
        for seat in seats:
            batch.leave(seat)
    return {"events": len(played[0]), "alike": sum(len(set(each)) == 1 for each in zip(*played, strict=True))}


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
