"""Takes what a browser plays at the pace of a loudspeaker, and drops it.

Firefox has a clock for sound only where something takes it, and a machine for tests has no sound card.

A program of its own, started by ALSA for each sound that begins; `configuration` has it started.
"""

import fcntl
import os
import shlex
import sys
import time

PIECE_BYTES = 4096  # 12 ms: in a longer pipe, what is played would be far ahead of what is heard
_HAD_STOPPED_S = 0.5  # so late means that nothing was played for a while, not that the machine was busy


def configuration() -> str:
    """How ALSA is to be configured: two channels, which go here and nowhere else."""
    command = f"{shlex.quote(sys.executable)} -I -S {shlex.quote(__file__)} %r %c %b"
    return f"""
pcm.!default {{
  type multi
  slaves.all {{ pcm {{ type file slave.pcm {{ type null }} file "|{command}" format raw }} channels 2 }}
  bindings.0 {{ slave all channel 0 }}
  bindings.1 {{ slave all channel 1 }}
}}
ctl.!default {{ type null }}
"""


def listen(source: int, bytes_a_second: float) -> None:
    """Take all that comes, no faster than it is heard, until its end."""
    fcntl.fcntl(source, fcntl.F_SETPIPE_SZ, PIECE_BYTES)
    begun_at, heard_s = time.monotonic(), 0.0
    while piece := os.read(source, PIECE_BYTES):
        heard_s += len(piece) / bytes_a_second
        ahead_s = heard_s - (time.monotonic() - begun_at)
        if ahead_s > 0:
            time.sleep(ahead_s)
        elif ahead_s < -_HAD_STOPPED_S:
            begun_at -= ahead_s


if __name__ == "__main__":
    rate, channels, bits = (int(word) for word in sys.argv[1:])
    listen(sys.stdin.fileno(), rate * channels * bits / 8)
