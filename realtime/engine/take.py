"""A take: what was played and what was answered, for a MIDI file with a track for each.

Collects on the loop's thread by noting alone; the notes are put together when the take is saved. Knows actions and
phrases. Must not know ports or turns.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import localtime, strftime

from music.midi_writing import write_midi
from music.notes import KeyEvent, Note, NoteOff, NoteOn
from music.phrase import Phrase, phrase_of
from music.piece import Part, Words
from realtime.engine.clock import Clock
from realtime.engine.loop import Turned
from realtime.performer.actions import PassOn, PlayNote, StopNote
from realtime.performer.phases import Phase
from realtime.performer.state import plain

SAVE_EVERY_S = 30.0
PLAYER, MODEL = 0, 1  # voices, which are tracks
PARTS = (Part(PLAYER, "Player", channel=0), Part(MODEL, "Antiphon", channel=1, pedalled=False))
TICKS_PER_BEAT = 5000  # 0.1 ms each, at the 120 beats a minute of a take


@dataclass
class TakeRecorder:
    """A watcher that remembers all that sounded."""

    _player: list[KeyEvent] = field(default_factory=list)
    _model: list[KeyEvent] = field(default_factory=list)

    def __call__(self, turned: Turned) -> None:
        """Note what the actions made sound."""
        for action in turned.actions:
            if isinstance(action, PassOn):
                self._player.append(plain(action.event))
            elif isinstance(action, PlayNote):
                self._model.append(NoteOn(action.at, action.pitch, action.velocity))
            elif isinstance(action, StopNote):
                self._model.append(NoteOff(action.at, action.pitch))

    def phrase(self) -> Phrase:
        """Everything so far, from the first note on; the player is voice 0, the model voice 1; only the player pedals."""
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
    unfinished = path.with_name(f".{path.name}.unfinished")
    words = [Words(0.0, line) for line in about]
    write_midi(phrase, unfinished, ticks_per_beat=TICKS_PER_BEAT, parts=PARTS, words=words)
    unfinished.replace(path)


class TakeFile:
    """Where a take goes, saved now and then while the instrument plays, and at the end."""

    def __init__(self, recorder: TakeRecorder, path: Path, about: Sequence[str], clock: Clock) -> None:
        self.path = path
        self._recorder, self._about, self._clock = recorder, tuple(about), clock
        self._saved_at = clock.now()

    def save_now_and_then(self, phase: Phase, say: Callable[[str], None]) -> None:
        """Save while nobody plays, if it is long enough since the last time; so a crash loses little."""
        if phase is not Phase.WAITING or self._clock.now() - self._saved_at < SAVE_EVERY_S:
            return
        try:
            self.save()
        except OSError as reason:  # the music goes on; the save at the end will fail aloud
            say(f"the take can't be saved: {reason}")

    def save(self) -> bool:
        """Save it; whether there was anything to save."""
        self._saved_at = self._clock.now()
        phrase = self._recorder.phrase()
        if phrase.notes:
            save(phrase, self.path, self._about)
        return bool(phrase.notes)
