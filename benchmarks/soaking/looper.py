"""A DAW's track with monitoring on: what the instrument sends is played back into it, 84 ms later.

A process of its own (`python -m benchmarks.soaking.looper`), which is ended when the loop is to end.
"""

import time
from queue import SimpleQueue

from realtime.midi.ports import OWN_INPUT, OWN_OUTPUT
from realtime.midi.rtmidi_ports import open_system

LATER_S = 0.084


def main() -> None:
    """Until we are ended."""
    system = open_system("jack")
    came = SimpleQueue[tuple[float, bytes]]()
    source = next(name for name in system.input_names() if OWN_OUTPUT in name)
    target = system.open_output(next(name for name in system.output_names() if OWN_INPUT in name))
    system.open_input(source, lambda message: came.put((time.monotonic(), message)))
    print("ready", flush=True)
    while True:
        at, message = came.get()
        time.sleep(max(at + LATER_S - time.monotonic(), 0.0))
        target.send(message)


if __name__ == "__main__":
    main()
