"""What a process costs, as the system counts it, and which processes it has started."""

import os
import subprocess
from pathlib import Path


def children(process: int) -> list[int]:
    """The processes that this one has started and that still run."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found = [pid for pid, parent in pairs if parent == process]
    return [pid for pid in found if Path(f"/proc/{pid}").exists()]  # but for the one that has listed them


def cpu_s(process: int) -> float:
    """Seconds of processor time so far; from the system's own count, in ticks of some 10 ms."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(process: int) -> float:
    """Its memory in MB."""
    command = ["ps", "-o", "rss=", "-p", str(process)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1024
