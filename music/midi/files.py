"""MIDI files into pieces, and phrases into MIDI files.

The only importer of the MIDI-file library (symusic). `music.midi.scan` walks every file first, and the
library is given only tracks in which it found nothing odd, one at a time, for their notes; any other track
goes through `music.midi.slow`. The rules that whoever reads a file wants to know are in docs/midi-reading.md.
"""

import signal
import stat
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from symusic.core import ScoreTick

from music.midi.pieces import NO_NOTES, PedalChoice, PieceRows, TrackNotes, assembled
from music.midi.scan import DRUMS, LONGEST_S, MOST_BYTES, MidiFileError, Track, scan
from music.midi.slow import paired_notes
from music.midi.writing import midi_bytes, write_midi
from music.phrase import Phrase
from music.piece import Piece

__all__ = [
    "LONGEST_S",
    "MOST_BYTES",
    "MidiFileError",
    "PedalChoice",
    "Piece",
    "midi_bytes",
    "read_many",
    "read_phrase",
    "read_pieces",
    "read_pieces_from",
    "write_midi",
]

_FILES_AHEAD = 4  # for each process: so many are read before they are asked for, lest results pile up
_ONE_TRACK = (
    b"MThd\0\0\0\x06\0\0\0\x01\x01\xe0"  # the header that the library sees; only ticks are taken from it
)


def read_pieces(
    path: str | PathLike[str], *, pedal: PedalChoice = "keep", drums: bool = False
) -> tuple[Piece, ...]:
    """The pieces of a file: one, or in format 2 one for each track.

    `pedal` keeps the pedal beside the notes, folds it into their lengths, or drops it; channel 10 is left out
    unless `drums` is asked for.
    """
    return read_pieces_from(_bytes_of(path), str(path), pedal=pedal, drums=drums)


def read_pieces_from(
    data: bytes, name: str, *, pedal: PedalChoice = "keep", drums: bool = False
) -> tuple[Piece, ...]:
    """The pieces in the bytes of a MIDI file; `name` is what errors call it."""
    return tuple(rows.piece() for rows in _read(data, name, pedal, drums))


def read_phrase(path: str | PathLike[str], *, pedal: PedalChoice = "keep", drums: bool = False) -> Phrase:
    """The phrase of a file that holds one piece."""
    pieces = read_pieces(path, pedal=pedal, drums=drums)
    if len(pieces) > 1:
        raise MidiFileError(
            str(path), f"it holds {len(pieces)} pieces, one a track (format 2), where one is meant"
        )
    return pieces[0].phrase


def read_many(
    paths: Iterable[str | PathLike[str]],
    *,
    workers: int = 2,
    pedal: PedalChoice = "keep",
    drums: bool = False,
) -> Iterator[tuple[Path, tuple[Piece, ...] | MidiFileError]]:
    """Each path, in order, with its pieces or with what is wrong with it; `workers` processes read ahead.

    The processes import the calling program again: a script needs its `if __name__ == "__main__":`.
    """
    files = [Path(path) for path in paths]
    readings: Iterator[list[PieceRows] | MidiFileError]
    if min(workers, len(files)) < 2:
        readings = (_reading(path, pedal, drums) for path in files)
    else:
        readings = _read_ahead(files, workers, pedal, drums)
    for path, reading in zip(files, readings, strict=True):
        yield path, reading if isinstance(reading, MidiFileError) else tuple(rows.piece() for rows in reading)


def _read_ahead(
    files: list[Path], workers: int, pedal: PedalChoice, drums: bool
) -> Iterator[list[PieceRows] | MidiFileError]:
    remaining = iter(files)
    # Spawned, not forked: the caller may have threads, and a fork of those can hang.
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_heed_no_ctrl_c)
    try:
        with _held_back_ctrl_c():  # as this begins the processes
            ahead: deque[Future[list[PieceRows] | MidiFileError]] = deque(
                pool.submit(_reading, path, pedal, drums)
                for path in islice(remaining, workers * _FILES_AHEAD)
            )
        while ahead:
            reading = ahead.popleft().result()
            ahead.extend(pool.submit(_reading, path, pedal, drums) for path in islice(remaining, 1))
            yield reading
    finally:
        pool.shutdown(cancel_futures=True)


def _heed_no_ctrl_c() -> None:
    """In a process that reads: a terminal stops all processes at once, and whoever asked speaks for all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _held_back_ctrl_c() -> Iterator[None]:
    """Until afterwards; a process that is begun within inherits that, where the system has it, and never
    sees it."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _reading(path: Path, pedal: PedalChoice, drums: bool) -> list[PieceRows] | MidiFileError:
    try:
        return _read(_bytes_of(path), str(path), pedal, drums)
    except MidiFileError as error:
        return error


def _bytes_of(path: str | PathLike[str]) -> bytes:
    """What a file holds, once it is known to be a file and not too large."""
    try:
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            raise MidiFileError(str(path), "not a file, but a folder or a device")
        if status.st_size > MOST_BYTES:
            raise MidiFileError(str(path), f"{status.st_size:,} bytes; more than {MOST_BYTES:,} are not read")
        return Path(path).read_bytes()
    except OSError as error:
        raise MidiFileError(str(path), (error.strerror or str(error)).lower()) from error


def _read(data: bytes, name: str, pedal: PedalChoice, drums: bool) -> list[PieceRows]:
    if pedal not in ("keep", "fold", "drop"):
        raise ValueError(f"no way to treat the pedal is called {pedal!r}; there are: keep, fold, drop")
    scanned = scan(data, name)
    tracks = [notes_of(data, track, drums=drums) for track in scanned.tracks]
    if scanned.format == 2 and len(tracks) > 1:
        return [assembled(name, scanned, [each], pedal, each.track.number) for each in tracks]
    return [assembled(name, scanned, tracks, pedal)]


def notes_of(data: bytes, track: Track, *, drums: bool = False) -> TrackNotes:
    """The notes of a scanned track, by the library where it can be trusted."""
    channels = [channel for channel in track.strikes if drums or channel != DRUMS]
    if not channels:
        return TrackNotes(track, NO_NOTES)
    if not track.doubts and len(track.strikes) == 1:
        rows = _by_library(data, track, channels[0])
        if len(rows) == track.strikes[channels[0]]:  # the library drops notes that lack their note-off
            return TrackNotes(track, rows)
    return _by_hand(data, track, drums)


def _by_library(data: bytes, track: Track, channel: int) -> NDArray[np.int64]:
    """The rows of a track that plays on one channel; the library makes a part of each program on it."""
    chunk = data[track.start - 8 : track.end]
    parts = [part.notes.numpy() for part in ScoreTick.from_midi(_ONE_TRACK + chunk).tracks]
    start, length, pitch, velocity = (
        np.concatenate([part[column] for part in parts]).astype(np.int64)
        for column in ("time", "duration", "pitch", "velocity")
    )
    return np.stack([start, start + length, pitch, velocity, np.full_like(start, channel)], axis=1)


def _by_hand(data: bytes, track: Track, drums: bool) -> TrackNotes:
    notes, missing = paired_notes(data, track)
    rows = np.array(notes, np.int64).reshape(-1, 5)
    return TrackNotes(track, rows if drums else rows[rows[:, 4] != DRUMS], missing)
