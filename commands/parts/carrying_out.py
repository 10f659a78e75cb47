"""What `antiphon train` does once it is known what to carry out: one run, or those of an experiment.

Imported only when there is something to learn, for PyTorch comes with it.
"""

import argparse
import shlex
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from commands.parts.places import CORPORA
from commands.parts.refusal import settings_of
from music.settings import SettingError
from training.experiments.outcome import write_outcome
from training.experiments.trials import carry_out, corpora_of_trials, summary
from training.learning.held import held
from training.learning.learner import Learner
from training.learning.parallel import Company, company, end_process, processes
from training.learning.train import StoppedLearning, learn
from training.opened_run import beginning, opened
from training.playing.practice import why_no_answers, why_not_exported
from training.recipes.experiment import Trial, trials
from training.recipes.precision import precision_notes
from training.run import Places, begin_run, device_named, resume_run


def train(args: argparse.Namespace, name: str) -> int:
    """Begin or go on with the run or the experiment of that name; the exit status."""
    try:
        status = (
            _resume(args) if args.resume else _begin(args, name, Places(args.runs, args.corpora or CORPORA))
        )
    except StoppedLearning as stopped:
        raise SettingError(str(stopped)) from stopped
    if processes() > 1:
        end_process(status)
    return status


def _begin(args: argparse.Namespace, name: str, places: Places) -> int:
    made = trials(args.recipe, settings_of(args.settings), is_small=args.small, variant=args.variant)
    if len(made) > 1:
        if args.init:
            raise SettingError("an experiment of several runs takes no --init; say one --variant")
        return _carry_out_each(made, name, args, places)
    _check_is_one(args)
    with company(device_named(args.device)) as together:
        init = beginning(args.init, places.runs) if args.init else None
        learner = begin_run(made[0].recipe, name, places, together, init)
        with _held_by_first(args.runs / name, together):
            return _learn(args, learner, places)


def _resume(args: argparse.Namespace) -> int:
    if args.recipe or args.run or args.init or args.settings or args.small or args.variant:
        raise SettingError(
            "--resume goes on with a run as it is: without a recipe, --run, --init, --small, --variant "
            "or --set"
        )
    folder = args.runs / args.resume
    if (folder / "experiment.json").exists():
        corpora = args.corpora or corpora_of_trials(folder, CORPORA)
        return _carry_out_each(None, args.resume, args, Places(args.runs, corpora))
    _check_is_one(args)
    with company(device_named(args.device)) as together:
        run = opened(folder)
        places = Places(args.runs, args.corpora or run.corpora(CORPORA))
        with _held_by_first(folder, together):
            return _learn(args, resume_run(args.resume, places, together), places)


def _held_by_first(folder: Path, together: Company) -> AbstractContextManager[None]:
    """Of the processes that share a run out, the first keeps it for all."""
    return held(folder) if together.is_first else nullcontext()


def _carry_out_each(made: Sequence[Trial] | None, name: str, args: argparse.Namespace, places: Places) -> int:
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
    def say(line: str) -> None:
        if learner.company.is_first:
            _say(line)

    weights = sum(value.numel() for value in learner.model.parameters())
    name = learner.folder.path
    say(
        f"{name}: {weights:,} weights, {len(learner.pieces)} pieces, {learner.steps} steps; "
        "Ctrl-C saves and stops"
    )
    since, asked = learner.folder.precisions(), learner.recipe.learning.precision
    for line in precision_notes(learner.company.device, asked, since, learner.step):
        say(line)
    if why := why_not_exported(learner.recipe):
        say(f"antiphon export-onnx will make no file of it: {why}")
    elif why := why_no_answers(learner.recipe):
        say(f"antiphon play will not answer by it: {why}")
    done = learn(learner, say, until=args.until)
    if learner.is_settled:
        say(f"no better for {learner.waited} measurements, so it stopped at step {done} of {learner.steps}")
    elif done < learner.steps:
        resumed = shlex.quote(str(name.relative_to(places.runs)))
        say(f"stopped at step {done} of {learner.steps}; go on: antiphon train --resume {resumed}")
        return 0
    if learner.company.is_first:
        say(summary(write_outcome(learner, places)))
    say(f"done: {learner.folder.model}")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)
