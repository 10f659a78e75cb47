"""Throw broken MIDI files at the reader: `python -m tests.music.midi.fuzz --inputs 100000 --keep FOLDER`.

Each input is made from its number and the seed alone, by changing a right file (made here, or of `--music
FOLDER`) with knowledge of its structure, or from random events. An input passes if it is read or refused with
a MidiFileError that names the file and a byte within it, within the limits of time and memory, and if what is
read keeps the promises of a phrase, comes out the same by the library and by the slow way, and survives
writing and reading again. Inputs run in a process of their own, so that a crash, a hang or a flood of memory
is a finding, not the end; with `--library` the MIDI-file library alone is given the same inputs, to know what
the scanner keeps from it.
"""

import argparse
import multiprocessing as mp
import random
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from symusic.core import ScoreTick

from music.midi import files as midi_files
from music.midi.files import LONGEST_S, MidiFileError, Piece, midi_bytes, read_pieces_from
from music.midi.scan import MOST_BYTES, MOST_STRIKES, scan
from tests.support.midi_bytes import (
    END_OF_TRACK,
    chunk,
    control,
    events,
    meta,
    midi,
    number,
    off,
    on,
    pedal,
    tempo,
    track,
)
from tests.support.phrases import improvised

SLOWEST_S = 20.0  # for all that is tried with one input, of 4 MB at most, beside other work
MOST_MEMORY = 1 << 30  # bytes that the process may ever hold


# --- what an input must show


def check(data: bytes) -> str:
    """What became of an input, in a word or two; AssertionError where a promise is broken."""
    try:
        pieces = read_pieces_from(data, "fuzz.mid", drums=True)
    except MidiFileError as error:
        return _check_refusal(error, data)
    for piece in pieces:
        _check_piece(piece)
    _check_ways(data)
    _check_folding(data)
    return "read, with repairs" if any(piece.repairs for piece in pieces) else "read"


def _check_refusal(error: MidiFileError, data: bytes) -> str:
    assert str(error).startswith("fuzz.mid: "), error
    assert error.byte is None or 0 <= error.byte <= len(data), error
    return "refused: " + " ".join(re.findall("[a-zA-Z]{3,}", error.reason)[:5])


def _check_piece(piece: Piece) -> None:
    notes = piece.phrase.notes
    assert len(notes) <= MOST_STRIKES
    assert all(0 <= note.pitch <= 127 and 1 <= note.velocity <= 127 for note in notes)
    assert all(note.at >= 0 and note.length_s >= 0 and note.until <= LONGEST_S for note in notes)
    assert list(notes) == sorted(notes, key=lambda note: (note.at, note.pitch))
    downs = [pedal.down for pedal in piece.phrase.pedals]
    assert downs == [place % 2 == 0 for place in range(len(downs))]
    if float(piece.ticks_per_beat).is_integer() and piece.ticks_per_beat < 1 << 15 and len(notes) < 5000:
        _check_writing(piece)


def _check_writing(piece: Piece) -> None:
    """What was written reads back as it was written (the first writing may end overlapping notes)."""
    options = {"parts": piece.parts, "metres": piece.metres, "keys": piece.keys, "words": piece.words}
    ticks = int(piece.ticks_per_beat)
    try:
        written = midi_bytes(piece.phrase, ticks_per_beat=ticks, **options)
    except ValueError as error:
        if "in one go" not in str(error):  # a pause of 2^28 ticks, that read as several gaps
            raise
        return
    again = read_pieces_from(written, "again.mid", drums=True)[0]
    assert len(again.phrase.notes) <= len(piece.phrase.notes)
    assert midi_bytes(again.phrase, ticks_per_beat=ticks, **options) == written


def _check_ways(data: bytes) -> None:
    for scanned in scan(data, "fuzz.mid").tracks:
        either = midi_files.notes_of(data, scanned, drums=True).rows
        by_hand = midi_files._by_hand(data, scanned, True).rows
        assert sorted(either.tolist()) == sorted(by_hand.tolist()), f"track {scanned.number}"


def _check_folding(data: bytes) -> None:
    if len(data) < 20_000:
        read_pieces_from(data, "fuzz.mid", pedal="fold", drums=True)
        assert not any(
            piece.phrase.pedals for piece in read_pieces_from(data, "fuzz.mid", pedal="drop", drums=True)
        )


def check_library(data: bytes) -> str:
    """What the MIDI-file library does with an input."""
    if len(data) > MOST_BYTES:
        return "too large to try"
    try:
        score = ScoreTick.from_midi(data)
        columns = [part.notes.numpy() for part in score.tracks]
    except RuntimeError:
        return "refused by the library"
    if any((part["time"] < 0).any() or (part["duration"] < 0).any() for part in columns if len(part["time"])):
        return "read by the library, with times below 0"
    return "read by the library"


# --- how inputs are made


def seeds(folder: Path | None, most: int = 200) -> list[bytes]:
    """Right files to start from."""
    made = [midi_bytes(improvised(seed, notes=12, pedal=seed % 2 == 1)) for seed in range(4)]
    made += [
        midi(track((0, tempo(400_000)), (0, meta(3, b"name"))), track((0, on(60)), (90, off(60)))),
        midi(track((0, on(60)), (90, on(60)), (9, off(60)), (9, off(60))), kind=0, division=96),
        midi(*[track((0, on(60 + voice)), (90, off(60 + voice))) for voice in range(3)], kind=2),
        midi(
            track((0, on(60)), (0, bytes([64, 70])), (90, bytes([60, 0])), (0, bytes([64, 0]))),
            division=0xE728,
        ),
        midi(
            track(
                (0, control(123, 0)),
                (0, b"\xf0\3\1\2\xf7"),
                (0, b"\xc0\5"),
                (3, on(40, channel=9)),
                (9, off(40, 9)),
            )
        ),
        midi(track((0, pedal(127)), (0, on(60)), (50, off(60)), (50, pedal(0)), (50, on(60)))),
        b"RIFF\x30\0\0\0RMIDdata\x24\0\0\0" + midi(track((0, on(60)), (9, off(60)))),
    ]
    if folder:
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".mid", ".midi"))
        small = [path for path in paths if path.stat().st_size < 8_000]
        made += [path.read_bytes() for path in small[:: max(len(small) // most, 1)][:most]]
    return made


_BYTES = (0, 1, 0x3C, 0x40, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0xB0, 0xC0, 0xE0, 0xF0, 0xF7, 0xF8, 0xFE, 0xFF)
_LENGTHS = (0, 1, 2, 3, 5, 6, 7, 8, 255, 256, 65535, 1 << 24, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
_DIVISIONS = (0, 1, 24, 480, 32767, 0x8000, 0x80FF, 0xE728, 0xE250, 0xE300, 0xFFFF)


def made(rng: random.Random, originals: Sequence[bytes]) -> bytes:
    """One input."""
    if rng.random() < 0.25:
        data = midi(
            *[_random_track(rng) for _ in range(rng.choice((0, 1, 1, 2, 4)))],
            kind=rng.choice((0, 1, 1, 2, 3)),
            division=rng.choice(_DIVISIONS),
            promised=rng.choice((None, None, None, 0, 1, 3, 65535)),
        )
    else:
        data = rng.choice(originals)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 6))):
        data = rng.choice(_CHANGES)(rng, data, originals)[: 1 << 16]
    if rng.random() < 0.0005:
        data = _swollen(rng)
    return data


def _random_track(rng: random.Random) -> bytes:
    pairs = [(_gap(rng), _random_event(rng)) for _ in range(rng.randrange(30))]
    end = rng.choice((b"\0" + END_OF_TRACK, b"\0" + END_OF_TRACK, b"", b"\0" + END_OF_TRACK + b"\0\0\0"))
    content = events(*pairs) + end
    return chunk(b"MTrk", content, rng.choice((None,) * 12 + _LENGTHS))


def _gap(rng: random.Random) -> int:
    return rng.choice((0, 0, 0, 1, 10, 200, 20_000, 3_000_000, (1 << 28) - 1))


def _random_event(rng: random.Random) -> bytes:
    channel, pitch = rng.choice((0, 0, 0, 1, 9, 15)), rng.choice((60, 60, 61, rng.randrange(128)))
    return rng.choice(
        (
            on(pitch, rng.choice((0, 1, 64, 127)), channel),
            on(pitch, 64, channel),
            off(pitch, channel),
            bytes([pitch, rng.randrange(128)]),
            bytes([rng.randrange(0x80, 0xF0), rng.randrange(128), rng.randrange(128)]),
            bytes([rng.randrange(256) for _ in range(rng.randrange(1, 5))]),
            pedal(rng.choice((0, 63, 64, 127)), channel),
            control(rng.randrange(119, 128), 0, channel),
            meta(
                rng.choice((1, 3, 0x2F, 0x51, 0x58, 0x59, 0x7F, 0x20, 200)), rng.randbytes(rng.randrange(7))
            ),
            tempo(rng.choice((0, 1, 500_000, (1 << 24) - 1))),
            bytes([0xC0 | channel, pitch]),
            bytes([rng.choice((0xF0, 0xF7))]) + number(3) + rng.randbytes(2) + b"\xf7",
            bytes([rng.choice((0xF0, 0xF7, 0xFF))]) + number(rng.choice(_LENGTHS) & 0xFFFFFFF),
        )
    )


def _place(rng: random.Random, data: bytes) -> int:
    return rng.randrange(len(data) + 1)


def _one_byte(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(rng, data)
    return data[:at] + bytes([rng.choice((rng.choice(_BYTES), rng.randrange(256)))]) + data[at + 1 :]


def _some_inserted(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(rng, data)
    return data[:at] + bytes(rng.choice(_BYTES) for _ in range(rng.randrange(1, 6))) + data[at:]


def _some_left_out(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(rng, data)
    return data[:at] + data[at + rng.choice((1, 2, 3, 10, 100)) :]


def _cut_short(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: _place(rng, data)]


def _some_doubled(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    first, last = sorted((_place(rng, data), _place(rng, data)))
    return data[:last] + data[first:last] * rng.choice((1, 1, 2, 20)) + data[last:]


def _spliced(rng: random.Random, data: bytes, originals: Sequence[bytes]) -> bytes:
    other = rng.choice(originals)
    return data[: _place(rng, data)] + other[_place(rng, other) :]


def _header_changed(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at, width, value = rng.choice(
        (
            (4, 4, rng.choice(_LENGTHS)),
            (8, 2, rng.choice((0, 1, 2, 2, 3, 65535))),
            (10, 2, rng.choice((0, 1, 2, 100, 1000, 1001, 65535))),
            (12, 2, rng.choice(_DIVISIONS)),
        )
    )
    return data[:at] + value.to_bytes(width, "big") + data[at + width :]


def _length_changed(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    places = [at for at in range(len(data) - 8) if data[at : at + 4] == b"MTrk"]
    if not places:
        return data
    at = rng.choice(places) + 4
    length = int.from_bytes(data[at : at + 4], "big") + rng.choice((-3, -1, 1, 3, 8))
    value = rng.choice((max(length, 0), rng.choice(_LENGTHS)))
    return data[:at] + min(value, (1 << 32) - 1).to_bytes(4, "big") + data[at + 4 :]


def _event_inserted(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """An event put in, the track's length made right again: past the first checks, into the depths."""
    places = [at for at in range(len(data) - 8) if data[at : at + 4] == b"MTrk"]
    if not places:
        return data
    at = rng.choice(places)
    length = int.from_bytes(data[at + 4 : at + 8], "big")
    ends = min(at + 8 + length, len(data))
    begins = rng.randrange(at + 8, ends + 1)
    added = number(_gap(rng)) + _random_event(rng)
    grown = (min(length + len(added), (1 << 32) - 1)).to_bytes(4, "big")
    return data[: at + 4] + grown + data[at + 8 : begins] + added + data[begins:]


_CHANGES = (
    _one_byte,
    _one_byte,
    _some_inserted,
    _some_left_out,
    _cut_short,
    _some_doubled,
    _spliced,
    _header_changed,
    _length_changed,
    *[_event_inserted] * 9,
)


def _swollen(rng: random.Random) -> bytes:
    """A right file of as many events as the limits allow, or a little more: the worst for time and memory."""
    pattern = rng.choice(
        (
            b"\0\x90\x3c\x40\1\x3c\0",
            b"\0\x90\x3c\x40\1\x90\x3c\x40",
            b"\0\x90\x3c\x40",
            b"\0\xb0\x40\x7f\1\x40\0",
            b"\0\xb0\x7b\0\0\x90\x3c\x40",
            b"\0\xff\x51\3\7\xa1\x20\1\xff\x51\3\6\xa1\x20",
            b"\1\xff\1\0",
            b"\0\xff\x7f\0",
            b"\0\xf0\0",
            b"\0\xc0\1\0\2",
            b"\x87\x7f\xa0\1\1",
        )
    )
    size = rng.choice((100_000, 1_000_000, MOST_BYTES - 100, MOST_BYTES + 100))
    body = pattern[:0] + pattern * (size // len(pattern))
    if rng.random() < 0.3:  # every other track chunk empty, to the limit of tracks
        return midi(*[track((0, on(60)), (1, off(60)))] * rng.choice((999, 1000, 1001)))
    return midi(chunk(b"MTrk", body + b"\0" + END_OF_TRACK))


# --- running them


@dataclass(frozen=True, slots=True)
class Job:
    """Which inputs to try, and how."""

    inputs: int
    seed: int = 1
    folder: Path | None = None
    keep: Path | None = None
    library: bool = False

    def made(self, index: int, originals: Sequence[bytes]) -> bytes:
        return made(random.Random(f"{self.seed}/{index}"), originals)


@dataclass(slots=True)
class Tally:
    """What became of the inputs so far."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: dict[int, str] = field(default_factory=dict)
    slowest_s: float = 0.0
    most_memory: int = 0


def _work(job: Job, first: int, results: Connection) -> None:
    """In a process of its own: tell the number of each input before it runs, and what became of it after."""
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    originals, run = seeds(job.folder), check_library if job.library else check
    peak = 0
    for index in range(first, job.inputs):
        data = job.made(index, originals)
        results.send((index, None, 0.0, 0))
        began = time.perf_counter()
        try:
            outcome = run(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            outcome = f"FAILED: {type(error).__name__}: {error}"[:300]
        took_s, peak = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        if peak > MOST_MEMORY:
            outcome = f"FAILED: {peak >> 20} MB of memory"
        results.send((index, outcome, took_s, peak))
        if peak > MOST_MEMORY:
            return


def fuzz(job: Job) -> Tally:
    """Try every input, starting a fresh process after one that took the last with it."""
    tally, originals, first = Tally(), seeds(job.folder), 0
    while first < job.inputs:
        before = set(tally.failures)
        first = _tried(job, first, tally)
        for index in set(tally.failures) - before:
            _kept(job, index, tally.failures[index], originals)
    return tally


def _tried(job: Job, first: int, tally: Tally) -> int:
    """Run one process to the end, or to the input that ends it; gives the number of the next input."""
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(job, first, theirs))
    process.start()
    theirs.close()
    running, following = None, first
    end = f"FAILED: a hang of more than {SLOWEST_S:.0f} s"
    try:
        while ours.poll(SLOWEST_S if running is not None else 60):
            index, outcome, took_s, memory = ours.recv()
            if outcome is None:
                running = index
                continue
            running, following = None, index + 1
            tally.slowest_s = max(tally.slowest_s, took_s)
            tally.most_memory = max(tally.most_memory, memory)
            _count(tally, index, outcome)
    except EOFError:
        process.join()
        end = f"FAILED: the process died ({process.exitcode})"
    process.kill()
    process.join()
    if running is None:
        return following
    _count(tally, running, end)
    return running + 1


def _count(tally: Tally, index: int, outcome: str) -> None:
    if outcome.startswith("FAILED"):
        tally.failures[index] = outcome
        outcome = "".join("#" if letter.isdigit() else letter for letter in outcome)
    tally.outcomes[outcome] += 1


def _kept(job: Job, index: int, why: str, originals: Sequence[bytes]) -> None:
    print(f"input {index}: {why}", file=sys.stderr, flush=True)
    if job.keep:
        job.keep.mkdir(parents=True, exist_ok=True)
        (job.keep / f"{index}.mid").write_bytes(job.made(index, originals))


def main() -> int:
    """Run it; exit status 1 where something failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--music", type=Path, help="a folder of right files to start from too")
    parser.add_argument("--keep", type=Path, help="where to put inputs that fail")
    parser.add_argument("--library", action="store_true", help="try the MIDI-file library alone")
    args = parser.parse_args()
    tally = fuzz(Job(args.inputs, args.seed, args.music, args.keep, args.library))
    for outcome, count in tally.outcomes.most_common():
        print(f"{count:9,}  {outcome}")
    print(f"slowest input {tally.slowest_s:.2f} s, most memory {tally.most_memory / 2**20:.0f} MB")
    return int(bool(tally.failures))


if __name__ == "__main__":
    raise SystemExit(main())
