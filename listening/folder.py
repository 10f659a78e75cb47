"""A listening test on disk: what the server may know, the clips under names that say nothing, and the key.

`test.json` has the clips by item and column, `clips/` their notes or their sound, `key.json` what each clip
is: only `analyse` and whoever made the test open that. Ratings lie in `ratings.sqlite`; those of a rehearsal,
by listeners who are none, in a folder of their own, `synthetic/`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from listening.scales import Scale, scale_named
from music.settings import SettingError
from music.whole_file import write_whole

VERSION = 1
NOTES, WAV = "notes", "wav"  # how a clip lies there: for the page's own piano, or rendered
_SUFFIX = {NOTES: ".json", WAV: ".wav"}


@dataclass(frozen=True, slots=True)
class ClipFile:
    """A clip by its name, and how long it lasts with its tail."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ListeningTest:
    """What there is to hear: `items` has a clip for each column (a condition, whose name isn't here)."""

    id: str
    title: str
    scale: Scale
    sound: str
    example: ClipFile
    items: tuple[tuple[ClipFile, ...], ...]

    @property
    def columns(self) -> int:
        """How many conditions there are."""
        return len(self.items[0])

    def clip(self, name: str) -> ClipFile | None:
        """The clip of that name."""
        return next((clip for clip in self.clips() if clip.name == name), None)

    def clips(self) -> Iterator[ClipFile]:
        """All clips, the example first."""
        yield self.example
        for item in self.items:
            yield from item


@dataclass(frozen=True, slots=True)
class ListeningFolder:
    """Where a test lies."""

    path: Path

    def clip(self, test: ListeningTest, name: str) -> Path:
        """Where a clip lies."""
        return self.path / "clips" / f"{name}{_SUFFIX[test.sound]}"

    def check_clips(self, test: ListeningTest) -> None:
        """An error unless every clip lies there."""
        paths = [self.clip(test, clip.name) for clip in test.clips()]
        missing = [path for path in paths if not path.is_file()]
        if missing:
            raise SettingError(
                f"{missing[0]} is not there, and {len(missing)} of {len(paths)} clips are missing: copy the "
                "whole folder, or make the test again, in a new one"
            )

    def ratings(self, *, synthetic: bool) -> Path:
        """Where ratings lie: those of people, or those of a rehearsal."""
        return self._kept(synthetic) / "ratings.sqlite"

    def analysis(self, *, synthetic: bool) -> Path:
        """Where an analysis is kept."""
        return self._kept(synthetic) / "analysis.json"

    def _kept(self, synthetic: bool) -> Path:
        return self.path / "synthetic" if synthetic else self.path

    def begin(self, test: ListeningTest, key: Mapping[str, Any]) -> None:
        """Write what is known; the clips lie there already. The key goes first: no test is without one."""
        table = asdict(test) | {"version": VERSION, "scale": test.scale.name}
        write_whole(self.path / "key.json", json.dumps({"version": VERSION, **key}, indent=1))
        write_whole(self.path / "test.json", json.dumps(table, indent=1))

    def test(self) -> ListeningTest:
        """What there is to hear."""
        table = self._read("test.json")
        try:
            items = tuple(tuple(map(_clip_file, item)) for item in table["items"])
            if not items or len({len(item) for item in items}) > 1 or not items[0]:
                raise ValueError("items of different lengths")
            return ListeningTest(
                str(table["id"]),
                str(table["title"]),
                scale_named(table["scale"]),
                {NOTES: NOTES, WAV: WAV}[table["sound"]],
                _clip_file(table["example"]),
                items,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise self._incomplete("test.json", error) from None

    def key(self) -> dict[str, Any]:
        """What each clip is, by its name, and what is known of the sources."""
        table = self._read("key.json")
        try:
            for clip in table["clips"].values():
                str(clip["condition"])
            return {**table, "conditions": list(map(str, table["conditions"]))}
        except (KeyError, TypeError, AttributeError) as error:
            raise self._incomplete("key.json", error) from None

    def _read(self, name: str) -> dict[str, Any]:
        path = self.path / name
        try:
            table = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise SettingError(
                f"{path} is not there: {self.path} is no listening test; "
                "make one with `antiphon listening-test make`"
            ) from None
        except ValueError as error:
            raise self._incomplete(name, error) from None
        if not isinstance(table, dict) or type(table.get("version")) is not int:
            raise self._incomplete(name, TypeError("no version"))
        if table["version"] > VERSION:
            raise SettingError(f"{path}: made by a newer Antiphon: pip install --upgrade antiphon")
        return table

    def _incomplete(self, name: str, error: Exception) -> SettingError:
        what = f"{type(error).__name__}: {error}"
        return SettingError(f"{self.path / name}: not whole ({what}); make the test again, in a new folder")


def notes_text(notes: Sequence[Sequence[float]], seconds: float) -> str:
    """Notes (at, pitch, velocity, seconds) as the page reads them."""
    return json.dumps({"notes": notes, "seconds": seconds}, separators=(",", ":"))


def _clip_file(row: Mapping[str, Any]) -> ClipFile:
    return ClipFile(str(row["name"]), float(row["seconds"]))
