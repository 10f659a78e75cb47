"""`antiphon fine-tune`: a model learns on from a player's own takes, and becomes files that `play` takes.

Must not import what learns before there is something to learn: that takes seconds.
"""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from commands.parts.interruption import sigterm_as_ctrl_c
from commands.parts.places import add_corpora, add_runs
from commands.parts.refusal import add_settings_option, refusing
from music.settings import SettingError

EXAMPLES = """\
  antiphon fine-tune ~/Music/Antiphon --run mine
  antiphon play --model runs/mine/mine-int8.onnx
  antiphon fine-tune takes --from runs/other/other-fp16.onnx --mix rolls --run mine
  antiphon fine-tune recordings --channel 1 --set learning.steps=100
  antiphon fine-tune --resume mine"""

DEFAULT = "default"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "takes",
        nargs="?",
        type=Path,
        metavar="FOLDER",
        help="MIDI files of what you played; of takes of Antiphon only your own part is learnt from",
    )
    parser.add_argument(
        "--from",
        dest="source",
        default=DEFAULT,
        metavar="default|FILE.onnx",
        help="the model file in fp16 or fp32 that learns on (default: the model that comes with Antiphon)",
    )
    parser.add_argument("--run", metavar="NAME", help="the run's name (default: partner, day and time)")
    parser.add_argument("--resume", metavar="NAME", help="go on with such a run")
    parser.add_argument(
        "--mix",
        action="append",
        metavar="NAME",
        help="a corpus of old music to show beside the takes; repeatable (default: those that the file was "
        "trained on, where they lie with the other corpora; else what its model plays)",
    )
    parser.add_argument(
        "--channel",
        type=_channel,
        metavar="1-16",
        help="the MIDI channel that you are on, in recordings that Antiphon didn't write (default: any)",
    )
    add_settings_option(parser, "change the recipe (training/recipes/own-takes.toml)")
    add_runs(parser)
    add_corpora(parser)
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="(default: %(default)s)"
    )


def _channel(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 16:
        raise argparse.ArgumentTypeError(f"a channel is from 1 to 16, not {text!r}")
    return int(text) - 1


@refusing
def run(args: argparse.Namespace) -> int:
    """Fine-tune; 1 if nothing better came of it."""
    if (args.takes is None) == (args.resume is None):
        raise SettingError("say the FOLDER of your takes, or --resume NAME")
    name = args.resume or args.run or f"partner-{datetime.now():%Y%m%d-%H%M%S}"
    try:
        with sigterm_as_ctrl_c():
            from commands.parts.tuning import fine_tune

            return fine_tune(args, name)
    except KeyboardInterrupt:
        has_begun = any((args.runs / name).glob("checkpoint*/place.json"))
        left = f"go on: antiphon fine-tune --resume {name}" if has_begun else "nothing had been learnt yet"
        print(f"antiphon: stopped at once; {left}", file=sys.stderr)
        return 130
