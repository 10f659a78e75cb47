"""A take: what was played and what was answered, for a MIDI file with a track for each.

Takes rows by noting alone; the notes are put together when the take is saved. Knows rows and phrases. Must
not know ports, turns or the loop.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import localtime, strftime
from typing import Any

from music.midi.writing import write_midi
from music.notes import KeyEvent, Note, NoteOff, NoteOn, Pedal
from music.phrase import Phrase, phrase_of
from music.piece import Part, Words
from music.whole_file import whole
from realtime.performer.events import PEDAL_IS_DOWN_FROM

PLAYER, MODEL = 0, 1  # voices, which are tracks
PARTS = (Part(PLAYER, "Player", channel=0), Part(MODEL, "Antiphon", channel=1, pedalled=False))
TICKS_PER_BEAT = 5000  # 0.1 ms each, at the 120 beats a minute of a take


@dataclass
class TakeRecorder:
    """Remembers all that sounded."""

    _player: list[KeyEvent] = field(default_factory=list)
    _model: list[KeyEvent] = field(default_factory=list)

    def take(self, row: Mapping[str, Any]) -> None:
        """Note a row that sounded; others are let pass."""
        if row["kind"] == "note":
            events = self._model if row["who"] == "model" else self._player
            at, pitch, velocity = row["at"], row["pitch"], row["velocity"]
            events.append(NoteOn(at, pitch, velocity) if velocity else NoteOff(at, pitch))
        elif row["kind"] == "pedal":
            self._player.append(Pedal(row["at"], row["depth"] >= PEDAL_IS_DOWN_FROM))

    def phrase(self) -> Phrase:
        """Everything so far, from the first note on.

        The player is voice 0, the model voice 1; only the player pedals.
        """
        player, model = phrase_of(tuple(self._player)), phrase_of(tuple(self._model))
        notes = [*_in_voice(player.notes, PLAYER), *_in_voice(model.notes, MODEL)]
        if not notes:
            return Phrase()
        begin = min(note.at for note in notes)
        pedals = [replace(pedal, at=max(pedal.at, begin)) for pedal in player.pedals]
        return Phrase.of(notes, pedals).moved(-begin)


def _in_voice(notes: Sequence[Note], voice: int) -> list[Note]:
    return [replace(note, voice=voice) for note in notes]


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
        raise PermissionError(f"no take can be saved as {path}: {folder} is no folder that may be written to")


def save(phrase: Phrase, path: Path, about: Sequence[str]) -> None:
    """Write a take, all of it or nothing; `about` are lines such as the seed, written into the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    words = [Words(0.0, line) for line in about]
    with whole(path) as unfinished:
        write_midi(phrase, unfinished, ticks_per_beat=TICKS_PER_BEAT, parts=PARTS, words=words)
