"""A corpus: files turned into licensed, deduplicated pieces, split by piece, in one compact file.

The file is safetensors: columns of all notes and pedal changes end to end, and where each piece begins; its
metadata has the set's name, licence and tier, and of each piece its split, file and hash. Pieces are written
as they are read, and read one at a time: of a corpus that grows, only the records grow in memory. Must not
know models.

How this works
--------------
`prepare` is a pipe that pieces go through one at a time:

    files of a set  ->  pieces that were heard  ->  pieces that are kept  ->  columns on disk
    MusicSet.files      _midi_heard,                _sifted                   _put
                        _rolls_heard

1. The set lists its files, each with its split: train, validation or test.
2. Each file is read as one piece or several. Of a file that can't be read, or a piece with too few notes, a
   `LeftOut` with the reason goes down the pipe in its place, so that nothing vanishes without a word.
3. `_sifted` drops twins: two pieces with the same onsets and pitches. The one in the split that must stay
   unseen is kept, so that no model is tested on a piece that it was trained on. A piece is written the moment
   it is kept; if its twin is preferred later, its rows stay behind in the writer's columns, unused.
4. Once all is read, `_in_every_split` fills a split that chance left empty, and `_finish` copies the rows of
   the pieces that are kept, in the order of their files, into the corpus.

On disk each table (notes, pedals, tempos) is a few columns, all pieces end to end, and a column of starts:
piece i has the rows from `starts[i]` up to `starts[i + 1]`. So `Corpus.phrases` reads one piece by slicing
each column, and nothing else of the file. The description (names, licence, splits, hashes, what was left out)
is JSON in the file's metadata. Its `hash` covers music and splits, and is what a run records of its data.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from music.beats import TempoMap
from music.file_names import readable
from music.midi.files import MidiFileError, read_many
from music.notes import Note, Pedal
from music.phrase import Phrase
from music.settings import SettingError
from pieces.music_sets import SPLITS, TIERS, Listed, MusicSet, Split, none_empty
from pieces.rolls_from_mat import sequences
from pieces.streamed_tensors import Column, Places, Tensors, TensorsWriter, streamed

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
_COLUMNS = {name: Column.of(kind) for table in _TABLES.values() for name, kind in table.items()} | {
    f"{table}_starts": Column.of(np.int64) for table in _TABLES
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
    has_beat: bool = False  # whether its tempo says where the beats are: it is a score played by a machine


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
        splits = [(piece.hash, piece.split) for piece in self.pieces]
        return blake2b(json.dumps(splits).encode(), digest_size=8).hexdigest()


class Corpus:
    """A corpus as it lies on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        tensors = _opened(path)
        self.description = _description_from(tensors.metadata.get("antiphon"), path)
        wrong = [name for name, column in _COLUMNS.items() if tensors.column(name) != column]
        if wrong:
            raise SettingError(
                f"{path}: not a corpus, for its {', '.join(wrong)} can't be read; make it anew: antiphon "
                "data prepare"
            )

    def phrases(
        self, split: Split | None = None, files: Collection[str] | None = None
    ) -> Iterator[tuple[PieceRecord, Phrase]]:
        """Each piece of a split (or of all) with its record, read as asked for; of `files` alone, if
        given."""
        tensors = _opened(self.path)
        starts = {table: tensors.all(f"{table}_starts") for table in _TABLES}
        for place, record in enumerate(self.description.pieces):
            if split in (None, record.split) and (files is None or record.file in files):
                rows = {table: tuple(starts[table][place : place + 2].tolist()) for table in _TABLES}
                yield record, _phrase_from(tensors, rows)


def _opened(path: Path) -> Tensors:
    try:
        return Tensors(path)
    except FileNotFoundError:
        raise SettingError(
            f"{path}: no such corpus; make it: antiphon data prepare {path.stem} FOLDER, or say where it lies"
        ) from None
    except (SafetensorError, OSError) as error:
        raise SettingError(f"{path}: not a corpus: {error}") from None


def prepare(music: MusicSet, folder: Path, out: Path, workers: int = 2) -> Description:
    """Read a set's files in a folder, and write the corpus to `out`;
    what can't be kept is left out, and listed with the reason."""
    listed = music.files(folder)
    with streamed(out, _COLUMNS) as writer:
        kept, left_out = _sifted(_heard(music, listed, folder, workers), writer)
        if not kept:
            raise SettingError(f"{folder}: none of its {len(listed)} files can be kept{_why_none(left_out)}")
        kept = _in_every_split(kept) if music.splits_by_chance else kept
        records = tuple(piece.record for piece in kept)
        description = Description(
            music.name, music.tier, music.licence, music.credit, records, tuple(left_out)
        )
        _finish(writer, description, kept)
    return description


def _why_none(left_out: list[LeftOut]) -> str:
    """Of one of them, for the others are mostly left out for the same reason."""
    return f": {left_out[0].file}: {left_out[0].why}" if left_out else ""


def write_corpus(out: Path, about: Description, pieces: Iterable[tuple[PieceRecord, Phrase]]) -> Description:
    """Write pieces that lie in no folder as a corpus, in this order; `about` says all else of it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with streamed(out, _COLUMNS) as writer:
        kept = [_Kept(record, _put(writer, phrase), record.file) for record, phrase in pieces]
        description = replace(about, pieces=tuple(piece.record for piece in kept))
        _finish(writer, description, kept)
    return description


def record_of(name: str, split: Split, phrase: Phrase) -> PieceRecord:
    """The record of a piece that lies in no folder."""
    return PieceRecord(name, split, _hash_of(phrase), len(phrase.notes))


@dataclass(frozen=True, slots=True)
class _Heard:
    """A piece of a file as it was read; a twin is another piece with the same `identity`,
    and only one of the two is kept."""

    record: PieceRecord
    phrase: Phrase
    identity: str
    file: str


@dataclass(frozen=True, slots=True)
class _Kept:
    """A piece that is in, and which rows of each table the writer has of it."""

    record: PieceRecord
    rows: dict[str, Places]
    file: str


def _heard(music: MusicSet, listed: list[Listed], folder: Path, workers: int) -> Iterator[_Heard | LeftOut]:
    return _rolls_heard(listed) if music.holds == "rolls" else _midi_heard(music, listed, folder, workers)


def _midi_heard(
    music: MusicSet, listed: list[Listed], folder: Path, workers: int
) -> Iterator[_Heard | LeftOut]:
    """The pieces of MIDI files: those with one music are twins."""
    readings = read_many([file.path for file in listed], workers=workers)
    for file, (path, reading) in zip(listed, readings, strict=True):
        name = readable(path.relative_to(folder).as_posix())
        if isinstance(reading, MidiFileError):
            yield LeftOut(name, readable(str(reading)))
            continue
        for number, piece in enumerate(reading):
            label = name if len(reading) == 1 else f"{name}#{number}"
            if len(piece.phrase.notes) < FEWEST_NOTES:
                yield LeftOut(
                    label, f"{len(piece.phrase.notes)} notes; fewer than {FEWEST_NOTES} are no piece"
                )
                continue
            record = replace(_record_of(label, file, piece.phrase), has_beat=music.is_score)
            yield _Heard(record, piece.phrase, record.hash, name)


def _rolls_heard(listed: list[Listed]) -> Iterator[_Heard | LeftOut]:
    """The sequences of a benchmark, every one: figures that were published count short ones and twins too."""
    for file in listed:
        for number, sequence in enumerate(sequences(file.path, file.split)):
            label = f"{file.path.name}#{file.split}-{number:04}"
            yield _Heard(_record_of(label, file, sequence.phrase), sequence.phrase, label, file.path.name)
            if sequence.silent_end:
                why = f"silent steps at its end, which no note can express: {sequence.silent_end}"
                yield LeftOut(label, why)


def _record_of(label: str, file: Listed, phrase: Phrase) -> PieceRecord:
    return PieceRecord(label, file.split, _hash_of(phrase), len(phrase.notes), file.composer, file.title)


def _sifted(heard: Iterable[_Heard | LeftOut], writer: TensorsWriter) -> tuple[list[_Kept], list[LeftOut]]:
    """Pieces without twins, by file: of two twins, the one in the split that must stay unseen."""
    left_out: list[LeftOut] = []
    kept: dict[str, _Kept] = {}
    for piece in heard:
        if isinstance(piece, LeftOut):
            left_out.append(piece)
            continue
        twin = kept.get(piece.identity)
        if twin is not None and SPLITS.index(twin.record.split) >= SPLITS.index(piece.record.split):
            left_out.append(LeftOut(piece.record.file, f"the same music as {twin.record.file}"))
            continue
        if twin is not None:
            left_out.append(LeftOut(twin.record.file, f"the same music as {piece.record.file}"))
        kept[piece.identity] = _Kept(piece.record, _put(writer, piece.phrase), piece.file)
    return sorted(kept.values(), key=lambda piece: piece.record.file), left_out


def _in_every_split(kept: list[_Kept]) -> list[_Kept]:
    """The same pieces, some of them moved where chance left a split empty;
    pieces of one file stay together if there are files enough."""
    files: dict[str, list[_Kept]] = {}
    for piece in kept:
        files.setdefault(piece.file, []).append(piece)
    groups = list(files.values()) if len(files) >= len(SPLITS) else [[piece] for piece in kept]
    by_hash = {min(piece.record.hash for piece in group): group for group in groups}
    splits = none_empty({name: group[0].record.split for name, group in by_hash.items()})
    split_of = {piece.record.file: splits[name] for name, group in by_hash.items() for piece in group}
    return [replace(piece, record=replace(piece.record, split=split_of[piece.record.file])) for piece in kept]


def _put(writer: TensorsWriter, phrase: Phrase) -> dict[str, Places]:
    columns = _columns_of(phrase)
    places = {name: writer.append(name, rows) for name, rows in columns.items()}
    return {table: places[next(iter(names))] for table, names in _TABLES.items()}


def _finish(writer: TensorsWriter, description: Description, kept: list[_Kept]) -> None:
    chosen: dict[str, list[Places]] = {}
    for table, names in _TABLES.items():
        places = [piece.rows[table] for piece in kept]
        lengths = [end - begin for begin, end in places]
        writer.append(f"{table}_starts", np.cumsum([0, *lengths], dtype=np.int64))
        chosen |= dict.fromkeys(names, places)
    writer.finish({"antiphon": json.dumps(asdict(description))}, chosen)


def _hash_of(phrase: Phrase) -> str:
    """Of onsets counted from the first, to the hundredth of a second, and pitches:
    a copy may differ in dynamics."""
    first = phrase.notes[0].at if phrase.notes else 0.0
    strikes = [(round((note.at - first) * 100), note.pitch) for note in phrase.notes]
    return blake2b(np.array(strikes, np.int64).tobytes(), digest_size=8).hexdigest()


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


def _phrase_from(tensors: Tensors, rows: dict[str, Any]) -> Phrase:
    def table(name: str) -> Iterator[tuple[Any, ...]]:
        return zip(*(tensors.rows(column, *rows[name]).tolist() for column in _TABLES[name]), strict=True)

    return Phrase(
        tuple(Note(*row) for row in table("notes")),
        tuple(Pedal(at, bool(down)) for at, down in table("pedals")),
        TempoMap(tuple(table("tempos"))),
    )


def _description_from(text: str | None, path: Path) -> Description:
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        record = json.loads(text or "{}")
        if record.pop("version") == _VERSION:
            pieces = tuple(PieceRecord(**piece) for piece in record.pop("pieces"))
            left_out = tuple(LeftOut(**file) for file in record.pop("left_out"))
            return Description(**record, pieces=pieces, left_out=left_out)
    raise SettingError(f"{path}: not a corpus of this version; make it anew: antiphon data prepare")


def strictest(tiers: Iterable[str]) -> str:
    """The tier that binds a model trained on all of these."""
    order: list[str] = list(TIERS)
    return max(tiers, key=order.index)
