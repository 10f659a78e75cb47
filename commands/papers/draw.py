"""`antiphon draw`: pictures of what a run or an experiment came to, as files that docs can show."""

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from commands.parts.places import add_runs
from commands.parts.refusal import refusing
from dashboard.pictures import embeddings
from dashboard.pictures.kept import Picture, pictures_in
from music.settings import SettingError, right_ones
from music.whole_file import write_whole

EXAMPLES = """\
  antiphon draw a4-memory --to pictures
  antiphon draw mine --to pictures
  antiphon draw messages --embeddings --to pictures
  antiphon draw chords --embeddings --single-notes --to pictures"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("run", metavar="NAME", help="a run's name, or an experiment's")
    add_runs(parser)
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="the folder for the pictures")
    parser.add_argument(
        "--embeddings",
        action="store_true",
        help="the embeddings of a run's tokens, too, on a plane (needs scikit-learn)",
    )
    parser.add_argument(
        "--single-notes",
        action="store_true",
        help="with --embeddings: of chords, those of one note alone",
    )


@refusing
def run(args: argparse.Namespace) -> int:
    """Draw them."""
    folder = args.runs / args.run
    if not folder.is_dir():
        there = right_ones(args.run, _runs_in(args.runs))
        raise SettingError(f"{folder}: no run lies there; {there}; or say where runs lie (--runs DIR)")
    written = 0
    if args.single_notes and not args.embeddings:
        raise SettingError("--single-notes says which embeddings are drawn: say --embeddings too")
    for name, picture in _pictures(folder, args.embeddings, args.single_notes):
        place = args.to / f"{args.run.replace('/', '-')}-{name}.svg"
        try:
            drawn = picture()
        except SettingError as reason:
            print(f"{place}: not drawn because {reason}")
            continue
        args.to.mkdir(parents=True, exist_ok=True)
        write_whole(place, drawn)
        print(place)
        written += 1
    if not written:
        raise SettingError(
            f"{folder}: nothing of it can be drawn; carry out a recipe with the measures likeness, stages or "
            "by-heart"
        )
    return 0


def _runs_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def _pictures(folder: Path, with_embeddings: bool, are_single: bool) -> Iterator[tuple[str, Picture]]:
    yield from pictures_in(folder)
    if with_embeddings:
        name = "embeddings-of-single-notes" if are_single else "embeddings"
        yield name, partial(_embeddings, folder, are_single)


def _embeddings(folder: Path, are_single: bool) -> str:
    from training.experiments.embeddings import neighbours, placed, tokens_of
    from training.learning.checkpoint import RunFolder
    from training.opened_run import trained
    from training.run import device_named

    made = trained(RunFolder(folder), device_named("cpu"))
    tokens = tokens_of(made.model, made.encoding, are_single=are_single)
    places = placed(tokens)
    print(f"{len(tokens)} tokens: {neighbours(tokens)}")
    which = f"{made.encoding.name} tokens{' of one note' if are_single else ''}"
    title = f"Embeddings of {which} (t-SNE): circles on, crosses off"
    return embeddings.map_of([embeddings.Placed(**place) for place in places], title)
