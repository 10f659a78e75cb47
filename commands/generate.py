"""`antiphon generate`: a model plays by itself, from nothing or from a phrase, into a MIDI file.

A run plays by torch, an exported file by the runtime; each is imported only when it is needed.
"""

import argparse
from pathlib import Path

from commands.parts.generating.generated import DEFAULT_S, option
from commands.parts.places import CORPORA, add_corpora, add_runs
from commands.parts.refusal import refusing
from music.midi.files import LONGEST_S
from music.settings import SettingError

EXAMPLES = """\
  antiphon generate mine
  antiphon generate mine out.mid --seconds 60 --temperature 0.9 --top-p 0.95
  antiphon generate mine --from phrase.mid --prompt-notes 12 --count 4 --seed 1
  antiphon generate mine --argmax --rows 500
  antiphon generate runs/mine/mine-int8.onnx --from phrase.mid
  antiphon generate mine --baseline untrained
  antiphon generate rolls-run --polish rbm-run --polish-way window"""

_MODEL_FILE = ".onnx"
_MOST = 2**62


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("run", metavar="RUN", help="a run's name, or an exported file (needs no torch)")
    parser.add_argument(
        "out",
        nargs="?",
        type=Path,
        metavar="OUT.mid",
        help="where to (default: generated-NUMBER.mid in the run's folder or beside the file, the next "
        "number that is free)",
    )
    add_runs(parser)
    parser.add_argument(
        "--baseline",
        choices=("untrained", "frequency"),
        help="hear what the run has to beat: its model before it learnt, or what it learnt from drawn by "
        "frequency alone, without order",
    )
    add_corpora(parser, f"for --baseline frequency: where the run's lay when it began, else {CORPORA}")
    _add_prompt(parser)
    _add_drawing(parser)
    parser.add_argument(
        "--seconds",
        type=float,
        metavar="S",
        help=f"how long to play, besides the prompt (default: {DEFAULT_S:g}, unless --rows is said)",
    )
    parser.add_argument(
        "--rows", type=int, metavar="N", help="how many rows to draw; with --seconds, at most"
    )
    parser.add_argument(
        "--count", type=int, default=1, metavar="N", help="so many pieces, with seeds one after another"
    )
    parser.add_argument(
        "--reverse",
        action=argparse.BooleanOptionalAction,
        help="turn the result of a run that learnt music backwards forwards again (default: where it did)",
    )
    parser.add_argument("--polish", metavar="RBM_RUN", help="refine a roll by the rbm of this run")
    parser.add_argument(
        "--polish-way",
        choices=("step", "window"),
        help="take over the last step of each window, or all of it (default: step)",
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="(default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print what was made as JSON")


def _add_prompt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FILE.mid",
        help="go on from this music (default: nothing)",
    )
    parser.add_argument(
        "--prompt-s", type=float, metavar="SECONDS", help="only so much of it, from its first note on"
    )
    parser.add_argument("--prompt-notes", type=int, metavar="N", help="only its first notes")
    parser.add_argument("--only-new", action="store_true", help="write what is new, without the prompt")


def _add_drawing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--argmax", action="store_true", help="always the likeliest")
    parser.add_argument("--temperature", type=float, metavar="T", help="below 1 tamer, above 1 wilder")
    parser.add_argument("--top-k", type=int, metavar="K", help="choose among the K likeliest")
    parser.add_argument(
        "--top-p", type=float, metavar="P", help="choose among the likeliest that have P together"
    )
    parser.add_argument("--mix", type=float, metavar="P", help="this share of choices takes the likeliest")
    parser.add_argument(
        "--no-format-filter", action="store_true", help="let the model break the format of its encoding"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="for the same again (default: by chance)")


@refusing
def run(args: argparse.Namespace) -> int:
    """Generate."""
    _check_contradictions(args)
    _check_numbers(args)
    if args.run.endswith(_MODEL_FILE):
        from commands.parts.generating.generated_by_file import generate_by_file

        return generate_by_file(args)
    from commands.parts.generating.generated_by_run import generate_by_run

    return generate_by_run(args)


def _check_contradictions(args: argparse.Namespace) -> None:
    choices = ("temperature", "top_k", "top_p", "mix")
    said = [option(name) for name in choices if getattr(args, name) is not None]
    if args.argmax and said:
        raise SettingError(f"--argmax takes the likeliest, so {', '.join(said)} can't matter: leave one out")
    if args.prompt_s is not None and args.prompt_notes is not None:
        raise SettingError("a prompt is so long or has so many notes: leave out --prompt-s or --prompt-notes")
    for name in ("prompt_s", "prompt_notes", "only_new"):
        if args.source is None and getattr(args, name):
            raise SettingError(f"{option(name)} is about a prompt; say --from FILE.mid too")
    if args.baseline == "frequency":
        said += [option(name) for name in ("source", "argmax") if getattr(args, name)]
        if said:
            raise SettingError(
                "--baseline frequency hears nothing and draws by frequency alone, so "
                f"{', '.join(said).replace('--source', '--from')} can't matter: leave one out"
            )
    elif args.corpora is not None:
        raise SettingError("--corpora is where --baseline frequency counts; leave it out, or say that too")
    if args.polish_way and not args.polish:
        raise SettingError("--polish-way is about polishing; say --polish RBM_RUN too")


def _check_numbers(args: argparse.Namespace) -> None:
    for name, least in (("rows", 1), ("count", 1), ("prompt_notes", 1), ("seed", 0)):
        value = getattr(args, name)
        if value is not None and not least <= value < _MOST:
            raise SettingError(f"{option(name)} is from {least} to below 2^62, not {value}")
    for name in ("seconds", "prompt_s"):
        value = getattr(args, name)
        if value is not None and not 0 < value <= LONGEST_S:
            raise SettingError(f"{option(name)} is above 0 and at most {LONGEST_S:.0f}, not {value}")
