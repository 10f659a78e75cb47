"""The ports for one performance: opened before it, watched during it, given back after it.

The lines that name them are made here, too.

Knows ports, outputs and the watch. Must not know the loop or who answers.
"""

import faulthandler
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from time import sleep

from realtime.choices import Choices
from realtime.ending import say
from realtime.engine.clock import Clock
from realtime.engine.inbox import Inbox
from realtime.engine.outputs import Outputs
from realtime.engine.port_watch import PortWatch
from realtime.engine.wiring.delays import Delay, delays_said
from realtime.engine.wiring.routes import ANY, Route, routes_said
from realtime.knobs import DELAY, ROUTE
from realtime.midi.ports import PortError, PortSystem

CLOSE_WITHIN_S = 4.0  # JACK takes up to a second for each
AGAIN_AFTER_S = 0.1  # JACK loses what it is sent in a period that it misses; none is longer than 85 ms


@contextmanager
def open_ports(
    choices: Choices,
    inbox: Inbox,
    clock: Clock,
    *,
    offers_input: bool = True,
    now: Callable[[], float] | None = None,
) -> Iterator[tuple[Outputs, PortWatch | None]]:
    """The outputs, and the ports if there is a MIDI system; what was named must be there.

    `now` is the time that the loop goes by, where that isn't the clock's.
    """
    outputs = Outputs(thru=choices.thru, passes_system=choices.passes_system, now=now or clock.now)
    outputs.delays.set(choices.delays)
    try:
        system = choices.system or _system(choices.midi_api)
    except PortError as reason:
        if choices.midi_api or choices.wants_ports:
            raise
        print(f"ports none: {reason}")
        yield outputs, None
        return
    watch = PortWatch(system, inbox, outputs, clock, say=print, offers_input=offers_input)
    try:
        watch.open(choices.inputs, choices.outputs, choices.faders)
        check_wiring(choices, watch.input_names, [port.name for port in outputs.ports])
        watch.start()
        yield outputs, watch
    finally:
        _close_or_leave(watch, outputs)


def check_wiring(choices: Choices, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """What routes and delays name must be open, those of the presets too; `PortError` says what isn't."""
    said: list[tuple[str, Route | Delay]] = [("--route", route) for route in choices.routes] + [
        ("--delay", one) for one in choices.delays
    ]
    for preset in choices.presets:
        controls = dict(preset.controls)
        said += [(f"[{preset.name}]", one) for one in routes_said(str(controls.get(ROUTE, "")))]
        said += [(f"[{preset.name}]", one) for one in delays_said(str(controls.get(DELAY, "")))]
    for where, one in said:
        names, kind = (inputs, "input") if isinstance(one, Route) else (outputs, "output")
        if one.port != ANY and not any(one.port.lower() in name.lower() for name in names):
            raise PortError(
                f"{where} {one.text}: no open {kind} has {one.port!r} in its name; there are: "
                f"{', '.join(names) or 'none'}"
            )


def inputs_line(watch: PortWatch | None, *, has_keys: bool) -> str:
    """What it is played on."""
    names = [
        *(watch.input_names if watch is not None else []),
        *(["the computer's keys"] if has_keys else []),
    ]
    return f"in    {', '.join(names) or 'nothing yet: plug in a keyboard'}"


def outputs_line(watch: PortWatch | None, outputs: Outputs, *, has_page: bool) -> str:
    """Where it sounds; and where there are no virtual ports, what to do for them."""
    names = ", ".join(port.name for port in outputs.ports)
    without = "no port: it is heard on the page" if has_page else "nothing: what is played is seen, not heard"
    line = f"out   {names or without}"
    if watch is None or watch.system.makes_ports:
        return line
    advice = (
        "No virtual ports here: to play in a DAW, make one with loopMIDI and name it with --in and --out."
    )
    return f"{line}\n{advice}"


def loop_words(name: str, delay_s: float | None) -> str:
    """That what goes out comes in again on an input after so many seconds, and the remedy; or that it doesn't
    any more."""
    if delay_s is None:
        return f"what goes out doesn't come back on {name} any more"
    return (
        f"what goes out comes back on {name} after {1000 * delay_s:.0f} ms, and is left out: "
        "take away the cable, or turn off monitoring on that track"
    )


def clock_gone_words(tempo: float) -> str:
    """That the MIDI clock that was followed has ceased, what counts instead, and the remedy."""
    return (
        f"the MIDI clock has ceased: bars go on at its {tempo:.0f} beats a minute; look at its cable, and "
        "start it again"
    )


def _close_or_leave(watch: PortWatch, outputs: Outputs) -> None:
    """Let go of everything once more, and close the ports; by now the notes have ended and the take is saved.

    A driver whose server hangs may never return, and then we end without it. Where it holds the interpreter
    meanwhile, no thread of ours can run: a timer outside the interpreter ends the process.
    """

    def close() -> None:
        sleep(AGAIN_AFTER_S)
        outputs.let_go()
        watch.close()

    closing = Thread(target=close, name="closing", daemon=True)
    with tempfile.TemporaryFile() as unread:  # what the timer writes down before it ends the process
        faulthandler.dump_traceback_later(CLOSE_WITHIN_S, exit=True, file=unread)
        try:
            closing.start()
            closing.join(CLOSE_WITHIN_S / 2)
            if closing.is_alive():
                say("the MIDI system takes its time to take its ports back")
            closing.join()
        finally:
            faulthandler.cancel_dump_traceback_later()


def _system(name: str | None) -> PortSystem:
    try:
        from realtime.midi.rtmidi_ports import open_system
    except ImportError as reason:  # a sound library of the system's that python-rtmidi was linked to
        raise PortError(f"python-rtmidi can't be loaded: {reason}") from reason
    return open_system(name)
