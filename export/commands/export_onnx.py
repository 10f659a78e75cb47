"""`antiphon export-onnx`: a run's model as one ONNX file a precision, each proved to play what the model learnt."""

import argparse
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import onnx

from export.bundle import header_of, write_bundle, write_figures
from export.material import made_music, music_of
from export.parity import Parity, ParityError, Reference, check_parity, parity
from export.quantize import QuantisationError, folded, halved, in_eight_bits
from export.step_graph import Pieces, TracingError, exportable, joined, traced
from music.commands.places import add_corpus, add_runs, refuse_old_name
from music.refusal import refusing
from music.settings import SettingError
from realtime.inference.bundle import PRECISIONS, Bundle
from realtime.inference.session import ModelSession
from training.checkpoint import RunFolder
from training.opened_run import opened

EXAMPLES = """\
  antiphon export-onnx mine
  antiphon export-onnx mine --precision int8 fp16 --out models
  antiphon export-onnx mine --corpus corpora/rolls.safetensors"""

_SMALLER: dict[str, Callable[[onnx.ModelProto], onnx.ModelProto]] = {
    "fp32": lambda piece: piece,
    "fp16": halved,
    "int8": in_eight_bits,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("run", metavar="RUN", help="a run's name, as `antiphon train --run` said it")
    add_runs(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: the run's folder)")
    parser.add_argument(
        "--precision",
        nargs="+",
        choices=PRECISIONS,
        default=list(PRECISIONS),
        help="one file each: int8 for the CPU, fp16 for CUDA, fp32 for either (default: all)",
    )
    add_corpus(parser, "prove each file on this corpus's held-out pieces (default: on music made by rule)")
    refuse_old_name(parser, "--music", "--corpus FILE")


@refusing
def run(args: argparse.Namespace) -> int:
    """Export."""
    folder = RunFolder(args.runs / args.run)
    try:
        for line in exported(folder, args.out or folder.path, args.precision, args.corpus):
            print(line, flush=True)
    except (ParityError, QuantisationError, TracingError) as error:
        raise SettingError(f"{folder.path}: {error}") from error
    return 0


def exported(folder: RunFolder, out: Path, precisions: Iterable[str], corpus: Path | None) -> Iterator[str]:
    """Write a file for each precision, and tell it in a line."""
    run = opened(folder.path)
    told, encoding = run.told, run.encoding
    model = exportable(run.recipe.model, encoding).eval()
    run.put_weights(model)
    reference = Reference(model, music_of(corpus, encoding) if corpus else made_music(encoding))
    pieces = traced(model)
    whole = Pieces(folded(pieces.trunk), folded(pieces.draw))
    for precision in dict.fromkeys(precisions):
        header = header_of(folder.path.name, told, encoding, model, precision)
        smaller = _SMALLER[precision]
        graph = joined(Pieces(smaller(whole.trunk), smaller(whole.draw)))
        proof = _Proof(reference)
        bundle = write_bundle(out / f"{folder.path.name}-{precision}.onnx", graph, header, proof)
        figures = {
            "fingerprint": bundle.fingerprint,
            "music": str(corpus) if corpus else "made by rule",
            **proof.found.told(),
        }
        write_figures(bundle.path, figures)
        yield _line(bundle, proof.found)


class _Proof:
    """Compares a file that was just written with the model; what it found is kept."""

    found: Parity

    def __init__(self, reference: Reference) -> None:
        self._reference = reference

    def __call__(self, bundle: Bundle) -> None:
        """An error where the file plays something else."""
        self.found = parity(self._reference, ModelSession(bundle))
        check_parity(self.found, bundle.header.precision)


def _line(bundle: Bundle, found: Parity) -> str:
    return (
        f"{bundle.path}: {len(bundle.content) / 1e6:.1f} MB; differs from the model by {found.file.mean:.2g} nats a field "
        f"in the mean, {found.file.worst:.2g} at worst, over {found.events:,} events"
    )
