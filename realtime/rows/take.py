"""A take: what was played and what was answered, for a MIDI file with a track for each.

Takes rows by noting alone, in a few bytes each, as an evening has many; the file is put together when the
take is saved. It has every message as it was sent: channel, how fast a key was let go, half a pedal, bends,
pressure, programs and every controller. Knows rows and messages. Must not know ports, turns or the loop.
"""

import os
import tempfile
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from time import localtime, strftime
from typing import Any

from music.midi.writing import Track, played_bytes, write_midi
from music.notes import DEFAULT_VELOCITY
from music.phrase import Phrase
from music.piece import Part, Words
from music.whole_file import whole
from realtime.performer.phases import Phase, Reason

PLAYER, MODEL = 0, 1  # voices, which are tracks
PARTS = (Part(PLAYER, "Player", channel=0), Part(MODEL, "Antiphon", channel=1, pedalled=False))
# In the lines that are written into a take.
ANSWERER, WHICH_MODEL, FROM = "answerer: ", "model: ", ", from "
BEAT_S = 0.5
TICKS_PER_BEAT = 16384  # of 1/32768 s: the grain of the engine's clock, so that moments are kept as they were
# How marks begin, and those that are one word.
ASKED, CONTROL = "asked", "control"
PAUSED, WENT_ON = "the clock stopped", "the clock went on"
SILENCED, FORGOTTEN, FROZEN, STOPPED = "silenced", "forgotten", "frozen or thawed", "stopped"
STARRED = "starred"
TAKEN_UP = "goes on from a place in"  # another take, from whose place on this one is new
LATE, LATE_GRAIN_S = "late", 1e-4  # how late notes were sent, in order, as whole numbers of this
_RELEASE, _STRIKE, _CONTROL, _SUSTAIN = 0x80, 0x90, 0xB0, 64


class Messages:
    """Messages with their moments, in the order in which they were sent: some fifteen bytes for each."""

    def __init__(self) -> None:
        self._at = array("d")
        self._ends = array("L")
        self._bytes = bytearray()

    def add(self, at: float, message: bytes) -> None:
        """One more."""
        self._at.append(at)  # first: it refuses what is no number
        self._bytes += message
        self._ends.append(len(self._bytes))

    def __iter__(self) -> Iterator[tuple[float, bytes]]:
        begin = 0
        for at, end in zip(self._at, self._ends, strict=True):
            yield at, bytes(self._bytes[begin:end])
            begin = end


_MARKS = {
    Reason.PANIC.value: SILENCED,
    Reason.FORGOTTEN.value: FORGOTTEN,
    Reason.PAUSED.value: PAUSED,
    Reason.WENT_ON.value: WENT_ON,
    Reason.FROZEN.value: FROZEN,
    Reason.THAWED.value: FROZEN,
    Reason.STOPPED.value: STOPPED,
}


@dataclass
class TakeRecorder:
    """Remembers all that sounded, all else that was sent, and who answered."""

    begins_at: float | None = None  # with the first key that goes down
    _voices: tuple[Messages, Messages] = field(default_factory=lambda: (Messages(), Messages()))
    _marks: list[tuple[float, str]] = field(default_factory=list)
    _late: list[int] = field(default_factory=list)  # of notes since the last answer was over
    _late_at: float = 0.0  # the last of them
    _changes: list[tuple[float, str, str]] = field(default_factory=list)  # who answers, from when on

    def take(self, row: Mapping[str, Any]) -> None:
        """Note a row of what was sent or done, or of who answers from now on; others are let pass."""
        self._take_lateness(row)
        if row["kind"] == "model":
            self._changes.append((row["at"], row["model"], row.get("file", "")))
        if row["kind"] == "messages":
            for at, _, message in row["of"]:
                self._voices[PLAYER].add(at, bytes.fromhex(message))
            return
        read = _READERS.get(row["kind"])
        message = None if read is None or row.get("kept_back") else read(row)
        if message is not None:
            self._voices[MODEL if row.get("who") == "model" else PLAYER].add(row["at"], message)
        elif (mark := _mark_of(row)) is not None:
            self._marks.append((row["at"], mark))
        if self.begins_at is None and row["kind"] == "note" and row["velocity"]:
            self.begins_at = row["at"]

    def _take_lateness(self, row: Mapping[str, Any]) -> None:
        """One mark has how late the notes of an answer were, and stands where the last of them was struck."""
        if row["kind"] == "note" and row["velocity"] and "late_s" in row:
            self._late.append(round(row["late_s"] / LATE_GRAIN_S))
            self._late_at = row["at"]
        elif row["kind"] == "turn" and row["phase"] != Phase.ANSWERING.value:
            self._marks += self._lateness()
            self._late = []

    def _lateness(self) -> list[tuple[float, str]]:
        """None where time stood still meanwhile, as with a file for a player."""
        if not any(self._late):
            return []
        return [(self._late_at, f"{LATE}: {' '.join(map(str, self._late))}")]

    def marks(self) -> list[tuple[float, str]]:
        """What was done beside playing, in seconds from the first note on: enough to play the take again."""
        begin = self.begins_at or 0.0
        marks = sorted([*self._marks, *self._lateness()], key=lambda mark: mark[0])
        return [(max(at - begin, 0.0), mark) for at, mark in marks]

    @property
    def is_empty(self) -> bool:
        """Whether no key went down yet."""
        return self.begins_at is None

    def about(self, begun_with: Sequence[str]) -> list[str]:
        """The lines that the performance began with, and who answered in this take, from when on."""
        first = inf if self.begins_at is None else self.begins_at
        answerer = next((line for line in begun_with if line.startswith(ANSWERER)), None)
        file = ""
        later: list[str] = []
        for at, model, its_file in self._changes:
            line = f"{ANSWERER}{model}"
            if at <= first:
                answerer, file = line, its_file
            elif line != (later[-1].rpartition(FROM)[0] if later else answerer):
                later.append(f"{line}{FROM}{at - first:.1f} s on")
        rest = [
            f"{WHICH_MODEL}{file}" if file and line.startswith(WHICH_MODEL) else line
            for line in begun_with
            if not line.startswith(ANSWERER)
        ]
        return [*([] if answerer is None else [answerer]), *later, *rest]

    def file(self, about: Sequence[str]) -> bytes:
        """Everything so far as a MIDI file, from the first note on; `about` are lines such as the seed."""
        begin = self.begins_at or 0.0
        words = [Words(0.0, line) for line in about]
        words += [Words(at / BEAT_S, mark) for at, mark in self.marks()]
        tracks = [Track(part.name, _settled(self._voices[part.voice], begin)) for part in PARTS]
        return played_bytes(tracks, ticks_per_beat=TICKS_PER_BEAT, words=words)


def _mark_of(row: Mapping[str, Any]) -> str | None:
    """What a row leaves in a take beside sound, in a line; None for most."""
    if row["kind"] == "moved":
        return f"{CONTROL}: {row['name']} {row['value']}"
    if row["kind"] == "turn" and row["phase"] == Phase.ASKING.value and "turn" in row:
        return f"{ASKED}: turn {row['turn']}, attempt {row['attempt']}"
    if row["kind"] == STARRED:
        return STARRED
    if row["kind"] == "taken_up":
        return f"{TAKEN_UP} {row.get('take', 'a take')}: {row.get('place', 0.0):.2f} s"
    return _MARKS.get(row["reason"]) if row["kind"] == "turn" else None


def _settled(messages: Messages, begin: float) -> Iterator[tuple[float, bytes]]:
    """In seconds from the beginning, each strike with one release: where a key is struck again, and at the
    end. What came before the beginning is put there."""
    down: dict[bytes, None] = {}  # first byte of a release, and the pitch; in the order of the strikes
    last_at = 0.0
    for sent_at, message in messages:
        at = last_at = max(sent_at - begin, 0.0)
        kind = message[0] & 0xF0
        if kind not in (_RELEASE, _STRIKE):
            yield at, message
            continue
        key = bytes((_RELEASE | message[0] & 0x0F, message[1]))
        is_down = key in down
        down.pop(key, None)
        if kind == _STRIKE:
            down[key] = None
            if is_down:
                yield at, key + bytes((DEFAULT_VELOCITY,))
            yield at, message
        elif is_down:
            yield at, message
    for key in down:
        yield last_at, key + bytes((DEFAULT_VELOCITY,))


def _note(row: Mapping[str, Any]) -> bytes:
    channel = row.get("channel", 2 if row["who"] == "model" else 1) - 1
    if row["velocity"]:
        return bytes((_STRIKE | channel, row["pitch"], row["velocity"]))
    return bytes((_RELEASE | channel, row["pitch"], row.get("release_velocity", DEFAULT_VELOCITY)))


def _pedal(row: Mapping[str, Any]) -> bytes:
    return bytes((_CONTROL | row.get("channel", 1) - 1, _SUSTAIN, row["depth"]))


def _message(row: Mapping[str, Any]) -> bytes:
    return bytes.fromhex(row["bytes"])


_READERS: Mapping[str, Callable[[Mapping[str, Any]], bytes]] = {
    "note": _note,
    "pedal": _pedal,
    "message": _message,
}


def default_folder() -> Path:
    """Where takes go when nobody says: a folder of ours within the person's music."""
    return Path.home() / "Music" / "Antiphon"


def fresh_path(folder: Path) -> Path:
    """A file name in the folder that says when, and that no file has."""
    stem = strftime("%Y-%m-%d %H.%M.%S", localtime())
    names = [f"{stem}.mid", *(f"{stem} ({count}).mid" for count in range(2, 1000))]
    return next(folder / name for name in names if not (folder / name).exists())


def refuse_unwritable(path: Path) -> None:
    """`OSError` now rather than after the performance, if a file can't be written there."""
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; --takes names a folder, --take a file")
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise PermissionError(
            f"no take can be saved as {path}: {folder} is no folder that may be written to; name another "
            "with --takes, or say --no-take"
        )


def elsewhere(path: Path) -> Path:
    """Where a take is put that can't lie at this path: in a folder of its own among what is passing."""
    return Path(tempfile.mkdtemp(prefix="antiphon-")) / path.name


def save_take(take: TakeRecorder, path: Path, about: Sequence[str]) -> None:
    """Write a take, all of it or nothing; `about` are lines such as the seed, written into the file.

    Nobody else on this machine may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as unfinished:
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(take.file(about))


def save(phrase: Phrase, path: Path, about: Sequence[str]) -> None:
    """Write music as a take is written, all of it or nothing.

    Nobody else on this machine may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    words = [Words(0.0, line) for line in about]
    with whole(path) as unfinished:
        unfinished.touch(mode=0o600)
        write_midi(phrase, unfinished, ticks_per_beat=TICKS_PER_BEAT, parts=PARTS, words=words)
