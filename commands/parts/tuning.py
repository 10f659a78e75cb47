"""What `antiphon fine-tune` does once it is known from what: takes, a run, figures, files.

Imported only when there is something to learn, for PyTorch comes with it.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from commands.parts.places import CORPORA
from commands.parts.refusal import settings_of
from export.exporting import NotWritten, Written, export_each, source_of_run
from music.settings import SettingError
from music.whole_file import write_whole
from pieces.corpus import Corpus, Description
from realtime.inference.bundle import Bundle
from realtime.inference.default_model import default_model
from training.feeds.feed import ALONE
from training.learning.checkpoint import RunFolder
from training.learning.held import held
from training.learning.learner import Learner
from training.learning.parallel import Company
from training.learning.train import StoppedLearning, learn
from training.opened_run import OpenedRun, opened
from training.recipes.precision import precision_notes
from training.run import Places, device_named, resume_run
from training.tuning.takes import Takes, takes_in
from training.tuning.tuning import (
    MOST_FORGOTTEN,
    Corpora,
    Tuned,
    begin_tuning,
    file_to_learn_on,
    recipe_for,
    tuned,
    write_old,
    write_takes,
)

_PLAYED = ("int8", "fp16")  # on the CPU, and on CUDA
_OTHERWISE = ("fp32",)  # where eight bits don't pass
_DEFAULT = "default"


def fine_tune(args: argparse.Namespace, name: str) -> int:
    """Begin or go on with the run of that name; the exit status."""
    company = Company(ALONE, device_named(args.device))
    places = Places(args.runs, args.corpora or CORPORA)
    if args.resume:
        places = _places_of_tuned(args, name)
        with held(places.runs / name):
            return _learn(resume_run(name, places, company), places)
    learner = _begun(args, name, places, company)
    with held(places.runs / name):
        return _learn(learner, places)


def _learn(learner: Learner, places: Places) -> int:
    try:
        done = learn(learner, _say)
    except StoppedLearning as stopped:
        raise SettingError(str(stopped)) from stopped
    return _finish(learner, done, places)


def _begun(args: argparse.Namespace, name: str, places: Places, company: Company) -> Learner:
    bundle = file_to_learn_on(default_model("cuda") if args.source == _DEFAULT else Path(args.source))
    recipe = recipe_for(bundle, name, settings_of(args.settings))
    RunFolder.check_is_free(places.runs / name)
    takes = takes_in(args.takes, args.channel)
    mixed = _mixed(args.mix, bundle, places.data)
    _say("\n".join(_plan(takes, bundle, mixed)))
    names = Corpora.of(name)
    of_takes = write_takes(takes, names.takes, places.data)
    of_old = write_old(
        of_takes, mixed, bundle, recipe, places.data / f"{names.old}.safetensors", company.device
    )
    learner = begin_tuning(recipe, name, places, company)
    _say(_music_line(of_takes, of_old, learner))
    for line in precision_notes(
        company.device, recipe.learning.precision, learner.folder.precisions(), learner.step
    ):
        _say(line)
    return learner


def _places_of_tuned(args: argparse.Namespace, name: str) -> Places:
    if args.run or args.mix or args.settings or args.channel is not None or args.source != _DEFAULT:
        raise SettingError(
            "--resume goes on with a run as it is: without --run, --from, --mix, --channel or --set"
        )
    run = opened(args.runs / name)
    _check_is_tuned(run)
    return Places(args.runs, args.corpora or run.corpora(CORPORA))


def _check_is_tuned(run: OpenedRun) -> None:
    names = Corpora.of(run.folder.path.name)
    if run.recipe.data.corpora != (names.takes, names.old):
        raise SettingError(
            f"{run.folder.path}: not a run of fine-tune; go on with it: antiphon train --resume "
            f"{run.folder.path.name}"
        )


def _mixed(names: Sequence[str] | None, bundle: Bundle, folder: Path) -> list[Corpus]:
    """The corpora that were asked for; or those that the file was trained on, where all of them are there."""
    if names:
        return [Corpus(folder / f"{name}.safetensors") for name in names]
    paths = [folder / f"{data.name}.safetensors" for data in bundle.header.data]
    return [Corpus(path) for path in paths] if all(path.is_file() for path in paths) else []


def _plan(takes: Takes, bundle: Bundle, mixed: Sequence[Corpus]) -> list[str]:
    old = (
        ", ".join(corpus.description.name for corpus in mixed)
        or f"music that {bundle.path.name} plays itself"
    )
    lines = [f"left out: {file.file}: {file.why}" for file in takes.left_out]
    return [
        *lines,
        f"{bundle.path.name} learns on from your takes: {len(takes.kept)}, with {takes.notes:,} notes",
        f"old music beside them, so that nothing is forgotten: {old}",
    ]


def _music_line(takes: Description, old: Description, learner: Learner) -> str:
    def notes(corpus: Description, split: str) -> int:
        return sum(piece.notes for piece in corpus.pieces if piece.split == split)

    return (
        f"learnt from: {notes(takes, 'train'):,} notes of yours and {notes(old, 'train'):,} old ones; "
        f"held out: {notes(takes, 'validation'):,} and {notes(old, 'test'):,}\n"
        f"at most {learner.steps} steps, fewer when your held-out takes get no better; each line says how "
        "long the rest takes at most; Ctrl-C stops, and keeps what there is by then"
    )


def _finish(learner: Learner, done: int, places: Places) -> int:
    """Measure what was learnt, and write the files if it is better."""
    name, device = learner.folder.path.name, learner.company.device
    resumption = f"go on: antiphon fine-tune --resume {shlex.quote(name)}"
    is_stopped = done < learner.steps and not learner.is_settled
    if is_stopped:
        _say(f"stopped at step {done} of {learner.steps}; {resumption}")
    elif learner.is_settled:
        _say(f"no better for {learner.waited} measurements, so it ended at step {done} of {learner.steps}")
    run = opened(learner.folder.path)
    result = tuned(run, places.data, device)
    write_whole(run.folder.path / "fine-tune.json", json.dumps(result.record(), indent=2) + "\n")
    _say("\n".join(_figures(result)))
    if not result.is_better:
        remedy = resumption if is_stopped else "record more takes, and begin anew under another --run"
        print(
            f"antiphon: no better on your held-out takes, so no file was written; {remedy}", file=sys.stderr
        )
        return 0 if is_stopped else 1
    return _export(run, places.data)


def _figures(result: Tuned) -> list[str]:
    lines = [f"your held-out takes: {result.takes.line}", f"old music: {result.old.line}"]
    if result.share < 1:
        lines.append(
            f"so that old music is at most {MOST_FORGOTTEN:.0%} worse, its weights are a mean: "
            f"{result.share:.0%} learnt, the rest as before"
        )
    return lines


def _export(run: OpenedRun, corpora: Path) -> int:
    """Write the files; 1 if there is none for the CPU."""
    source = source_of_run(run, corpora / f"{run.recipe.data.corpora[0]}.safetensors")
    results = list(export_each(source, run.folder.path, _PLAYED))
    if any(isinstance(result, NotWritten) and result.precision == "int8" for result in results):
        results += export_each(source, run.folder.path, _OTHERWISE)
    for result in results:
        print(result.line, flush=True, file=sys.stdout if isinstance(result, Written) else sys.stderr)
    on_cpu = [r.bundle for r in results if isinstance(r, Written) and r.bundle.header.precision != "fp16"]
    if not on_cpu:
        return 1
    _say(
        f"tier {on_cpu[0].header.tier}, of {', '.join(f'{c.name} ({c.tier})' for c in on_cpu[0].header.data)}"
    )
    _say(f"play with it: antiphon play --model {shlex.quote(str(on_cpu[0].path))}")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)
