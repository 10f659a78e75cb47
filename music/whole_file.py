"""A file that is written whole or not at all: whoever opens it finds all of it, or what was there before.

The content goes into a file of another name in the same folder, reaches the disk, and then takes the target's
place in one step. What breaks off leaves nothing behind, but for a process that is killed or loses its power:
it may leave a hidden `.NAME.XXXXXXXX.unfinished`, which can be deleted. Must not know what is written.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A path to write to within; written without an error, the file becomes the target.

    The target's folder must exist.
    """
    unfinished = unfinished_beside(target)
    try:
        yield unfinished
        with unfinished.open(
            "r+b"
        ) as file:  # before the new name: after a power cut no empty file may have it
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as error:  # what it is about is the target, which the person named
        if error.filename == str(unfinished) or (error.filename is None and error.errno in NO_ROOM):
            error.filename = str(target)
            if error.filename2 is not None:
                del error.filename2  # None would be said: "-> None"
        raise
    finally:
        unfinished.unlink(missing_ok=True)


def write_whole(target: Path, content: str | bytes) -> None:
    """Write this content, text as UTF-8, whole or not at all."""
    with whole(target) as unfinished:
        unfinished.write_bytes(content.encode() if isinstance(content, str) else content)


def unfinished_beside(target: Path) -> Path:
    """A hidden name in the target's folder that nobody else takes: two writers of one target don't mix."""
    return target.with_name(f".{target.name}.{token_hex(4)}.unfinished")
