"""The end of a performance: the last lines that are said, and the take.

It is saved here if the page process hasn't done so.

Knows takes and the link to the page. Must not know ports.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from realtime.choices import Choices
from realtime.engine.loop import Loop
from realtime.engine.page_link import PageLink
from realtime.journals.clearing import clear_away
from realtime.rows.take import TakeRecorder, elsewhere, save_take


def say(line: str) -> None:
    """Print a line, unless the terminal is gone."""
    with suppress(OSError):
        print(line, flush=True)


def close_page(link: PageLink) -> TakeRecorder | str | None:
    """Where the page process has saved the take; or, if it has not done so, all that belongs into it."""
    rows, saved, did_its_work = link.close()
    if did_its_work:
        return saved
    if link.hangs:
        say("the page process hangs: it is ended, and the take is saved without it")
    recorder = TakeRecorder()
    for row in rows:
        recorder.take(row)
    return recorder


def put_away(choices: Choices, loop: Loop, take: TakeRecorder | str | None) -> int:
    """Say what is to be said at the end, and save the take if nobody has yet; returns the exit status."""
    if loop.echoes:
        say(f"{loop.echoes} of our own messages came back and were left out: is an output wired to an input?")
    failed = loop.failure is not None
    if choices.take is not None:
        saved: str | Path | None
        if isinstance(take, TakeRecorder):
            saved = _save(take, choices.take, take.about(choices.about))
            failed |= saved not in (None, choices.take)
        else:
            saved = take
        say(f"take saved: {saved}" if saved else "nothing was played: no take")
    return int(failed)


def _save(take: TakeRecorder, path: Path, about: Sequence[str]) -> Path | None:
    if take.is_empty:
        return None
    saved = path
    try:
        save_take(take, path, about)
    except OSError as error:
        saved = elsewhere(path)
        save_take(take, saved, about)
        say(f"the take can't lie in {path.parent}: {error.strerror or error}")
    clear_away(path)  # the journal of a page process that has died, or ours
    return saved
