"""The page process.

The engine's pipe, the server and the recorder joined together, from the first row to the last take saved.

Whatever happens to the engine, the terminal or the browsers, what was played is saved before this ends.
"""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from realtime.rows import messages
from realtime.rows.kinds import FOR_THE_TAKE
from realtime.rows.messages import (
    Key,
    Limits,
    ListedTake,
    NewTake,
    PedalDepth,
    RowLine,
    TakeSound,
    Welcome,
    Wish,
    row_of,
)
from realtime.web.browsers.hands import Hands
from realtime.web.browsers.sounding import Sounding
from realtime.web.engine_time import EngineTime
from realtime.web.pipe import LinesIn, LinesOut
from realtime.web.recent import Recent
from realtime.web.takes.recorder import Recorder

if TYPE_CHECKING:
    from realtime.web.browsers.server import PageServer

STDIN, STDOUT = 0, 1
SWITCH_INTERVAL_S = 0.0005  # at the default of 5 ms a row waits that long for the thread that writes a take
NEVER = 1_000_000
GOODBYE_WITHIN_S = 1.5
LAST_LINES_WITHIN_S = 0.3


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageChoices:
    """What the process was started for: a port of 127.0.0.1, 0 for any free one, or None for no page."""

    port: int | None
    port_is_a_wish: bool = False


def run(choices: PageChoices) -> None:
    """Until the engine has ended, or a SIGTERM."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    # Looking for garbage in all the notes of a long take would hold rows up for 20 ms and more; only what is
    # young is looked through.
    gc.set_threshold(700, 10, NEVER)
    asyncio.run(_run(choices))


async def _run(choices: PageChoices) -> None:
    loop = asyncio.get_running_loop()
    process = PageProcess(LinesOut(STDOUT))
    _heed_signals(lambda: loop.call_soon_threadsafe(process.ended.set))
    LinesIn(STDIN, loop, process.take_lines, process.ended.set)
    try:
        await process.begun_or_ended()
        if process.has_begun and choices.port is not None:
            await process.open_page(choices.port, choices.port_is_a_wish)
        await process.ended.wait()
    finally:
        await process.close()


def _heed_signals(stop: Callable[[], object]) -> None:
    """Ctrl-C is the engine's: it will say when all is over."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: stop())


class PageProcess:
    """Hands rows to the recorder and to browsers, and their wishes to the engine. Lives on the event loop."""

    def __init__(self, out: LinesOut) -> None:
        self.limits: Limits = {}
        self.ended = asyncio.Event()
        self._begun = asyncio.Event()
        self._out = out
        self._begin: RowLine | None = None
        self._time: EngineTime | None = None
        self._recorder: Recorder | None = None
        self._server: PageServer | None = None
        self._recent = Recent()
        self._hands = Hands()
        self._sounding = Sounding()

    # From the engine.

    @property
    def has_begun(self) -> bool:
        """Whether the first row has come."""
        return self._begun.is_set()

    async def begun_or_ended(self) -> None:
        """Wait for the first row, or for the end if there is none."""
        waits = [asyncio.create_task(event.wait()) for event in (self._begun, self.ended)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    def take_lines(self, lines: list[bytes]) -> None:
        """Lines of the engine, in order."""
        for line in lines:
            row = row_of(line)
            if row is None or self.ended.is_set():
                continue
            try:
                self._take(row)
            except (KeyError, TypeError, ValueError):  # the next ones may be better
                log.exception("a row that can't be: %s", row.text)

    def _take(self, row: RowLine) -> None:
        if row.kind == "begin":
            self._take_begin(row)
        elif self._recorder is not None:
            self._tell(row.kind, row.text)  # browsers first: they are in a hurry
            self._recent.take(row)
            if row.kind in FOR_THE_TAKE:
                self._recorder.take(row)
            if row.kind == "end":
                self.ended.set()

    def _take_begin(self, row: RowLine) -> None:
        if self._begin is not None:
            return
        self._begin = row
        self.limits = row.fields.get("limits", {})
        self._time = EngineTime(row.at, row.fields["wall"])
        self._recorder = Recorder(row.fields, self._say, self._tell_takes, self._log)
        self._recent.take(row)
        self._begun.set()

    # To browsers.

    async def open_page(self, port: int, is_a_wish: bool) -> None:
        """Serve the page, or say why not."""
        # Only for a page: a recorder alone needs no server.
        from realtime.web.browsers.server import PageServer, PortRefused, listening

        try:
            self._server = PageServer(self, listening(port, any_other=is_a_wish))
        except PortRefused as reason:
            self._out.say(messages.refused(str(reason)))
            return
        await self._server.start()
        self._out.say(messages.ready(self._server.url))

    def welcome(self, browser: int) -> str:
        """The first object that a browser gets."""
        assert self._begin is not None
        now = self._now()
        return Welcome(
            you=browser,
            sound=self._sounding.browser,
            now=now,
            begin=self._begin.text,
            recent=self._recent.rows(now),
            log=self._recent.log(),
            turn=self._recent.newest("turn"),
            quiet=self._recent.newest("quiet"),
            ports=self._recent.newest("ports"),
            controls=self._recent.controls,
            answer_within_s=self._recent.answer_within_s,
            takes=self._takes(),
        ).text()

    def joined(self, browser: int) -> None:
        """A browser came."""
        self._hands.join(browser)

    def wished(self, browser: int, wish: Wish) -> None:
        """A browser wishes."""
        if isinstance(wish, Key):
            self._pass_on(self._hands.key(browser, wish))
        elif isinstance(wish, PedalDepth):
            self._pass_on(self._hands.pedal(browser, wish))
        elif isinstance(wish, TakeSound):
            self._sounds(self._sounding.take(browser))
        elif not isinstance(wish, NewTake):
            self._pass_on([wish])
        elif self._recorder is not None:
            self._recorder.new_take()

    def left(self, browser: int) -> None:
        """A browser went."""
        self._pass_on(self._hands.leave(browser))
        self._sounds(self._sounding.leave(browser))

    async def take(self, name: str) -> bytes | None:
        """A take as a MIDI file."""
        return None if self._recorder is None else await self._recorder.file(name)

    def _sounds(self, has_changed: bool) -> None:
        if has_changed:
            self._tell("sound", messages.sound(self._sounding.browser))

    def _pass_on(self, wishes: list[Wish]) -> None:
        for wish in wishes:
            self._out.wish(wish)

    def _tell(self, kind: str, text: str) -> None:
        if self._server is not None:
            self._server.tell(kind, text)

    def _tell_takes(self) -> None:
        self._tell("takes", messages.takes(self._takes()))

    def _takes(self) -> list[ListedTake]:
        return [] if self._recorder is None else self._recorder.takes()

    def _say(self, text: str) -> None:
        """A line for the engine and for browsers."""
        self._out.say(messages.line(text))
        self._tell_own("line", messages.line_row(self._now(), text))

    def _log(self, text: str) -> None:
        """A line for the log of browsers."""
        self._tell_own(messages.HAPPENED, messages.happened(self._now(), text))

    def _tell_own(self, kind: str, text: str) -> None:
        self._tell(kind, text)
        self._recent.take(RowLine(kind, {"at": self._now()}, text))

    def _now(self) -> float:
        return 0.0 if self._time is None else self._time.now()

    # The end.

    async def close(self) -> None:
        """Save, say where, and see browsers off meanwhile."""
        goodbye = asyncio.create_task(self._say_goodbye())
        path = None if self._recorder is None else await self._recorder.close()
        self._out.say(messages.saved(None if path is None else str(path)))
        await goodbye
        self._out.close(LAST_LINES_WITHIN_S)

    async def _say_goodbye(self) -> None:
        if self._server is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(GOODBYE_WITHIN_S):
                    await self._server.close()
