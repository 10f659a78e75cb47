"""Where the dashboard looks: for runs, for corpora, and for the model that Antiphon carries.

Knows folders and the words of a command line. Must not know what lies in the folders.
"""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DEFAULT_MODELS = Path(__file__).resolve().parents[1] / "realtime" / "models"


@dataclass(frozen=True, slots=True)
class Places:
    """Runs with their reports, corpora, and the folder of the models that come with Antiphon."""

    runs: Path = Path("runs")
    corpora: Path = Path("corpora")
    models: Path = DEFAULT_MODELS

    def words(self) -> list[str]:
        """The same as words of a command line."""
        return [f"--runs={self.runs}", f"--corpora={self.corpora}", f"--models={self.models}"]


def places_from(words: Sequence[str]) -> Places:
    """From the words that `Places.words` makes; what isn't said is as by default."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    for name in ("--runs", "--corpora", "--models"):
        parser.add_argument(name, type=Path, default=getattr(Places(), name[2:]))
    given, _ = parser.parse_known_args(words)
    return Places(given.runs, given.corpora, given.models)
