"""The recorded piano in its folder: written once, whole or not at all, and each file checked when it is read.

Knows the folder and its index. Must not know where recordings come from, nor who plays them.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from music.whole_file import write_whole

INDEX = "index.json"
FORMAT = 1


class WrongRecordingError(Exception):
    """A file of the folder that can't be used; says which, why, and what to do."""


def piano_folder() -> Path:
    """Where the recorded piano is kept: ANTIPHON_PIANO, or beside what other programs keep."""
    if named := os.environ.get("ANTIPHON_PIANO"):
        return Path(named)
    if local := os.environ.get("LOCALAPPDATA"):  # Windows
        return Path(local) / "antiphon" / "piano"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "antiphon" / "piano"


def keep(folder: Path, credit: str, recordings: Mapping[str, bytes], samples: list[dict[str, Any]]) -> None:
    """Write recordings by name, and last the index, which says of each of `samples` what it is."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / INDEX).unlink(missing_ok=True)
    for name, content in recordings.items():
        write_whole(folder / name, content)
    checked = [sample | {"sha256": _sha256(recordings[sample["file"]])} for sample in samples]
    index = {"format": FORMAT, "credit": credit, "samples": checked}
    write_whole(folder / INDEX, json.dumps(index, indent=1))


class KeptPiano:
    """The folder as the page's server reads it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def is_there(self) -> bool:
        """Whether there is an index."""
        return (self.folder / INDEX).is_file()

    def file(self, name: str) -> bytes | None:
        """The index, or a recording that it names; None where there is none of that name."""
        if not self.is_there:
            return None
        checksums = self._checksums()
        if name == INDEX:
            return (self.folder / INDEX).read_bytes()
        return self._recording(name, checksums[name]) if name in checksums else None

    def check(self) -> None:
        """Every file is there and as it was written, or an error."""
        for name, checksum in self._checksums().items():
            self._recording(name, checksum)

    def _checksums(self) -> dict[str, str]:
        try:
            index = json.loads((self.folder / INDEX).read_bytes())
            if index["format"] != FORMAT:
                raise self._wrong(INDEX, f"is of format {index['format']}, and {FORMAT} is understood")
            return {str(sample["file"]): str(sample["sha256"]) for sample in index["samples"]}
        except (OSError, ValueError, KeyError, TypeError):
            raise self._wrong(INDEX, "can't be read") from None

    def _recording(self, name: str, checksum: str) -> bytes:
        try:
            content = (self.folder / name).read_bytes()
        except OSError:
            raise self._wrong(name, "can't be read") from None
        if _sha256(content) != checksum:
            raise self._wrong(name, f"is not what was kept ({len(content):,} bytes)")
        return content

    def _wrong(self, name: str, why: str) -> WrongRecordingError:
        return WrongRecordingError(
            f"{self.folder / name} {why}: antiphon piano fetches the recorded piano anew; "
            "until then the page works its piano out"
        )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
