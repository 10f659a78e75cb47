"""`antiphon train`: a recipe carried out, gone on with, or begun from the weights of another run; an experiment's recipes one after another."""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from music.commands.places import CORPORA, add_corpora, add_runs, refuse_old_name
from music.refusal import add_settings_option, refusing, settings_of
from music.settings import SettingError
from training.experiment import Trial, has_small_form, trials, variant_names
from training.learner import Learner
from training.opened_run import beginning, opened
from training.outcome import outcome_of
from training.parallel import company, processes
from training.recipe import recipe_named, recipe_names
from training.run import Places, begun, device_named, gone_on_with
from training.train import StoppedLearning, learn
from training.trials import carry_out, corpora_of_trials, told_in_words

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
    parser.add_argument("--list", action="store_true", help="tell the recipes, and what each takes")
    parser.add_argument(
        "--run",
        metavar="NAME",
        help="the run's name, or of an experiment the folder's (default: recipe, day and time)",
    )
    parser.add_argument("--resume", metavar="NAME", help="go on with a run, or with an experiment, exactly")
    parser.add_argument("--init", metavar="RUN|FILE", help="begin with the weights of a run, or of a file")
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
    try:
        if args.resume:
            return _resumed(args)
        return _begun(args, Places(args.runs, args.corpora or CORPORA))
    except StoppedLearning as stopped:
        raise SettingError(str(stopped)) from stopped
    except KeyboardInterrupt:
        print("antiphon: stopped at once; what was saved before stands (--resume goes on)", file=sys.stderr)
        return 130


def _begun(args: argparse.Namespace, places: Places) -> int:
    if args.recipe is None:
        raise SettingError("say a RECIPE (antiphon train --list tells them), or --resume NAME")
    made = trials(args.recipe, settings_of(args.settings), is_small=args.small, variant=args.variant)
    name = args.run or f"{Path(args.recipe).stem}-{datetime.now():%Y%m%d-%H%M%S}"
    if len(made) > 1:
        if args.init:
            raise SettingError("an experiment of several runs takes no --init; say one --variant")
        return _carried_out(made, name, args, places)
    _check_is_one(args)
    with company(device_named(args.device)) as together:
        init = beginning(args.init, places.runs) if args.init else None
        return _learn(args, begun(made[0].recipe, name, places, together, init), places)


def _resumed(args: argparse.Namespace) -> int:
    if args.recipe or args.run or args.init or args.settings or args.small or args.variant:
        raise SettingError(
            "--resume goes on with a run as it is: without a recipe, --run, --init, --small, --variant or --set"
        )
    folder = args.runs / args.resume
    if (folder / "experiment.json").exists():
        corpora = args.corpora or corpora_of_trials(folder, CORPORA)
        return _carried_out(None, args.resume, args, Places(args.runs, corpora))
    _check_is_one(args)
    with company(device_named(args.device)) as together:
        places = Places(args.runs, args.corpora or opened(folder).corpora(CORPORA))
        return _learn(args, gone_on_with(args.resume, places, together), places)


def _carried_out(made: Sequence[Trial] | None, name: str, args: argparse.Namespace, places: Places) -> int:
    if args.until is not None:
        raise SettingError("an experiment of several runs takes no --until; say one --variant")
    if args.jobs < 1:
        raise SettingError(f"--jobs is 1 or more, not {args.jobs}")
    if processes() > 1:
        raise SettingError("an experiment of several runs takes --jobs, not torchrun; or say one --variant")
    return carry_out(made, name, places, args.device, args.jobs, _say)


def _check_is_one(args: argparse.Namespace) -> None:
    if args.jobs != 1:
        raise SettingError(
            "this is one run, and --jobs is for several; leave it out (torchrun shares one run out)"
        )


def _learn(args: argparse.Namespace, learner: Learner, places: Places) -> int:
    def tell(line: str) -> None:
        if learner.company.is_first:
            _say(line)

    weights = sum(value.numel() for value in learner.model.parameters())
    name = learner.folder.path
    tell(
        f"{name}: {weights:,} weights, {len(learner.pieces)} pieces, {learner.steps} steps; Ctrl-C saves and stops"
    )
    done = learn(learner, tell, until=args.until)
    if learner.is_settled:
        tell(f"no better for {learner.waited} measurements, so it stopped at step {done} of {learner.steps}")
    elif done < learner.steps:
        tell(f"stopped at step {done} of {learner.steps}; go on: antiphon train --resume {name.name}")
        return 0
    if learner.company.is_first:
        tell(told_in_words(outcome_of(learner, places)))
    tell(f"done: {learner.folder.model}")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _listed() -> list[str]:
    lines = []
    for name in recipe_names():
        recipe = recipe_named(name) if not variant_names(name) else trials(name)[0].recipe
        lines += [f"{name}  ({recipe.row})", f"    {recipe.about}", f"    takes: {recipe.takes}"]
        if recipe.substitute:
            lines.append(f"    data: {recipe.substitute}")
        if variant_names(name):
            lines.append(f"    variants: {', '.join(variant_names(name))}")
        if has_small_form(name):
            lines.append("    has a small form: --small")
    return lines
