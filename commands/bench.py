"""`antiphon bench NAME`: run one benchmark and print its figures with machine, date and command."""

import argparse
import importlib
import json
from typing import Any

from commands.parts.machine import this_machine
from commands.parts.refusal import refusing
from music.settings import SettingError

BENCHMARKS = {
    "reading": ("benchmarks.notation.reading", "MIDI files into phrases, beside pure-Python readers"),
    "encoding": (
        "benchmarks.notation.encoding",
        "notes a second through each encoding, beside a pure-Python reader",
    ),
    "data-memory": ("benchmarks.learning.data_memory", "the most memory that a corpus takes, as it grows"),
    "training": (
        "benchmarks.learning.training",
        "rows a second in training, by family, beside the bare layers; peak memory",
    ),
    "model": ("benchmarks.instrument.model", "a model file on one thread, beside bare layers of its size"),
    "batch": (
        "benchmarks.instrument.batch",
        "many performers on one model: events a second by how many share a call",
    ),
    "live": (
        "benchmarks.instrument.live",
        "the whole instrument while it is played, how late it is and what it costs",
    ),
    "link": (
        "benchmarks.instrument.link",
        "what JACK loses on a busy machine: handed to a port beside arrived",
    ),
    "soak": (
        "benchmarks.soaking.soak",
        "the whole instrument over JACK while things go wrong: what is lost, and by whom",
    ),
    "thinking": (
        "benchmarks.instrument.thinking",
        "what thinking of many answers costs, beside the silence there is for it",
    ),
    "passages": (
        "benchmarks.repertoire.passages",
        "how full and how empty the passages are that people play",
    ),
    "going-on": (
        "benchmarks.repertoire.going_on",
        "how music goes on from a phrase: how far back to the middle, feature by feature",
    ),
    "page-sound": (
        "benchmarks.screens.page_sound",
        "how soon the page sounds: from a key, and from its address",
    ),
    "page-roll": ("benchmarks.screens.page_roll", "what a frame of the page's roll costs, by notes in view"),
    "dashboard": (
        "benchmarks.screens.dashboard_pages",
        "the dashboard's pages with many judged runs: first look and later ones",
    ),
    "roll-token-loss": (
        "benchmarks.notation.roll_token_loss",
        "what a piano roll loses, by sampling frequency",
    ),
    "keys": (
        "benchmarks.repertoire.key_profiles",
        "published profiles of keys against pieces whose key is stated",
    ),
    "roll-baselines": (
        "benchmarks.repertoire.roll_baselines",
        "what counting keys knows of the published rolls, beside published figures",
    ),
    "difficulty": ("benchmarks.repertoire.difficulty_agreement", "difficulty levels against graded pieces"),
}

_MAYBE_NONE = ("seed", "busy", "handovers", "files", "ahead")

EXAMPLES = """\
  antiphon bench reading
  antiphon bench encoding --music FOLDER --json
  antiphon bench reading --help"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the name; each benchmark has options of its own (`antiphon bench NAME --help`)."""
    listed = "; ".join(f"{name}: {summary}" for name, (_, summary) in BENCHMARKS.items())
    parser.add_argument("benchmark", metavar="NAME", choices=BENCHMARKS, help=listed)
    parser.add_argument(
        "options", nargs=argparse.REMAINDER, metavar="...", help="its own options, and --json"
    )


def parse(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """All that stands behind the name is the benchmark's own."""
    return parser.parse_args(words)


@refusing
def run(args: argparse.Namespace) -> int:
    """Run the benchmark that was named; no other is imported."""
    module, summary = BENCHMARKS[args.benchmark]
    benchmark = importlib.import_module(module)
    parser = argparse.ArgumentParser(
        prog=f"antiphon bench {args.benchmark}",
        description=f"{summary[0].upper()}{summary[1:]}.",
        allow_abbrev=False,
    )
    benchmark.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(args.options)
    _check_counts(parser, options)
    figures = {"machine": this_machine(), **benchmark.run(options)}
    print(json.dumps(figures, indent=2) if options.json else "\n".join(_lines(figures)))
    return 0


def _check_counts(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Of what is counted there is one at least, but for what there may be none of, as a default can show."""
    for action in parser._actions:
        if action.type is not int:
            continue
        said, usual = getattr(options, action.dest), action.default
        maybe_none = action.dest in _MAYBE_NONE or (isinstance(usual, list) and 0 in usual)
        least = int(not maybe_none)
        for count in said if isinstance(said, list) else [said]:
            if count is not None and count < least:
                raise SettingError(f"--{action.dest.replace('_', '-')} is {least} or more, not {count}")


def _lines(value: Any, indent: str = "") -> list[str]:
    if isinstance(value, dict):
        lines = []
        for name, inner in value.items():
            if isinstance(inner, dict | list):
                lines += [f"{indent}{name}", *_lines(inner, indent + "  ")]
            else:
                lines.append(f"{indent}{name:<{max(28 - len(indent), 1)}} {_shown(inner)}")
        return lines
    if isinstance(value, list):
        return [
            line
            for inner in value
            for line in (_lines(inner, indent) + ([""] if isinstance(inner, dict) else []))
        ]
    return [f"{indent}{_shown(value)}"]


def _shown(value: Any) -> str:
    return (
        f"{value:,.4g}"
        if isinstance(value, float) and abs(value) < 1000
        else f"{value:,.0f}"
        if isinstance(value, float)
        else str(value)
    )
