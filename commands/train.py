"""`antiphon train`: a recipe or an experiment carried out, gone on with, or begun from a run's weights.

Must not import what learns before there is something to learn: that takes seconds.
"""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from commands.parts.interruption import sigterm_as_ctrl_c
from commands.parts.places import CORPORA, add_corpora, add_runs, refuse_old_name
from commands.parts.refusal import add_settings_option, refusing
from music.settings import SettingError
from training.recipes.recipe_files import has_small_form, recipe_names, tables_of, variant_names

EXAMPLES = """\
  antiphon train --list
  antiphon train first-light --run mine
  antiphon train --resume mine
  antiphon train first-light --set learning.steps=500 --set model.trunk.width=256
  antiphon train my-recipe.toml --init mine
  antiphon train a9-cells --small --jobs 2
  antiphon train b-shapes --variant stacked
  torchrun --nproc-per-node 2 --no-python -- antiphon train first-light --run mine"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("recipe", nargs="?", metavar="RECIPE", help="a recipe's name, or a TOML file")
    parser.add_argument("--list", action="store_true", help="list the recipes, and what each takes")
    parser.add_argument(
        "--run",
        metavar="NAME",
        help="the run's name, or of an experiment the folder's (default: recipe, day and time)",
    )
    parser.add_argument("--resume", metavar="NAME", help="go on with a run, or with an experiment, exactly")
    parser.add_argument(
        "--init",
        metavar="RUN|FILE",
        help="begin with the weights of a run, or of a file (a model file in fp32 or fp16, or safetensors)",
    )
    parser.add_argument(
        "--small", action="store_true", help="the recipe's small form, which two cores can carry"
    )
    parser.add_argument("--variant", metavar="NAME", help="one variant of an experiment alone")
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="an experiment's runs at a time (default: 1)"
    )
    add_settings_option(parser, "change the recipe")
    add_runs(parser)
    add_corpora(parser, f"{CORPORA}; with --resume, where they lay when the run began, else {CORPORA}")
    refuse_old_name(parser, "--data", "--corpora DIR")
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="(default: %(default)s)"
    )
    parser.add_argument("--until", type=int, metavar="STEP", help="stop here, to go on later")


@refusing
def run(args: argparse.Namespace) -> int:
    """Train."""
    if args.list:
        print("\n".join(_listed()))
        return 0
    if not (args.recipe or args.resume):
        raise SettingError("say a RECIPE (antiphon train --list names them), or --resume NAME")
    name = args.resume or args.run or f"{Path(args.recipe).stem}-{datetime.now():%Y%m%d-%H%M%S}"
    try:
        with sigterm_as_ctrl_c():
            from commands.parts.carrying_out import train

            return train(args, name)
    except KeyboardInterrupt:
        print(f"antiphon: stopped at once; {_left(args.runs / name)}", file=sys.stderr)
        return 130


def _left(folder: Path) -> str:
    """What an interruption left of a run or an experiment."""
    if (folder / "experiment.json").exists() or any(folder.glob("checkpoint*/place.json")):
        return "what was saved before stands (--resume goes on)"
    if folder.exists():
        return "it had not saved anything yet: begin anew under another --run"
    return "it had not begun to learn: begin anew with the same command"


def _listed() -> list[str]:
    lines = []
    for name in recipe_names():
        tables = tables_of(name)
        missing = [key for key in ("row", "about", "takes") if key not in tables]
        if missing:
            raise SettingError(f"recipe {name} needs {', '.join(missing)}")
        lines += [f"{name}  ({tables['row']})", f"    {tables['about']}", f"    takes: {tables['takes']}"]
        if tables.get("substitute"):
            lines.append(f"    data: {tables['substitute']}")
        if variant_names(name):
            lines.append(f"    variants: {', '.join(variant_names(name))}")
        if has_small_form(name):
            lines.append("    has a small form: --small")
    return lines
