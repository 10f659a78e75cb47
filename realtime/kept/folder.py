"""The takes that lie in a folder: found by name, listed, renamed, handed out, deleted.

A take is any MIDI file there; what is hidden is not yet whole. Must not know who plays now.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_ISREG

from music.file_names import LONGEST_NAME, is_one_line
from music.midi.files import MidiFileError, read_pieces, read_pieces_from
from music.phrase import Phrase
from music.piece import Piece
from music.settings import SettingError
from music.whole_file import write_whole
from realtime.kept.stars import starred_answers
from realtime.rows.take import ASKED, BEAT_S, MODEL, PARTS, PLAYER, STARRED, TakeRecorder, save

SUFFIXES = (".mid", ".midi")
ANTIPHON = next(part.name for part in PARTS if part.voice == MODEL)
VOICES = {"player": PLAYER, "antiphon": MODEL}
_FORBIDDEN = '/\\:*?"<>|'


@dataclass(frozen=True, slots=True)
class Shelved:
    """What there is to say of a take in a folder; `fault` where its file can't be read."""

    path: Path
    seconds: float = 0.0
    player: int = 0  # notes
    model: int = 0
    starred: int = 0  # answers with a star
    about: tuple[str, ...] = ()  # such as its seed
    fault: str | None = None


def shelved_in(folder: Path) -> list[Path]:
    """The files of the takes in a folder, the newest first; an error where it may not be read.

    A take that goes or is renamed meanwhile is left out.
    """
    try:
        paths = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise SettingError(f"{folder}: can't be read: {error.strerror or error}") from None
    files = [
        (changed, path.name, path)
        for path in paths
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
        if (changed := _changed_of_file(path)) is not None
    ]
    return [path for *_, path in sorted(files, reverse=True)]


def _changed_of_file(path: Path) -> float | None:
    """When a file changed last; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime if S_ISREG(status.st_mode) else None


def described(path: Path) -> Shelved:
    """A take as it is listed."""
    try:
        piece = whole_piece(path)
    except (MidiFileError, OSError) as reason:
        return Shelved(path, fault=str(reason))
    player, model = (len(one_side(piece, voice).notes) for voice in (PLAYER, MODEL))
    starred = len(starred_in(piece))
    return Shelved(path, piece.phrase.until, player, model, starred, tuple(abouts_of(piece)))


def whole_piece(path: Path) -> Piece:
    """All of a take; `MidiFileError` where it isn't one piece."""
    pieces = read_pieces(path)
    if len(pieces) != 1:
        raise MidiFileError(str(path), f"it holds {len(pieces)} pieces, and a take is one")
    return pieces[0]


def piece_of(take: TakeRecorder) -> Piece:
    """What a take has so far, as its file would have it."""
    if take.is_empty:
        return Piece(Phrase())
    return read_pieces_from(take.file(()), "a take")[0]


def abouts_of(piece: Piece) -> Iterator[str]:
    """The lines that were written into the take at its beginning, such as its seed."""
    yield from (words.text for words in piece.words if words.kind == "text" and words.beat == 0)


def found(folder: Path, wanted: str) -> Path:
    """The take with this name, with this in its name, or with this number in the list: 1 is the newest.

    A number is never a part of a name: whoever slips by one would get, or delete, another take.
    """
    takes = shelved_in(folder)
    if not takes:
        raise SettingError(f"{folder}: no takes in it; say where they are with --takes DIR")
    if wanted.isdecimal() and 1 <= int(wanted) <= len(takes):
        return takes[int(wanted) - 1]
    exact = [path for path in takes if wanted in (path.name, path.stem)]
    if wanted.isdecimal() and not exact:
        raise SettingError(f"of the {len(takes)} takes in {folder} none is number {wanted} or called so")
    fitting = exact or [path for path in takes if wanted.lower() in path.name.lower()]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise SettingError(f"no take is called {wanted!r}; `antiphon takes` lists those in {folder}")
    names = ", ".join(path.stem for path in fitting[:5])
    raise SettingError(f"{wanted!r} fits {len(fitting)} takes ({names}): say more of the name")


def renamed(path: Path, name: str) -> Path:
    """Give a take another name, and nothing but that; where it lies now."""
    stem = name.removesuffix(path.suffix)
    if not is_one_line(stem) or stem.startswith(".") or any(letter in _FORBIDDEN for letter in stem):
        raise SettingError(
            f"{name[:40]!r} is no name for a file: leave out {' '.join(_FORBIDDEN)} and a first dot, and "
            f"take one line of up to {LONGEST_NAME} bytes"
        )
    there = path.with_name(f"{stem}{path.suffix}")
    if there == path:
        return path
    if there.exists():
        raise SettingError(f"{there} is there already: choose another name, or delete it first")
    return path.rename(there)


def exported(path: Path, to: Path, only: str | None = None) -> Path:
    """Write a take to a file or into a folder: as it is, or one side of it alone."""
    target = to / path.name if to.is_dir() else to
    if target.suffix.lower() not in SUFFIXES:
        raise SettingError(f"{target}: a take is a MIDI file; let its name end in .mid")
    if target.exists() and target.samefile(path):
        raise SettingError(f"{target} is the take itself: name another file")
    if not target.absolute().parent.is_dir():
        raise SettingError(f"{target.parent}: no such folder")
    if only is None:
        write_whole(target, path.read_bytes())
        return target
    piece = whole_piece(path)
    save(one_side(piece, VOICES[only]), target, list(abouts_of(piece)))
    return target


def starred_in(piece: Piece) -> list[float]:
    """When the answers were asked for that have a star."""
    asked = [words.beat * BEAT_S for words in piece.words if words.text.startswith(f"{ASKED}: ")]
    stars = [words.beat * BEAT_S for words in piece.words if words.text == STARRED]
    return [round(at, 3) for at in starred_answers(asked, stars)]


def one_side(piece: Piece, voice: int) -> Phrase:
    """What the player played, the pedal too, or what the model did, each at its moment in the take."""
    theirs = {part.voice for part in piece.parts if part.name == ANTIPHON}
    notes = [
        replace(note, voice=voice)
        for note in piece.phrase.notes
        if (note.voice in theirs) == (voice == MODEL)
    ]
    return Phrase.of(notes, piece.phrase.pedals if voice == PLAYER else ())
