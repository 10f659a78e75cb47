"""Where the rows of a take lie as they come, until all of it is in its file: hidden beside it.

Knows names alone.
"""

from pathlib import Path

JOURNALS = ".*.mid.journal"


def journal_of(take: Path) -> Path:
    """The journal of a take."""
    return take.with_name(f".{take.name}.journal")


def take_of_journal(journal: Path) -> Path:
    """The take that a journal is of."""
    return journal.with_name(journal.name.removeprefix(".").removesuffix(".journal"))
