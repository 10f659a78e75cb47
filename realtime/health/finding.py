"""What was found about one thing, how bad it is, and how to mend it."""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """How bad it is."""

    FINE = "fine"
    NOTE = "note"  # it plays all the same, but better otherwise
    WRONG = "wrong"  # something that the person asked for won't work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `remedy` says what to do, and is empty where nothing is to be done."""

    about: str
    verdict: Verdict
    found: str
    remedy: str = ""


def fine(about: str, found: str) -> Finding:
    """As it should be."""
    return Finding(about, Verdict.FINE, found)


def noted(about: str, found: str, remedy: str) -> Finding:
    """It plays, but better otherwise."""
    return Finding(about, Verdict.NOTE, found, remedy)


def wrong(about: str, found: str, remedy: str) -> Finding:
    """It has to be mended."""
    return Finding(about, Verdict.WRONG, found, remedy)
