"""`antiphon listening-test`: `make` a test, `serve` it to listeners, `analyse` what they rated, `export` it.

Each step has a module of its own, with its options and what it does.
"""

import argparse
from pathlib import Path

from commands.listening import analysing, exporting, making, serving
from commands.parts.refusal import refusing

EXAMPLES = """\
  antiphon listening-test make test --corpus corpora/rolls.safetensors --sources human rule mine.onnx
  antiphon listening-test make test --corpus FILE --sources human mine nade=generated --heard both
  antiphon listening-test make test --corpus FILE --sources human stranger mine.onnx --scale novice
  antiphon listening-test serve test
  antiphon listening-test serve test --host 0.0.0.0
  antiphon listening-test serve test --synthetic
  antiphon listening-test analyse test
  antiphon listening-test export test webmushra"""

_STEPS = {
    "make": ("choose music, let every source answer, and write a test", making),
    "serve": ("let people listen and rate, until Ctrl-C", serving),
    "analyse": ("say what the ratings say", analysing),
    "export": ("write the test for a webMUSHRA server", exporting),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    for name, (summary, module) in _STEPS.items():
        step = steps.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        step.add_argument("folder", type=Path, metavar="FOLDER", help="the folder of the test")
        module.add_arguments(step)


def parse(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """Each step has options of its own, which stand behind its name."""
    return parser.parse_args(words)


@refusing
def run(args: argparse.Namespace) -> int:
    """Carry out a step."""
    _, module = _STEPS[args.step]
    return int(module.run(args))
