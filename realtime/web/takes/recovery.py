"""Takes made of the journals that a performance has left behind which was broken off.

Must not know when journals are written.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from realtime.journals.clearing import clear_away
from realtime.journals.held import hold
from realtime.journals.names import JOURNALS, take_of_journal
from realtime.rows.kinds import Row
from realtime.rows.take import TakeRecorder, save_take


def recovered(take: Path, begin: Row) -> Iterator[Path]:
    """Makes a take of each journal beside this take that nobody writes to, and gives where each lies.

    Those of the same performance, left by a page process that died, are cleared away: their rows come again,
    into this take.
    """
    for journal in sorted(take.parent.glob(JOURNALS)):
        with suppress(OSError, ValueError):  # another's, or nothing that can be read or written: it stays
            path = _recovered_from(journal, take, begin)
            if path is not None:
                yield path


def _recovered_from(journal: Path, take: Path, begin: Row) -> Path | None:
    with journal.open("r+b") as file:
        hold(file.fileno())
        rows = list(_rows(file))
        is_ours = bool(rows) and rows[0] == json.loads(json.dumps(begin))
        path = None if is_ours else _saved(rows, take_of_journal(journal), take)
    clear_away(take_of_journal(journal))
    return path


def _saved(rows: list[Mapping[str, Any]], path: Path, now: Path) -> Path | None:
    """Where what was broken off lies now; None if nothing sounds in it, or its own file has it all."""
    recorder = TakeRecorder()
    for row in rows:
        with suppress(
            KeyError, TypeError, ValueError
        ):  # a row of another version's: the others are worth having
            recorder.take(row)
    if recorder.is_empty:
        return None
    begun_with = rows[0].get("about", ()) if rows[0].get("kind") == "begin" else ()
    about = recorder.about([str(line) for line in begun_with])
    with suppress(OSError):
        if path.read_bytes() == recorder.file(about):
            return None
    path = _free(path, now)
    save_take(recorder, path, [*about, "recovered: the performance was broken off"])
    return path


def _rows(lines: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        with suppress(ValueError, RecursionError):  # half a line, when the power went
            row = json.loads(line)
            if isinstance(row, dict) and "kind" in row:
                yield row


def _free(path: Path, take: Path) -> Path:
    """A name that no file has, nor will the take that is being played."""
    names = [path, path.with_stem(f"{path.stem} (recovered)")]
    names += [path.with_stem(f"{path.stem} (recovered {count})") for count in range(2, 1000)]
    return next(name for name in names if name != take and not os.path.lexists(name))
