"""A corpus: files turned into licensed, deduplicated pieces, split by piece, in one compact file.

The file is safetensors: columns of all notes and pedal changes end to end, and where each piece begins; its metadata has the
set's name, licence and tier, and of each piece its split, file and hash. Columns are mapped, not loaded: memory doesn't grow
with the corpus. Must not know encodings or models.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from music.beats import TempoMap
from music.midi_files import MidiFileError, read_many
from music.notes import Note, Pedal
from music.phrase import Phrase
from music.settings import SettingError
from training.music_sets import SPLITS, TIERS, Listed, MusicSet, Split

FEWEST_NOTES = 16  # less is a fragment or a silent file, with nothing to learn from
_VERSION = "1"

# Each table has columns, end to end over all pieces, and where each piece begins.
_TABLES: dict[str, dict[str, Any]] = {
    "notes": {
        "at": np.float64,
        "pitch": np.uint8,
        "velocity": np.uint8,
        "length_s": np.float64,
        "voice": np.uint8,
    },
    "pedals": {"pedal_at": np.float64, "pedal_down": np.uint8},
    "tempos": {"tempo_beat": np.float64, "seconds_per_beat": np.float64},
}
_MOST_VOICES = 255
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class PieceRecord:
    """What is known of a piece; `hash` is of its music alone."""

    file: str
    split: Split
    hash: str
    notes: int
    composer: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not in the corpus, and why."""

    file: str
    why: str


@dataclass(frozen=True, slots=True)
class Description:
    """What a corpus holds and what may be done with it."""

    name: str
    tier: str
    licence: str
    credit: str
    pieces: tuple[PieceRecord, ...]
    left_out: tuple[LeftOut, ...]
    version: str = _VERSION

    @property
    def hash(self) -> str:
        """Sixteen digits of the music and the splits: what a run records of its data."""
        told = [(piece.hash, piece.split) for piece in self.pieces]
        return blake2b(json.dumps(told).encode(), digest_size=8).hexdigest()


class Corpus:
    """A corpus as it lies on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with safe_open(path, framework="numpy") as file:
                self.description = _description_from((file.metadata() or {}).get("antiphon"), path)
        except FileNotFoundError:
            raise SettingError(f"{path}: no such corpus; make it: antiphon data prepare") from None
        except (SafetensorError, OSError) as error:
            raise SettingError(f"{path}: not a corpus: {error}") from None

    def phrases(self, split: Split | None = None) -> Iterator[tuple[PieceRecord, Phrase]]:
        """Each piece of a split (or of all) with its record, read as it is asked for."""
        with safe_open(self.path, framework="numpy") as file:
            starts = {table: file.get_tensor(f"{table}_starts") for table in _TABLES}
            columns = {name: file.get_slice(name) for table in _TABLES.values() for name in table}
            for place, record in enumerate(self.description.pieces):
                if split is None or record.split == split:
                    rows = {table: slice(*starts[table][place : place + 2].tolist()) for table in _TABLES}
                    yield record, _phrase_from(columns, rows)


def prepare(music: MusicSet, folder: Path, out: Path, workers: int = 2) -> Description:
    """Read a set's files in a folder, and write the corpus to `out`; broken files are left out and told."""
    listed = music.files(folder)
    kept, left_out = _sifted(listed, folder, workers)
    if not kept:
        raise SettingError(f"{folder}: none of its {len(listed)} files has music that can be read")
    records = tuple(record for record, _ in kept)
    description = Description(music.name, music.tier, music.licence, music.credit, records, tuple(left_out))
    _write(out, description, [columns for _, columns in kept])
    return description


def _sifted(
    listed: list[Listed], folder: Path, workers: int
) -> tuple[list[tuple[PieceRecord, Columns]], list[LeftOut]]:
    """Pieces without duplicates: of two with one music, the one in the split that must stay unseen."""
    left_out: list[LeftOut] = []
    by_hash: dict[str, tuple[PieceRecord, Columns]] = {}
    readings = read_many([file.path for file in listed], workers=workers)
    for file, (path, reading) in zip(listed, readings, strict=True):
        name = path.relative_to(folder).as_posix()
        if isinstance(reading, MidiFileError):
            left_out.append(LeftOut(name, str(reading)))
            continue
        for number, piece in enumerate(reading):
            label = name if len(reading) == 1 else f"{name}#{number}"
            notes = len(piece.phrase.notes)
            if notes < FEWEST_NOTES:
                left_out.append(LeftOut(label, f"{notes} notes; fewer than {FEWEST_NOTES} are no piece"))
                continue
            digest = _hash_of(piece.phrase)
            record = PieceRecord(label, file.split, digest, notes, file.composer, file.title)
            loser = _put(by_hash, record, _columns_of(piece.phrase))
            if loser is not None:
                left_out.append(LeftOut(loser.file, f"the same music as {by_hash[digest][0].file}"))
    kept = sorted(by_hash.values(), key=lambda row: row[0].file)
    return kept, left_out


def _put(
    by_hash: dict[str, tuple[PieceRecord, Columns]], record: PieceRecord, columns: Columns
) -> PieceRecord | None:
    before = by_hash.get(record.hash)
    if before is not None and SPLITS.index(before[0].split) >= SPLITS.index(record.split):
        return record
    by_hash[record.hash] = (record, columns)
    return before[0] if before else None


def _hash_of(phrase: Phrase) -> str:
    """Of onsets counted from the first, to the hundredth of a second, and pitches: a copy may differ in dynamics."""
    first = phrase.notes[0].at
    told = [(round((note.at - first) * 100), note.pitch) for note in phrase.notes]
    return blake2b(np.array(told, np.int64).tobytes(), digest_size=8).hexdigest()


def _columns_of(phrase: Phrase) -> Columns:
    notes = [
        (note.at, note.pitch, note.velocity, note.length_s, min(note.voice, _MOST_VOICES))
        for note in phrase.notes
    ]
    pedals = [(pedal.at, pedal.down) for pedal in phrase.pedals]
    columns: Columns = {}
    rows_of: tuple[Sequence[tuple[Any, ...]], ...] = (notes, pedals, phrase.tempo.changes)
    for table, rows in zip(_TABLES.values(), rows_of, strict=True):
        values = list(zip(*rows, strict=True)) if rows else [()] * len(table)
        columns |= {
            name: np.array(column, kind) for (name, kind), column in zip(table.items(), values, strict=True)
        }
    return columns


def _write(out: Path, description: Description, pieces: list[Columns]) -> None:
    together: Columns = {}
    for table, names in _TABLES.items():
        lengths = [len(piece[next(iter(names))]) for piece in pieces]
        together[f"{table}_starts"] = np.cumsum([0, *lengths], dtype=np.int64)
        together |= {name: np.concatenate([piece[name] for piece in pieces]) for name in names}
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_suffix(".unfinished")
    save_file(together, unfinished, metadata={"antiphon": json.dumps(asdict(description))})
    unfinished.replace(out)


def _phrase_from(columns: dict[str, Any], rows: dict[str, slice]) -> Phrase:
    def table(name: str) -> Iterator[tuple[Any, ...]]:
        if rows[name].start == rows[name].stop:  # safetensors refuses to slice nothing at the end of a column
            return iter(())
        return zip(*(columns[column][rows[name]].tolist() for column in _TABLES[name]), strict=True)

    return Phrase(
        tuple(Note(*row) for row in table("notes")),
        tuple(Pedal(at, bool(down)) for at, down in table("pedals")),
        TempoMap(tuple(table("tempos"))),
    )


def _description_from(text: str | None, path: Path) -> Description:
    told = json.loads(text) if text else {}
    if told.get("version") != _VERSION:
        raise SettingError(f"{path}: not a corpus of this version; make it anew: antiphon data prepare")
    pieces = tuple(PieceRecord(**piece) for piece in told.pop("pieces"))
    left_out = tuple(LeftOut(**file) for file in told.pop("left_out"))
    return Description(**told, pieces=pieces, left_out=left_out)


def strictest(tiers: Iterable[str]) -> str:
    """The tier that binds a model which learnt from all of these."""
    order: list[str] = list(TIERS)
    return max(tiers, key=order.index)
