"""The ports for one performance: opened before it, watched during it, given back after it.

The lines that name them are made here, too.

Knows ports, outputs and the watch. Must not know the loop or who answers.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import sleep

from realtime.choices import Choices
from realtime.ending import say
from realtime.engine.clock import Clock
from realtime.engine.inbox import Inbox
from realtime.engine.outputs import Outputs
from realtime.engine.port_watch import PortWatch
from realtime.midi.ports import PortError, PortSystem

CLOSE_WITHIN_S = 10.0  # JACK takes up to a second for each
AGAIN_AFTER_S = 0.1  # JACK loses what it is sent in a period that it misses; none is longer than 85 ms


@contextmanager
def open_ports(
    choices: Choices, inbox: Inbox, clock: Clock, *, offers_input: bool = True
) -> Iterator[tuple[Outputs, PortWatch | None]]:
    """The outputs, and the ports if there is a MIDI system; what was named must be there."""
    outputs = Outputs(thru=choices.thru)
    try:
        system = choices.system or _system(choices.midi_api)
    except PortError as reason:
        if choices.inputs or choices.outputs or choices.midi_api:
            raise
        print(f"ports none: {reason}")
        yield outputs, None
        return
    watch = PortWatch(system, inbox, outputs, clock, say=print, offers_input=offers_input)
    try:
        watch.open(choices.inputs, choices.outputs)
        watch.start()
        yield outputs, watch
    finally:
        _close_or_leave(watch, outputs)


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


def _close_or_leave(watch: PortWatch, outputs: Outputs) -> None:
    """Let go of everything once more, and close the ports; by now the notes have ended and the take is saved.

    A driver whose server has died may never return, and then we end without it.
    """

    def close() -> None:
        sleep(AGAIN_AFTER_S)
        outputs.let_go()
        watch.close()

    closing = Thread(target=close, name="closing", daemon=True)
    closing.start()
    closing.join(CLOSE_WITHIN_S)
    if closing.is_alive():
        say("the MIDI system doesn't take its ports back; leaving it")
        os._exit(1)  # an ordinary end would wait for the driver again


def _system(name: str | None) -> PortSystem:
    try:
        from realtime.midi.rtmidi_ports import open_system
    except ImportError as reason:  # a sound library of the system's that python-rtmidi was linked to
        raise PortError(f"python-rtmidi can't be loaded: {reason}") from reason
    return open_system(name)
