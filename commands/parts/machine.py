"""What a figure was measured on: the processor, its cores, the system, the day and the command."""

import datetime
import os
import platform
import shlex
import sys
from pathlib import Path

from music.version import __version__


def this_machine() -> dict[str, str | int]:
    """The circumstances that every figure carries."""
    return {
        "antiphon": __version__,
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "command": shlex.join(["antiphon", *sys.argv[1:]]),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
