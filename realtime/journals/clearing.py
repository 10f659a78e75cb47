"""A journal that is needed no more: its take's file has it all.

Must not know where that file lies.
"""

import os
from contextlib import suppress
from pathlib import Path

from realtime.journals.names import journal_of


def clear_away(take: Path) -> None:
    """Delete the journal of a take, or empty it where its folder keeps it.

    One that were left with something in it would be saved again, at the next start, as a take that was broken
    off.
    """
    journal = journal_of(take)
    try:
        journal.unlink(missing_ok=True)
    except OSError:  # the folder may be read only by now; a file in it may be written to all the same
        with suppress(OSError):
            os.truncate(journal, 0)
