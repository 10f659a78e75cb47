"""The player's own music: what of a folder of takes was played by the person, and not by a model.

A take of Antiphon has the model's answers on a track of its own, which is left out, and so is the time that
the player spent listening to them. In any other MIDI file all is the player's, or what lies on one channel.
Must not know models.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from music.file_names import readable
from music.midi.files import MidiFileError, read_many
from music.notes import Note
from music.phrase import Phrase, pedal_folded
from music.piece import Piece
from music.settings import SettingError
from pieces.corpus import FEWEST_NOTES, LeftOut, PieceRecord, record_of
from realtime.rows.take import MODEL, PARTS, default_folder

FEWEST_IN_ALL = 64  # notes: less says nothing of anybody's manner
LONGEST_REST_S = 2.0  # a player who is silent for longer is listening, or is having tea
_HELD_OUT = 5  # one take in so many
_FEWEST_WHOLE = 4  # takes: of fewer, the end of each is held out
_SUFFIXES = (".mid", ".midi")
_ANTIPHON = next(part.name for part in PARTS if part.voice == MODEL)


@dataclass(frozen=True, slots=True)
class Take:
    """What the player played in a take, the pedal folded in."""

    name: str
    phrase: Phrase

    @property
    def hash(self) -> str:
        """Of its music alone."""
        return record_of(self.name, "train", self.phrase).hash


@dataclass(frozen=True, slots=True)
class Takes:
    """The takes of a folder, and what of it can't be learnt from."""

    kept: tuple[Take, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def notes(self) -> int:
        """How many the player struck."""
        return sum(len(take.phrase.notes) for take in self.kept)


def takes_in(folder: Path, channel: int | None = None) -> Takes:
    """The player's part of every MIDI file in a folder and below it; too little to learn from is an error.

    `channel`, from 0, says where the player is in files that Antiphon didn't write.
    """
    files = _files(folder)
    kept: dict[str, Take] = {}
    left_out: list[LeftOut] = []
    of_the_player = 0
    for take in _read(folder, files, channel):
        if isinstance(take, LeftOut):
            left_out.append(take)
            continue
        notes = len(take.phrase.notes)
        of_the_player += notes
        twin = kept.get(take.hash)
        if notes < FEWEST_NOTES:
            left_out.append(
                LeftOut(take.name, f"notes of yours: {notes}; fewer than {FEWEST_NOTES} are no take")
            )
        elif twin is not None:
            left_out.append(LeftOut(take.name, f"the same music as {twin.name}"))
        else:
            kept[take.hash] = take
    takes = Takes(tuple(kept.values()), tuple(left_out))
    if takes.notes < FEWEST_IN_ALL:
        where = "" if channel is None else f" on channel {channel + 1}"
        raise SettingError(
            f"{folder}: notes of yours{where}: {of_the_player}, in files: {len(files)}; to learn from, "
            f"{FEWEST_IN_ALL} at least are needed, in takes of {FEWEST_NOTES} or more: play some more first"
        )
    return takes


def _files(folder: Path) -> list[Path]:
    remedy = (
        f"say where your takes are; `antiphon play` saves them in {default_folder()} (--takes: elsewhere)"
    )
    if not folder.is_dir():
        raise SettingError(f"{folder}: no such folder; {remedy}")
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES and path.is_file())
    if not files:
        raise SettingError(f"{folder}: no MIDI files in it; {remedy}")
    return files


def _read(folder: Path, files: Sequence[Path], channel: int | None) -> Iterator[Take | LeftOut]:
    for path, reading in read_many(files, workers=1):
        name = readable(path.relative_to(folder).as_posix())
        if isinstance(reading, MidiFileError):
            yield LeftOut(name, readable(str(reading)))
            continue
        for number, piece in enumerate(reading):
            label = name if len(reading) == 1 else f"{name}#{number}"
            yield Take(label, players_part(piece, channel))


def players_part(piece: Piece, channel: int | None = None) -> Phrase:
    """What the player played, from the first note on, without the rests in which somebody else did."""
    mine = {part.voice for part in piece.parts if part.name != _ANTIPHON and channel in (None, part.channel)}
    notes = [replace(note, voice=0) for note in piece.phrase.notes if note.voice in mine]
    return without_waiting(pedal_folded(Phrase.of(notes, piece.phrase.pedals if notes else ())))


def without_waiting(phrase: Phrase) -> Phrase:
    """The phrase from its first note on, with no silence longer than `LONGEST_REST_S`."""
    moved: list[Note] = []
    later_s, until = 0.0, 0.0
    for note in phrase.notes:
        rest_s = note.at - until
        later_s -= max(rest_s - (LONGEST_REST_S if moved else 0.0), 0.0)
        until = max(until, note.until)
        moved.append(replace(note, at=note.at + later_s))
    return Phrase.of(moved)


def split_up(takes: Sequence[Take]) -> list[tuple[PieceRecord, Phrase]]:
    """Which takes are learnt from and which are held out; the same takes always fall alike.

    Of a few takes the last fifth of each is held out.
    """
    if len(takes) < _FEWEST_WHOLE:
        return [part for take in takes for part in _cut_in_two(take)]
    by_chance = sorted(takes, key=lambda take: take.hash)
    held_out = {take.hash for take in by_chance[: max(round(len(takes) / _HELD_OUT), 1)]}
    return [
        (record_of(take.name, "validation" if take.hash in held_out else "train", take.phrase), take.phrase)
        for take in takes
    ]


def _cut_in_two(take: Take) -> Iterator[tuple[PieceRecord, Phrase]]:
    notes = take.phrase.notes
    place = len(notes) - len(notes) // _HELD_OUT
    beginning, end = Phrase(notes[:place]), without_waiting(Phrase(notes[place:]))
    yield record_of(take.name, "train", beginning), beginning
    yield record_of(f"{take.name} (its end)", "validation", end), end
