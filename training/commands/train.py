"""`antiphon train`: a recipe carried out, gone on with, or begun from the weights of another run."""

import argparse
import subprocess
from datetime import datetime
from pathlib import Path

from music.refusal import add_settings_option, refusing, settings_of
from music.settings import SettingError
from training.checkpoint import RunFolder, load_weights
from training.corpus import Corpus
from training.recipe import Recipe, recipe_from, recipe_named, recipe_names
from training.train import StoppedLearning, corpus_paths, device_named, learn, learner_for, told_of

EXAMPLES = """\
  antiphon train --list
  antiphon train first-light --run mine
  antiphon train --resume mine
  antiphon train first-light --set learning.steps=500 --set model.width=256
  antiphon train my-recipe.toml --init runs/mine/model.safetensors"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("recipe", nargs="?", metavar="RECIPE", help="a recipe's name, or a TOML file")
    parser.add_argument("--list", action="store_true", help="tell the recipes, and what each takes")
    parser.add_argument("--run", metavar="NAME", help="the run's name (default: recipe, day and time)")
    parser.add_argument("--resume", metavar="NAME", help="go on with a run, exactly")
    parser.add_argument("--init", type=Path, metavar="MODEL", help="begin with these weights")
    add_settings_option(parser, "change the recipe")
    parser.add_argument(
        "--runs", type=Path, default=Path("runs"), metavar="DIR", help="where runs lie (default: %(default)s)"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("corpora"),
        metavar="DIR",
        help="where corpora lie (default: %(default)s)",
    )
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
        return _resumed(args) if args.resume else _begun(args)
    except StoppedLearning as stopped:
        raise SettingError(str(stopped)) from stopped


def _begun(args: argparse.Namespace) -> int:
    if args.recipe is None:
        raise SettingError("say a RECIPE (antiphon train --list tells them), or --resume NAME")
    recipe = recipe_named(args.recipe, settings_of(args.settings))
    corpora = [Corpus(path) for path in corpus_paths(recipe, args.data)]
    name = args.run or f"{Path(args.recipe).stem}-{datetime.now():%Y%m%d-%H%M%S}"
    folder = RunFolder.new(args.runs / name, told_of(recipe, corpora, _commit()))
    return _learn(args, folder, recipe, corpora, resumed=False)


def _resumed(args: argparse.Namespace) -> int:
    if args.recipe or args.init or args.settings:
        raise SettingError("--resume goes on with a run as it is: without a recipe, --init or --set")
    folder = RunFolder.existing(args.runs / args.resume)
    told = folder.told
    recipe = recipe_from(told["recipe"], args.resume, {})
    corpora = [Corpus(path) for path in corpus_paths(recipe, args.data)]
    for corpus, before in zip(corpora, told["data"], strict=True):
        if corpus.description.hash != before["hash"]:
            raise SettingError(
                f"{corpus.path}: not the corpus that the run began with (hash {corpus.description.hash}, then "
                f"{before['hash']}); begin a new run with --init {folder.model}"
            )
    return _learn(args, folder, recipe, corpora, resumed=True)


def _learn(
    args: argparse.Namespace, folder: RunFolder, recipe: Recipe, corpora: list[Corpus], *, resumed: bool
) -> int:
    learner = learner_for(recipe, folder, corpora, device_named(args.device))
    if args.init:
        load_weights(learner.model, args.init)
    weights = sum(value.numel() for value in learner.model.parameters())
    print(
        f"{folder.path}: {weights:,} weights, {len(learner.pieces)} pieces; Ctrl-C saves and stops",
        flush=True,
    )
    done = learn(learner, lambda line: print(line, flush=True), resumed=resumed, until=args.until)
    if done < recipe.learning.steps:
        print(
            f"stopped at step {done} of {recipe.learning.steps}; go on: antiphon train --resume {folder.path.name}"
        )
    else:
        print(f"done: {folder.model}")
    return 0


def _listed() -> list[str]:
    lines = []
    for name in recipe_names():
        recipe = recipe_named(name)
        lines += [f"{name}  ({recipe.row})", f"    {recipe.about}", f"    takes: {recipe.takes}"]
    return lines


def _commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"
