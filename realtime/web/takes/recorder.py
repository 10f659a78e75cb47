"""Rows become takes on disk while the music goes on: at once in a journal, as MIDI files between phrases.

The event loop only keeps rows and counts notes; one thread of ours, the writer, puts notes together and
writes files, and it alone touches what it has put together. Must not know browsers.
"""

import asyncio
import errno
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from music.settings import SettingError
from realtime.journals.names import JOURNALS
from realtime.journals.writing import Journals
from realtime.rows.kinds import LEFT_PEDAL, Row
from realtime.rows.messages import ListedTake, RowLine, from_place
from realtime.web.takes.take import Take

if TYPE_CHECKING:
    from realtime.web.takes.place import Place

SAVE_EVERY_S = 2.0
SHARE_OF_SAVING = 0.05  # of the time: what takes long to save is saved less often
SENT = frozenset({"note", "pedal", "message", "messages"})
DONE = frozenset({"moved", "turn", "model", "starred"})
MOST_ROWS_KEPT = 512  # until the writer is given them


class Recorder:
    """The takes of a performance.

    `say` gets lines worth reading, `log` what happens to takes as it should; `listed` is called when their
    list has changed.
    """

    def __init__(
        self,
        begin: Row,
        say: Callable[[str], None],
        listed: Callable[[], None] = lambda: None,
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        path = begin.get("take")
        self._keeps = isinstance(path, str)
        self._about: Sequence[str] = [str(line) for line in begin.get("about", ())]
        self._say, self._listed, self._log = say, listed, log
        self._takes = [Take(Path(path) if isinstance(path, str) else Path("take.mid"))]
        # The next take begins with the pedals that are down, with who answers since a change, and with the
        # controls where they stand.
        self._pedals: dict[Hashable, Row] = {}
        self._answers: list[Row] = []
        self._moved: dict[str, Row] = {}
        self._place: Place | None = None  # that was asked for last
        self._goes_on_from: tuple[Place, Row] | None = None  # until somebody does
        self._said: str | None = None  # why it can't be saved, if it can't
        self._newest_saved: Path | None = None
        self._not_before = 0.0
        self._at_once = asyncio.Event()  # a finished take is saved now, whatever saving took before
        self._save_wanted = False  # also while one is being written: what came since is not in it
        self._saves = asyncio.Lock()  # what is written is written once
        self._saving: asyncio.Task[None] | None = None
        self._writer = ThreadPoolExecutor(1, "take writer")
        recover = partial(recover_left_behind, self._takes[0].path, begin, self._soon_say())
        self._journals = Journals(begin, recover) if self._keeps else None

    # On the event loop.

    def take(self, row: RowLine) -> None:
        """One more row of the take; it is kept until the writer has time."""
        self._lay_before(row)
        take = self._takes[-1]
        if row.kind in SENT:
            was_empty = take.is_empty
            take.note(row.fields)
            self._note_pedal(row.fields)
            if was_empty and not take.is_empty:
                self._log(f"a take begins: {take.path.name}")
                self._listed()
        elif row.kind in DONE:
            take.keep(row.fields)
            self._note_done(row)
        else:
            return
        self._note_in_journal(take, row.fields)
        if len(take.rows) >= MOST_ROWS_KEPT:
            self._writer.submit(take.feed, take.rows_out())

    def takes(self) -> list[ListedTake]:
        """The takes with something in them, newest first."""
        newest = self._takes[-1]
        return [take.listed(now=take is newest) for take in reversed(self._takes) if not take.is_empty]

    def new_take(self) -> None:
        """The take so far is saved, and another begins; if nothing has been played, this one goes on."""
        finished = self._takes[-1]
        if finished.is_empty:
            return
        self._log(
            f"a take is finished: {finished.path.name} "
            f"(notes: {finished.player} yours, {finished.model} in answer)"
        )
        begun_with = [*self._answers, *self._moved.values(), *self._pedals.values()]
        self._takes.append(Take(self._fresh_path(), rows=begun_with))
        for row in begun_with:
            self._note_in_journal(self._takes[-1], row)
        self._let_go_of_finished()
        self._at_once.set()
        self._save_soon()
        self._listed()

    # Going on from a place in a take: the next take begins with what was played before it.

    async def place(self, name: str, at: float) -> "Place | None":
        """A place in a take, from which is to be gone on; None if there is none of this name."""
        take = self._named(name)
        if take is None:
            return None
        loop = asyncio.get_running_loop()
        self._place = await loop.run_in_executor(self._writer, take.place, take.rows_out(), self._about, at)
        return self._place

    def stand_at_place(self, row: RowLine) -> RowLine:
        """The engine stands at the place: another take begins. The row, with which place it is."""
        if self._place is None:
            return row
        row = from_place(row, self._place.take, self._place.at)
        self._log(f"the music goes on from {self._place.take}, at {self._place.at:.1f} s")
        self.new_take()
        self._goes_on_from = self._place, row.fields
        return row

    def _lay_before(self, row: RowLine) -> None:
        """With the first row of what is played on, what was before the place is laid before it."""
        named = row.fields.get
        begins = (row.kind == "note" and named("velocity")) or named("phase") in ("calling", "asking")
        if self._goes_on_from is None or not begins:
            return
        (place, stood), self._goes_on_from = self._goes_on_from, None
        take = self._takes[-1]
        was_empty = take.is_empty
        now_down = [{**pedal, "at": row.at} for pedal in self._pedals.values()]
        for before in (*place.laid_at(row.at), {**stood, "at": row.at}, *now_down):
            (take.note if before["kind"] in SENT else take.keep)(before)
            self._note_in_journal(take, before)
        if was_empty and not take.is_empty:
            self._listed()

    async def file(self, name: str) -> bytes | None:
        """A take as a MIDI file, the one being played as it is now; None if there is none of this name."""
        take = self._named(name)
        if take is None:
            return None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, take.content, take.rows_out(), self._about)

    async def heard(self, name: str) -> bytes | None:
        """The same as the page plays it back (`realtime.web.takes.heard`)."""
        take = self._named(name)
        if take is None:
            return None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, take.heard, take.rows_out(), self._about)

    async def rename(self, name: str, to: str) -> None:
        """Give a finished take another name, or say why not."""
        take = self._named(name)
        if take is None or not self._keeps:
            return
        if take is self._takes[-1]:
            self._say(f"{name} is still being played: begin a new take, and then give it a name")
            return
        if not take.is_on_disk:
            await self._save()
        if not take.is_on_disk:
            self._say(f"{name} keeps its name: it can't be saved yet")
            return
        try:
            renamed = await asyncio.get_running_loop().run_in_executor(self._writer, take.rename, to)
        except (SettingError, OSError) as reason:
            self._say(f"{name} keeps its name: {reason}")
            return
        self._newest_saved = renamed if self._newest_saved == take.path else self._newest_saved
        take.path = renamed
        self._log(f"{name} is called {renamed.name} now")
        self._listed()

    def _named(self, name: str) -> Take | None:
        return next((take for take in self._takes if take.path.name == name and not take.is_empty), None)

    async def close(self) -> Path | None:
        """Save what isn't saved yet; where the newest take lies that was saved."""
        if self._saving is not None:
            self._saving.cancel()
            await asyncio.wait([self._saving])
        await self._save()
        unsaved = [take for take in self._takes if take.has_changed] if self._keeps else []
        for take in unsaved:
            await self._save_elsewhere(take)
        self._writer.shutdown()
        self._close_journals()
        return self._newest_saved

    def _soon_say(self) -> Callable[[str], None]:
        """For another thread: says a line on the event loop, while there is one."""
        loop = asyncio.get_running_loop()

        def say(line: str) -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._say, line)

        return say

    def _close_journals(self) -> None:
        if self._journals is not None:
            for take in self._takes:
                if not take.has_changed:
                    self._journals.drop(take.path)
            self._journals.close()

    def _note_done(self, row: RowLine) -> None:
        if row.kind == "moved":
            self._moved[row.fields["name"]] = row.fields
        elif row.kind == "model":
            self._answers = [row.fields]
        elif row.kind == "starred":
            self._say_star()
        elif row.fields["phase"] == "waiting" and self._takes[-1].has_changed:
            self._save_soon()
            self._listed()

    def _say_star(self) -> None:
        has_star = self._takes[-1].newest_has_star
        if has_star is None:
            self._say("no star: there is no answer yet")
            return
        self._say("the answer has a star" if has_star else "the answer has its star no more")
        self._listed()

    def _note_in_journal(self, take: Take, row: Row) -> None:
        if self._journals is not None:
            self._journals.add(take.path, row)

    def _note_pedal(self, row: Row) -> None:
        """Both pedals: the left one comes as a message."""
        is_left = LEFT_PEDAL.fullmatch(str(row.get("bytes"))) is not None
        if row["kind"] != "pedal" and not is_left:
            return
        of = (row["bytes"][:4] if is_left else row.get("channel"), row.get("source"))
        self._pedals.pop(of, None)
        if int(row["bytes"][4:], 16) if is_left else row["depth"]:
            self._pedals[of] = row

    def _fresh_path(self) -> Path:
        from realtime.rows.take import fresh_path

        fresh = fresh_path(self._takes[-1].path.parent)
        taken = {take.path for take in self._takes}  # perhaps not on disk yet
        more = (fresh.with_stem(f"{fresh.stem} ({count})") for count in range(2, len(taken) + 3))
        return next(path for path in (fresh, *more) if path not in taken and not path.exists())

    def _save_soon(self) -> None:
        if not self._keeps:
            return
        self._save_wanted = True
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save_while_wanted())

    async def _save_while_wanted(self) -> None:
        while self._save_wanted:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._at_once.wait(), max(self._not_before - monotonic(), 0.0))
            self._save_wanted = False
            self._at_once.clear()
            await self._save()

    async def _save(self) -> None:
        async with self._saves:
            for take in [take for take in self._takes if take.has_changed and self._keeps]:
                await self._save_take(take, take.path)

    async def _save_take(self, take: Take, path: Path) -> bool:
        """Save one; while that is done it may change again."""
        take.has_changed = take.is_on_disk = False
        began = monotonic()
        try:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._writer, take.write, take.rows_out(), path, self._about)
        except (
            OSError,
            ValueError,
        ) as error:  # a full disk, a folder that is gone; a moment no file can hold
            take.has_changed = True
            self._tell_why_not(
                f"the take can't be saved: {_words_of(error)}; {_remedy(error)} while you play on"
            )
            return False
        except asyncio.CancelledError:  # the writer goes on, but whether it succeeds nobody will know
            take.has_changed = True
            raise
        finally:
            took_s = monotonic() - began
            self._not_before = monotonic() + max(SAVE_EVERY_S, took_s / SHARE_OF_SAVING)
        self._note_saved(take, path)
        return True

    def _note_saved(self, take: Take, path: Path) -> None:
        self._newest_saved = path
        if self._said is not None:
            self._said = None
            self._say(f"the take is saved: {path}")
        take.is_on_disk = not take.has_changed
        self._let_go_of_finished()

    def _let_go_of_finished(self) -> None:
        for take in self._takes[:-1]:
            if take.is_on_disk:
                self._writer.submit(take.let_go)
                if self._journals is not None:
                    self._journals.drop(take.path)

    async def _save_elsewhere(self, take: Take) -> None:
        """At the end, a take that can't lie where it should is put where it can."""
        self._said = None
        from realtime.rows.take import elsewhere

        path = elsewhere(take.path)
        if await self._save_take(take, path):
            self._say(f"the take lies in {path}, as {take.path.parent} can't be written to")

    def _tell_why_not(self, reason: str) -> None:
        if reason != self._said:
            self._said = reason
            self._say(reason)


def recover_left_behind(path: Path, begin: Row, say: Callable[[str], None]) -> None:
    """Make takes of what performances in this folder have left that were broken off."""
    if not any(path.parent.glob(JOURNALS)):
        return
    from realtime.web.takes.recovery import recovered  # loads what reads and writes music

    for one in recovered(path, begin):
        say(f"a take that was broken off is saved: {one}")


def _words_of(error: Exception) -> str:
    """What went wrong, without the system's number for it."""
    return str(error).removeprefix(f"[Errno {error.errno}] " if isinstance(error, OSError) else "")


def _remedy(error: Exception) -> str:
    """What to do where a take can't be saved, and that it is tried again."""
    is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return "make room on that disk: it is tried again" if is_full else "it is tried again"
