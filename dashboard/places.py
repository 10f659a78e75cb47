"""Where the dashboard looks: for runs, corpora, the models that Antiphon carries, takes, and listening tests.

Knows folders and the words of a command line. Must not know what lies in the folders.
"""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from realtime.rows.take import default_folder

DEFAULT_MODELS = Path(__file__).resolve().parents[1] / "realtime" / "models"


_NAMES = ("runs", "corpora", "models", "takes", "listening")


@dataclass(frozen=True, slots=True)
class Places:
    """Runs with their reports, corpora, the folder of the models that come with Antiphon, takes, and the
    folder in which listening tests lie."""

    runs: Path = Path("runs")
    corpora: Path = Path("corpora")
    models: Path = DEFAULT_MODELS
    takes: Path = field(default_factory=default_folder)
    listening: Path = Path()

    def words(self) -> list[str]:
        """The same as words of a command line."""
        return [f"--{name}={getattr(self, name)}" for name in _NAMES]


def places_from(words: Sequence[str]) -> Places:
    """From the words that `Places.words` makes; what isn't said is as by default."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    for name in _NAMES:
        parser.add_argument(f"--{name}", type=Path, default=getattr(Places(), name))
    given, _ = parser.parse_known_args(words)
    return Places(**{name: getattr(given, name) for name in _NAMES})
