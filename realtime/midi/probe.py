"""`python -m realtime.midi.probe SYSTEM`: what other programs play out of, as a JSON list of names.

A process of its own, since a client that is made while the server hangs never comes to be, and holds the
interpreter meanwhile: in the engine that would be the end of all music.
"""

import json
import subprocess
import sys

from realtime.midi.ports import PortError

ANSWERS_WITHIN_S = 4.0


def outputs_of_others(system: str) -> list[str] | None:
    """The names, asked for by a process of their own; None where the system doesn't answer it."""
    # -P: a folder called realtime where the person happens to be must not be taken for ours
    command = [sys.executable, "-P", "-m", "realtime.midi.probe", system]
    try:
        done = subprocess.run(command, capture_output=True, timeout=ANSWERS_WITHIN_S, check=False)
        names = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return [str(name) for name in names]


def main(system: str) -> None:
    """Print the names; an error, and no names, where the system doesn't answer."""
    from realtime.midi.rtmidi_ports import all_outputs_of_others
    from realtime.priority import be_ordinary

    be_ordinary()  # the engine that starts us may be urgent
    try:
        print(json.dumps(all_outputs_of_others(system)))
    except PortError as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main(sys.argv[1])
