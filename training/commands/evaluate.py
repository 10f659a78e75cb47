"""`antiphon evaluate`: how likely held-out music is to a run's model, beside what mere counting knows."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.machine import machine_told
from music.refusal import refusing
from music.settings import SettingError
from training.corpus import Corpus
from training.evaluation.judge import judge
from training.music_sets import SPLITS

if TYPE_CHECKING:
    from training.checkpoint import RunFolder

EXAMPLES = """\
  antiphon evaluate mine
  antiphon evaluate mine --data corpora/maestro-v3.safetensors
  antiphon evaluate mine --split validation --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("run", metavar="RUN", help="the run's name")
    parser.add_argument(
        "--runs", type=Path, default=Path("runs"), metavar="DIR", help="where runs lie (default: %(default)s)"
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="CORPUS.safetensors",
        help="the corpus to judge on (default: the run's own, in corpora/)",
    )
    parser.add_argument(
        "--split", choices=SPLITS, default="test", help="which of its pieces (default: %(default)s)"
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="(default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print the whole report as JSON")


@refusing
def run(args: argparse.Namespace) -> int:
    """Judge a run's model; the report is kept in the run's folder."""
    from training.checkpoint import RunFolder
    from training.judged_run import judged_run

    folder = RunFolder.existing(args.runs / args.run)
    corpus = Corpus(args.data or _own_corpus(folder))
    judged = judged_run(folder, args.device)
    report = judge(judged, corpus, args.split, machine_told(), _tell)
    kept = folder.path / "evaluation" / f"{corpus.description.name}-{args.split}.json"
    print(
        report.json() if args.json else "\n".join(report.table()), flush=True
    )  # before a full disk is found
    report.save(kept)
    _tell(f"kept in {kept}")
    return 0


def _own_corpus(folder: "RunFolder") -> Path:
    names = folder.told["recipe"]["data"]["corpora"]
    if len(names) > 1:
        raise SettingError(
            f"{folder.path} learnt from {', '.join(names)}: say which to judge on (--data CORPUS.safetensors)"
        )
    return Path("corpora") / f"{names[0]}.safetensors"


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
