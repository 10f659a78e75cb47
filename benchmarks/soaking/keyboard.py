"""A keyboard without keys: `python -m benchmarks.soaking.keyboard` sends what it reads, a message in
hexadecimal a line, out of a JACK port of its own.

A process of its own, so that it can be killed with keys held. Its port always has the same name, which it
waits for: JACK takes a moment to notice that the last one has died.
"""

import sys
import time
from contextlib import suppress
from typing import Any

import rtmidi

CLIENT, PORT = "soak", "keyboard"
NAME = f"{CLIENT}:{PORT}"
NAMED_WITHIN_S = 30.0


def open_port() -> Any:
    """The port, under its name."""
    give_up_at = time.monotonic() + NAMED_WITHIN_S
    while time.monotonic() < give_up_at:
        port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, CLIENT)
        port.open_virtual_port(PORT)
        ear = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, "soak looks")
        names = ear.get_ports()
        ear.delete()
        if NAME in names:
            return port
        port.delete()
        time.sleep(0.2)
    sys.exit(f"{NAME}: the name isn't free")


def main() -> None:
    """Send until there is nothing more to read."""
    port = open_port()
    print("ready", flush=True)
    with suppress(KeyboardInterrupt):
        for line in sys.stdin:
            port.send_message(bytes.fromhex(line))


if __name__ == "__main__":
    main()
