"""What a piano roll of tokens loses of music, by its columns per second: `roll-token`, there and back.

Each piece is written down and read back at every frequency, once with notes as long as their keys were held
and once with the pedal folded in. A lost note either vanished, because it lay within one column, or melted
into the note before it on its key, because no column between them was free. Beside it stands what `roll`
loses on the same grid, which writes down when a key is struck. Knows the encodings and files of music;
without a folder it makes its own music.
"""

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.material import add_material, files_in, spaced
from benchmarks.notation.curve import Line, chart
from music.beats import frame_holding
from music.encodings.roll import RollEncoding
from music.encodings.roll_token import RollTokenEncoding
from music.midi.files import read_phrase
from music.notes import Note
from music.phrase import Phrase, each_key_once, pedal_folded
from music.tokens.loss import Loss, loss_of

FREQUENCIES = (1, 2, 4, 5, 8, 10, 16, 20, 25, 50, 100)  # columns a second
AS_HELD = "as long as keys are held"
FOLDED = "pedal folded in"
# Steps from a pitch, and the seconds between them: two chords, a run, a turn, repeated notes and an octave.
FIGURES = (
    ((0, 4, 7), 0.0),
    ((0, 3, 7, 12), 0.0),
    ((0, 2, 4, 5, 7), 0.09),
    ((0, 2, 0, -1, 0), 0.06),
    ((0, 0, 0), 0.12),
    ((0, 12), 0.25),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_material(parser, files=20, rounds=None)
    parser.add_argument(
        "--frequencies",
        type=float,
        nargs="+",
        default=list(FREQUENCIES),
        metavar="HZ",
        help="columns a second (default: 1 to 100)",
    )
    parser.add_argument("--svg", type=Path, metavar="FILE", help="also draw the curve")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures, and the curve where it was asked for."""
    if args.music is None:
        source, pieces = "made on the spot", [made(seed) for seed in range(args.files)]
    else:
        paths = spaced(files_in(args.music), args.files)
        if not paths:
            raise FileNotFoundError(f"no MIDI files in {args.music}: give --music a folder that holds some")
        source, pieces = args.music.name, [read_phrase(path, pedal="keep") for path in paths]
    tables = {
        AS_HELD: _table([Phrase(piece.notes) for piece in pieces], args.frequencies),
        FOLDED: _table([pedal_folded(piece) for piece in pieces], args.frequencies),
    }
    if args.svg is not None:
        args.svg.write_text(_drawn(tables), encoding="utf-8")
    notes = sum(len(piece.notes) for piece in pieces)
    return {"music": {"source": source, "pieces": len(pieces), "notes": notes}, **tables}


def made(seed: int, seconds: float = 120.0) -> Phrase:
    """Music by chance, always the same for a seed: chords, runs and repeated notes, some of them short."""
    chance = random.Random(seed)
    at, notes = 0.0, []
    while at < seconds:
        pitch = chance.randint(30, 90)
        steps, apart = chance.choice(FIGURES)
        for place, step in enumerate(steps):
            onset = at + place * apart + chance.uniform(0.0, 0.02)
            notes.append(Note(onset, pitch + step, chance.randint(30, 110), chance.uniform(0.03, 0.6)))
        at += max(len(steps) * apart, 0.25)
    return Phrase.of(each_key_once(notes))


def _table(pieces: Sequence[Phrase], frequencies: Iterable[float]) -> list[dict[str, float]]:
    return [_row(pieces, frequency) for frequency in frequencies]


def _row(pieces: Sequence[Phrase], frequency: float) -> dict[str, float]:
    encoding = RollTokenEncoding(frequency=frequency).fitted(pieces)
    losses = [loss_of(encoding, piece) for piece in pieces]
    columns = Counter(symbol for piece in pieces for symbol in encoding.symbols_in(piece))
    notes, lost = sum(loss.notes for loss in losses), sum(loss.lost for loss in losses)
    with_strikes = RollEncoding(grid="seconds", steps=frequency)
    struck_lost = sum(loss_of(with_strikes, piece).lost for piece in pieces)
    vanished = sum(_vanishes(note, frequency) for piece in pieces for note in piece.notes)
    return {
        "columns_per_s": frequency,
        "lost_percent": 100 * lost / notes if notes else 0.0,
        "vanished_percent": 100 * vanished / notes if notes else 0.0,
        "lost_with_strikes_percent": 100 * struck_lost / notes if notes else 0.0,
        "onset_error_ms": _mean(losses, lambda loss: loss.onset_error_ms),
        "length_error_ms": _mean(losses, lambda loss: loss.length_error_ms),
        "columns": columns.total(),
        "distinct_sets": len(columns),
        "seen_once_percent": 100 * sum(count == 1 for count in columns.values()) / max(len(columns), 1),
    }


def _vanishes(note: Note, frequency: float) -> bool:
    return frame_holding(note.at, frequency) == frame_holding(note.until, frequency)


def _mean(losses: Sequence[Loss], figure: Callable[[Loss], float]) -> float:
    """The mean over the notes that came back, not over pieces."""
    back = sum(loss.notes - loss.lost for loss in losses)
    return sum(figure(loss) * (loss.notes - loss.lost) for loss in losses) / back if back else 0.0


def _drawn(tables: dict[str, list[dict[str, float]]]) -> str:
    lines = [
        Line(label, [(row["columns_per_s"], row["lost_percent"]) for row in rows], colour)
        for (label, rows), colour in zip(tables.items(), ("#1f5fa8", "#b3541e"), strict=True)
    ]
    return chart(
        lines,
        title="Notes lost by a piano roll of tokens",
        across="columns a second",
        up="notes lost (%)",
        marks=[row["columns_per_s"] for row in next(iter(tables.values()))],
    )
