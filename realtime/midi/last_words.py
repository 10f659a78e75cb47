"""`python -m realtime.midi.last_words SYSTEM`: sends what it reads, a message in hexadecimal a line, to all.

For the end of an engine that was killed: whoever heard it may still sound, and its ports are gone, with all
that was connected to them. So every output there is hears the releases of just those keys; where they don't
sound, they mean nothing. They are sent more than once: JACK loses what is sent before a new
connection has come to be, and what comes in a period that it misses. A process of its own, as a driver may
hang. Must not know what was played.
"""

import sys
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from time import sleep

from realtime.midi.ports import OWN_INPUT, OutputPort, PortError, PortSystem

TIMES, PAUSE_S = 4, 0.15
_LOOPS = ("midi through", OWN_INPUT.lower())  # what would come back as playing


def say_to_all(system: PortSystem, messages: Iterable[bytes]) -> None:
    """Send messages to each output of other programs and devices that can be had, and again."""
    messages = list(messages)
    with ExitStack() as opened:
        ports = []
        for name in system.output_names():
            if any(part in name.lower() for part in _LOOPS):
                continue
            with suppress(PortError):  # another that went away
                ports.append(system.open_output(name))
                opened.callback(ports[-1].close)
        for count in range(TIMES):
            sleep(PAUSE_S if count else 0.0)
            for port in ports:
                _say(port, messages)


def _say(port: OutputPort, messages: Iterable[bytes]) -> None:
    with suppress(PortError):  # it went away meanwhile
        for message in messages:
            port.send(message)


def main(system: str) -> None:
    """Read messages, and send them."""
    from realtime.midi.rtmidi_ports import open_system

    messages = [bytes.fromhex(line) for line in sys.stdin]
    with suppress(PortError):
        say_to_all(open_system(system), messages)


if __name__ == "__main__":
    main(sys.argv[1])
