"""Running the command as a person does: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.waiting import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]


def antiphon(
    *words: str | Path, cwd: Path = ROOT, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """`antiphon WORDS...`, from the folder `cwd`."""
    return subprocess.run(
        [sys.executable, "-m", "antiphon", *map(str, words)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def antiphon_without(
    modules: tuple[str, ...], *words: str | Path, cwd: Path
) -> subprocess.CompletedProcess[str]:
    """The same, with nothing on the path; its status is 3 if it has imported one of these modules."""
    program = (
        f"import sys, antiphon\nstatus = antiphon.main({[*map(str, words)]!r})\n"
        f"sys.exit(status or any(module in sys.modules for module in {modules!r}) * 3)"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
