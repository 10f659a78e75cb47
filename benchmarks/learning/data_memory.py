"""The most memory that preparing, encoding and reading a corpus take as it grows, each in its own process.

Knows the made music and the processes. Peaks are of everything that the process ever held at once, the
interpreter too, whose own share stands beside.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.material import performance
from music.encodings.catalogue import ENCODINGS, encoding_named
from music.midi.files import write_midi
from music.settings import SettingError
from pieces.corpus import Corpus, prepare
from pieces.music_sets import SPLITS, music_set
from pieces.token_pieces import encode_pieces


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--pieces", type=int, nargs="+", default=[100, 1000], help="sizes of the corpus (default: 100 1000)"
    )
    parser.add_argument("--notes", type=int, default=2000, help="notes in a piece (default: %(default)s)")
    parser.add_argument("--as", dest="encoding", default="event", choices=ENCODINGS, metavar="ENCODING")
    parser.add_argument(
        "--window", type=int, default=128, help="tokens that are read at a time (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    sizes = {f"{pieces} pieces": _sized(pieces, args) for pieces in args.pieces}
    return {"notes in a piece": args.notes, "encoding": args.encoding, "peak_mb": sizes}


def _sized(pieces: int, args: argparse.Namespace) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        music, corpus = Path(folder) / "music", Path(folder) / "made.safetensors"
        music.mkdir()
        for seed in range(pieces):
            write_midi(performance(seed, args.notes), music / f"{seed:06}.mid")
        figures = {
            "the interpreter alone": peak_of(_nothing),
            "prepare": peak_of(_prepare, music, corpus),
            "encode": peak_of(_encode, corpus, args.encoding),
            "read all windows": peak_of(_read_windows, corpus, args.encoding, args.window),
        }
        return figures | {"corpus_mb": corpus.stat().st_size / 1e6}


def peak_of(work: Callable[..., None], *args: Any) -> float:
    """The peak, in MB, of a fresh process that does this and nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_peak_after, work, *args).result()


def _peak_after(work: Callable[..., None], *args: Any) -> float:
    work(*args)
    return peak_mb()


def peak_mb() -> float:
    """The most memory that this process held at once, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # the other way would count what the parent held before this process was begun
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    if sys.platform == "win32":
        raise SettingError("this benchmark measures memory on Linux and macOS alone")
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _nothing() -> None:
    """What importing costs."""


def _prepare(music: Path, corpus: Path) -> None:
    prepare(music_set("made"), music, corpus, workers=1)


def _encode(corpus: Path, encoding: str) -> None:
    for split in SPLITS:
        encode_pieces([Corpus(corpus)], encoding_named(encoding), split)


def _read_windows(corpus: Path, encoding: str, window: int) -> None:
    """Every window of every split, one after the other."""
    for split in SPLITS:
        pieces = encode_pieces([Corpus(corpus)], encoding_named(encoding), split)
        for number in range(len(pieces)):
            for begin in range(0, pieces.length(number), window):
                pieces.rows(number, begin, begin + window)
