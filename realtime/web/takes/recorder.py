"""Rows become takes on disk, while the music goes on.

The event loop only keeps rows and counts notes; one thread of ours, the writer, puts notes together and
writes files, and it alone touches what it has put together. Must not know browsers.
"""

import asyncio
import tempfile
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

from realtime.rows.kinds import Row
from realtime.rows.messages import ListedTake, RowLine
from realtime.web.takes.take import Take

SAVE_EVERY_S = 2.0
SHARE_OF_SAVING = 0.05  # of the time: what takes long to save is saved less often
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
        self._pedals: dict[Hashable, Row] = {}  # that are down: the next take begins with them
        self._said: str | None = None  # why it can't be saved, if it can't
        self._newest_saved: Path | None = None
        self._not_before = 0.0
        self._save_wanted = False  # also while one is being written: what came since is not in it
        self._saving: asyncio.Task[None] | None = None
        self._writer = ThreadPoolExecutor(1, "take writer")

    # On the event loop.

    def take(self, row: RowLine) -> None:
        """One more row of the take; it is kept until the writer has time."""
        take = self._takes[-1]
        if row.kind == "turn":
            if row.fields["phase"] == "waiting" and take.has_changed:
                self._save_soon()
                self._listed()
        elif row.kind in ("note", "pedal"):
            was_empty = take.is_empty
            take.note(row.fields)
            self._note_pedal(row.fields)
            if was_empty and not take.is_empty:
                self._log(f"a take begins: {take.path.name}")
                self._listed()
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
        self._takes.append(Take(self._fresh_path(), rows=list(self._pedals.values())))
        self._let_go_of_finished()
        self._not_before = 0.0
        self._save_soon()
        self._listed()

    async def file(self, name: str) -> bytes | None:
        """A take as a MIDI file, the one being played as it is now; None if there is none of this name."""
        take = next((take for take in self._takes if take.path.name == name and not take.is_empty), None)
        if take is None:
            return None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, take.content, take.rows_out(), self._about)

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
        return self._newest_saved

    def _note_pedal(self, row: Row) -> None:
        if row["kind"] == "pedal":
            of = (row.get("channel"), row.get("source"))
            self._pedals.pop(of, None)
            if row["depth"]:
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
            while (wait_s := self._not_before - monotonic()) > 0:
                await asyncio.sleep(min(wait_s, SAVE_EVERY_S))  # a new take makes it due at once
            self._save_wanted = False
            await self._save()

    async def _save(self) -> None:
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
            self._tell_why_not(f"the take can't be saved: {error}; it is tried again while you play on")
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

    async def _save_elsewhere(self, take: Take) -> None:
        """At the end, a take that can't lie where it should is put where it can."""
        self._said = None
        elsewhere = Path(tempfile.mkdtemp(prefix="antiphon-")) / take.path.name
        if await self._save_take(take, elsewhere):
            self._say(f"the take lies in {elsewhere}, as {take.path.parent} can't be written to")

    def _tell_why_not(self, reason: str) -> None:
        if reason != self._said:
            self._said = reason
            self._say(reason)
