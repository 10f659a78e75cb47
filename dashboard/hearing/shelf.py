"""The takes of all evenings, a row each. Reads takes as `antiphon takes` does; must not know pages."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.kept import Kept
from music.file_names import readable
from realtime.kept.folder import Shelved, described


def rows_of(files: Sequence[Path]) -> list[dict[str, Any]]:
    """As rows of a table; of a take that can't be read, why."""
    return [_row(_SHELF.of(file)) for file in files]


def _row(take: Shelved) -> dict[str, Any]:
    minutes, seconds = divmod(round(take.seconds), 60)
    return {
        "take": readable(take.path.name),
        "last changed": _changed(take.path),
        "length": "" if take.fault else f"{minutes}:{seconds:02}",
        "your notes": None if take.fault else take.player,
        "its notes": None if take.fault else take.model,
        "stars": None if take.fault else take.starred,
        "fault": readable(take.fault or ""),
    }


def _changed(path: Path) -> str:
    try:
        return f"{datetime.fromtimestamp(path.stat().st_mtime):%Y-%m-%d %H:%M}"
    except OSError:
        return ""  # it has gone since


_SHELF: Kept[Shelved] = Kept(lambda path, _: described(path), most_bytes=1 << 28)  # of files
