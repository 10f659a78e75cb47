"""What people remark on a run, tags and a note, kept beside it in `remarks.json`.

The only file that the dashboard writes. Must not know pages.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from dashboard.kept import Kept
from music.settings import SettingError
from music.whole_file import write_whole
from realtime.journals.held import hold

FILE = "remarks.json"
_MOST_TAGS, _LONGEST_TAG, _LONGEST_NOTE = 20, 40, 10_000


@dataclass(frozen=True, slots=True)
class Remarks:
    """Words by which runs are found again, and a text."""

    tags: tuple[str, ...] = ()
    note: str = ""


def remarks_on(run: Path) -> Remarks:
    """What was remarked on the run in a folder; an error says why it can't be read."""
    return _REMARKS.of(run)


def tags_in(words: str) -> tuple[str, ...]:
    """Tags as somebody writes them, with commas between them."""
    return tuple(dict.fromkeys(word for part in words.split(",") if (word := " ".join(part.split()))))


def keep(run: Path, remarks: Remarks, before: Remarks) -> None:
    """Write remarks beside a run, unless somebody else has changed them since they were as `before`."""
    if len(remarks.tags) > _MOST_TAGS or any(len(tag) > _LONGEST_TAG for tag in remarks.tags):
        raise SettingError(f"at most {_MOST_TAGS} tags of at most {_LONGEST_TAG} letters")
    if len(remarks.note) > _LONGEST_NOTE:
        raise SettingError(f"a note has at most {_LONGEST_NOTE:,} letters")
    try:
        with _alone_in(run):
            if remarks_on(run) != before:
                raise SettingError(
                    f"{run / FILE} was changed meanwhile by somebody else; load the page again"
                )
            write_whole(run / FILE, json.dumps(asdict(remarks), indent=1) + "\n")
    except BlockingIOError:
        raise SettingError(f"{run / FILE} is being written by somebody else just now; try again") from None
    except OSError as error:
        raise SettingError(f"{run / FILE}: can't be written: {error.strerror or error}") from None


@contextmanager
def _alone_in(run: Path) -> Iterator[None]:
    """Between looking and writing no other dashboard writes; where folders can't be held, they may."""
    if os.name != "posix":
        yield
        return
    folder = os.open(run, os.O_RDONLY)
    try:
        hold(folder)
        yield
    finally:
        os.close(folder)


def _read(run: Path, _: Remarks | None) -> Remarks:
    try:
        table = json.loads((run / FILE).read_text(encoding="utf-8"))
        tags: Sequence[str] = [str(tag) for tag in table["tags"]]
        return Remarks(tuple(tags), str(table["note"]))
    except FileNotFoundError:
        return Remarks()
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise SettingError(f"{run / FILE}: damaged, so it is left out ({what}); mend or delete it") from None


_REMARKS = Kept(_read, FILE, most_bytes=1 << 26)
