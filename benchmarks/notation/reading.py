"""MIDI files into phrases: notes a second, beside mido and pretty_midi on the same files in the same run.

Knows the reader, its peers and the clock. Without a folder of music it makes its own, with the density, the
pedal and the length of a performance.
"""

import argparse
import importlib.util
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import mido

from benchmarks.material import add_material, music_paths
from music.midi.files import MidiFileError, read_many
from music.midi.scan import scan

Reader = Callable[[Sequence[Path]], int]  # files into notes; gives how many


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_material(parser, files=20)
    parser.add_argument("--no-peers", action="store_true", help="leave out mido and pretty_midi")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    with music_paths(args.music, args.files) as paths:
        return measure(paths, with_peers=not args.no_peers, rounds=args.rounds)


def measure(paths: Sequence[Path], with_peers: bool = True, rounds: int = 3) -> dict[str, Any]:
    """Seconds, notes and MB per second of each reader; a file that ours refuses is left out for all."""
    readings = list(read_many(paths, workers=1))
    refused = [str(reading) for _, reading in readings if isinstance(reading, MidiFileError)]
    right = [path for path, reading in readings if not isinstance(reading, MidiFileError)]
    del readings
    readers = _ours() | (peers() if with_peers else {})
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    notes: dict[str, int] = {}
    for _ in range(rounds):
        for name, reader in readers.items():
            began = time.perf_counter()
            notes[name] = reader(right)
            seconds[name].append(time.perf_counter() - began)
    size = sum(path.stat().st_size for path in right)
    return {
        "files": len(right),
        "bytes": size,
        "refused": refused,
        "rounds": rounds,
        "readers": {name: _figures(notes[name], size, median(seconds[name])) for name in readers},
    }


def _figures(notes: int, size: int, seconds: float) -> dict[str, float]:
    return {
        "seconds": seconds,
        "notes": notes,
        "notes_per_s": notes / seconds,
        "mb_per_s": size / 1e6 / seconds,
    }


def _ours() -> dict[str, Reader]:
    return {
        "antiphon, one process": lambda paths: _read(paths, 1),
        "antiphon, two processes (their start included)": lambda paths: _read(paths, 2),
        "antiphon, the scanner alone": _scanned,
    }


def peers() -> dict[str, Reader]:
    """Pure-Python readers that are installed, by name."""
    readers: dict[str, Reader] = {"mido, notes paired in Python": _read_by_mido}
    if importlib.util.find_spec("pretty_midi"):
        readers["pretty_midi"] = _read_by_pretty_midi
    return readers


def _read(paths: Sequence[Path], workers: int) -> int:
    return sum(
        len(piece.phrase.notes)
        for _, pieces in read_many(paths, workers=workers, drums=True)
        if not isinstance(pieces, MidiFileError)
        for piece in pieces
    )


def _scanned(paths: Sequence[Path]) -> int:
    return sum(track.strikes.total() for path in paths for track in scan(path.read_bytes(), str(path)).tracks)


def _read_by_mido(paths: Sequence[Path]) -> int:
    return sum(len(_paired(mido.MidiFile(path))) for path in paths)


def _paired(messages: Any) -> list[tuple[float, float, int, int]]:
    """Notes as (onset, end, pitch, velocity), in seconds."""
    notes: list[tuple[float, float, int, int]] = []
    down: dict[tuple[int, int], list[tuple[float, int]]] = {}
    at = 0.0
    for message in messages:
        at += message.time
        if message.type == "note_on" and message.velocity:
            down.setdefault((message.channel, message.note), []).append((at, message.velocity))
        elif message.type in ("note_on", "note_off"):
            waiting = down.get((message.channel, message.note))
            if waiting:
                struck_at, velocity = waiting.pop(0)
                notes.append((struck_at, at, message.note, velocity))
    return notes


def _read_by_pretty_midi(paths: Sequence[Path]) -> int:
    import pretty_midi

    return sum(
        len(instrument.notes)
        for path in paths
        for instrument in pretty_midi.PrettyMIDI(str(path)).instruments
    )
