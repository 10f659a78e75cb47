"""`antiphon export-onnx`: a run's model as one ONNX file per precision, each proved against the run."""

import argparse
import sys
from pathlib import Path

from commands.parts.places import add_corpus, add_runs, refuse_old_name
from commands.parts.refusal import refusing
from export.exporting import Source, Written, export_each, source_of_file, source_of_run
from realtime.inference.bundle import PRECISIONS
from training.opened_run import opened

EXAMPLES = """\
  antiphon export-onnx mine
  antiphon export-onnx mine --precision int8 fp16 --out models
  antiphon export-onnx mine --corpus corpora/rolls.safetensors
  antiphon export-onnx models/mine-fp32.onnx --precision int8 --out models"""

_MODEL_FILE = ".onnx"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "run",
        metavar="RUN",
        help="a run's name, as `antiphon train --run` said it; or, where the run is gone, its fp32 or fp16 "
        "file",
    )
    add_runs(parser)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write (default: the run's folder, or the file's)"
    )
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
    """Export; 1 if a precision did not pass."""
    source, beside = _source(args)
    failed = False
    for result in export_each(source, args.out or beside, args.precision):
        if isinstance(result, Written):
            print(result.line, flush=True)
        else:
            failed = True
            print(f"antiphon: {result.line}", file=sys.stderr, flush=True)
    return int(failed)


def _source(args: argparse.Namespace) -> tuple[Source, Path]:
    """The model, and the folder that it lies in."""
    if args.run.endswith(_MODEL_FILE):
        path = Path(args.run)
        return source_of_file(path, args.corpus), path.parent
    run = opened(args.runs / args.run)
    return source_of_run(run, args.corpus), run.folder.path
