"""The page process.

The engine's pipe, the server and the recorder joined together, from the first row to the last take saved.

Whatever happens to the engine, the terminal or the browsers, what was played is saved before this ends.
"""

import asyncio
import gc
import logging
import secrets
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from realtime.rows import messages
from realtime.rows.kinds import FOR_THE_TAKE, PAGE_SOURCE, is_for_browsers
from realtime.rows.messages import (
    Key,
    LeftPedal,
    Limits,
    ListedTake,
    Look,
    NewTake,
    PedalDepth,
    PlayOn,
    RenameTake,
    RowLine,
    TakeSound,
    Welcome,
    Wish,
    row_of,
)
from realtime.web.browsers.hands import Hands
from realtime.web.browsers.sounding import Sounding
from realtime.web.engine_time import EngineTime
from realtime.web.left_sounding import LeftSounding
from realtime.web.pipe import LinesIn, LinesOut
from realtime.web.recent import Recent
from realtime.web.recorded.kept import KeptPiano, WrongRecordingError, piano_folder
from realtime.web.takes.recorder import Recorder

if TYPE_CHECKING:
    from realtime.web.browsers.server import PageServer

STDIN, STDOUT = 0, 1
SWITCH_INTERVAL_S = 0.0005  # at the default of 5 ms a row waits that long for the thread that writes a take
NEVER = 1_000_000
GOODBYE_WITHIN_S = 1.5
LAST_LINES_WITHIN_S = 0.3
RELEASED_WITHIN_S = 10.0


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Network:
    """An address of this machine in a network, the name that goes with it, and the files that encrypt."""

    ip: str
    name: str
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class PageChoices:
    """What the process was started for: a port, 0 for any free one, or None for no page.

    It is one of 127.0.0.1, and of the network's address where one is named.
    """

    port: int | None
    port_is_a_wish: bool = False
    network: Network | None = None


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
    LinesIn(STDIN, loop, process.take_lines, process.lose_engine)
    try:
        await process.begun_or_ended()
        if process.has_begun and choices.port is not None:
            await process.open_page(choices.port, choices.port_is_a_wish, choices.network)
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
        self._looking: set[int] = set()  # browsers
        self._left_sounding = LeftSounding()
        self._has_lost_engine = False
        self._piano = KeptPiano(piano_folder())
        self._said_wrong = False
        self._at_work: set[asyncio.Task[None]] = set()

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

    def lose_engine(self) -> None:
        """The pipe has closed: if nobody said that all was over, the engine was killed."""
        self._has_lost_engine = not self.ended.is_set()
        self.ended.set()

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
        elif row.kind == "word":
            self._change_word(str(row.fields["token"]))
        elif self._recorder is not None:
            row = self._recorder.stand_at_place(row) if row.kind == "taken_up" else row
            shown = self._with_hand(row)
            if is_for_browsers(row.kind, row.fields):
                self._tell(row.kind, shown.text)  # browsers first: they are in a hurry
            self._recent.take(shown)
            if row.kind in FOR_THE_TAKE:
                self._recorder.take(row)
                self._left_sounding.take(row.fields)
            if row.kind == "end":
                self.ended.set()

    def _change_word(self, word: str) -> None:
        """The page's address is another from here on."""
        assert self._begin is not None
        self._begin = messages.by_word(self._begin, word)
        if self._server is not None:
            self._server.change_word(word)
            self._out.say(_ready(self._server.urls))

    def _with_hand(self, row: RowLine) -> RowLine:
        """A row as browsers get it: of a key that one of them struck, with which of them it was."""
        named = row.fields.get
        if row.kind != "note" or named("source") != PAGE_SOURCE or not named("velocity"):
            return row
        hand = self._hands.striker(row.fields["pitch"])
        return row if hand is None else messages.by_hand(row, hand)

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

    async def open_page(self, port: int, is_a_wish: bool, network: Network | None = None) -> None:
        """Serve the page, or say why not."""
        # Only for a page: a recorder alone needs no server.
        from realtime.web.browsers.places import AT_HOME, PortRefused, listening, on_network
        from realtime.web.browsers.server import PageServer

        try:
            beyond = [] if network is None else [on_network(*astuple(network))]
            places = listening([AT_HOME, *beyond], port, any_other=is_a_wish)
        except (PortRefused, OSError) as reason:  # the certificate may be another by now
            self._out.say(messages.refused(str(reason)))
            return
        self._server = PageServer(self, places, self._token())
        if port not in (0, self._server.port):
            self._say(
                f"port {port} is in use, perhaps by another Antiphon: the page is on port {self._server.port}"
            )
        await self._server.start()
        self._out.say(_ready(self._server.urls))

    def _token(self) -> str:
        """The word in the page's address: the engine's, so that a page finds it again after we have died."""
        assert self._begin is not None
        return str(self._begin.fields.get("token") or secrets.token_hex(16))

    def tried(self, *, is_of_another_start: bool) -> None:
        """Somebody tried an address with a wrong word in it: a tab left open since, or one who guesses."""
        what = "the address of another start" if is_of_another_start else "a wrong address"
        self._say(f"somebody asked for the page with {what}, and was refused (this is said once)")

    def welcome(self, browser: int) -> str:
        """The first object that a browser gets."""
        assert self._begin is not None
        now = self._now()
        return Welcome(
            you=browser,
            hand=self._hands.number(browser),
            sound=self._sounding.browser,
            now=now,
            begin=self._begin.text,
            recent=self._recent.rows(now),
            log=self._recent.log(),
            turn=self._recent.newest("turn"),
            quiet=self._recent.newest("quiet"),
            ports=self._recent.newest("ports"),
            model=self._recent.newest("model"),
            controls=self._recent.controls,
            answer_within_s=self._recent.answer_within_s,
            takes=self._takes(),
            presets=self._recent.newest("presets"),
        ).text()

    def joined(self, browser: int) -> None:
        """A browser came."""
        self._hands.join(browser)

    def wished(self, browser: int, wish: Wish) -> None:
        """A browser wishes."""
        if isinstance(wish, Key):
            self._pass_on(self._hands.key(browser, wish))
        elif isinstance(wish, PedalDepth | LeftPedal):
            self._pass_on(self._hands.pedal(browser, wish))
        elif isinstance(wish, TakeSound):
            self._sounds(self._sounding.take(browser))
        elif isinstance(wish, Look):
            self._look(browser, wanted=wish.wanted)
        elif not isinstance(wish, NewTake | RenameTake | PlayOn):
            self._pass_on([wish])
        elif self._recorder is None:
            return
        elif isinstance(wish, NewTake):
            self._recorder.new_take()
        elif isinstance(wish, PlayOn):
            self._soon(self._play_on(self._recorder, wish))
        else:
            self._soon(self._recorder.rename(wish.take, wish.name))

    async def _play_on(self, recorder: Recorder, wish: PlayOn) -> None:
        """The engine gets what was played before the place."""
        try:
            place = await recorder.place(wish.take, wish.place)
        except (OSError, ValueError) as reason:  # its file is gone, or no take any more
            self._say(f"no going on from {wish.take[:100]}: {reason}")
            return
        if place is not None:
            self._pass_on([place.before()])

    def left(self, browser: int) -> None:
        """A browser went."""
        let_go = self._hands.leave(browser)
        self._pass_on(let_go)
        if let_go:
            self._say("a page went away with keys held; they are let go")
        self._sounds(self._sounding.leave(browser))
        self._look(browser, wanted=False)

    def _look(self, browser: int, *, wanted: bool) -> None:
        """What is thought of is shown while one browser at least wants to see it, and again to a new one."""
        looked = bool(self._looking)
        self._looking = self._looking | {browser} if wanted else self._looking - {browser}
        if wanted or looked != bool(self._looking):
            self._pass_on([Look(bool(self._looking))])

    async def take(self, name: str) -> bytes | None:
        """A take as a MIDI file."""
        return None if self._recorder is None else await self._recorder.file(name)

    async def heard(self, name: str) -> bytes | None:
        """A take as the page plays it back."""
        return None if self._recorder is None else await self._recorder.heard(name)

    async def piano(self, name: str) -> bytes | None:
        """A file of the recorded piano; where one is wrong it is said once, and the page goes without."""
        try:
            return await asyncio.to_thread(self._piano.file, name)
        except WrongRecordingError as wrong:
            if not self._said_wrong:
                self._say(str(wrong))
            self._said_wrong = True
            return None

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Done when the loop comes to it; referred to until then, as nobody else does."""
        task = asyncio.create_task(work)
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

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
        self._out.say(messages.ending())
        goodbye = asyncio.create_task(self._say_goodbye())
        release = asyncio.create_task(self._release_what_sounds())
        path = None if self._recorder is None else await self._recorder.close()
        self._out.say(messages.saved(None if path is None else str(path)))
        await goodbye
        await release
        self._out.close(LAST_LINES_WITHIN_S)

    async def _release_what_sounds(self) -> None:
        """After an engine that was killed: by a process of its own, as a driver may hang."""
        messages = self._left_sounding.messages()
        system = None if self._begin is None else self._begin.fields.get("midi")
        if not self._has_lost_engine or not messages or not isinstance(system, str):
            return
        words = ("-P", "-m", "realtime.midi.last_words", system)
        process = await asyncio.create_subprocess_exec(sys.executable, *words, stdin=PIPE, stdout=DEVNULL)
        try:
            async with asyncio.timeout(RELEASED_WITHIN_S):
                await process.communicate("".join(f"{message.hex()}\n" for message in messages).encode())
        except TimeoutError:
            process.kill()

    async def _say_goodbye(self) -> None:
        if self._server is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(GOODBYE_WITHIN_S):
                    await self._server.close()


def _ready(urls: list[str]) -> str:
    """The page can be opened: at home, and where there is one from the network, with a code for a camera."""
    home, *beyond = urls
    if not beyond:
        return messages.ready(home)
    from realtime.web.browsers.code import code_of

    return messages.ready(home, beyond[0], code_of(beyond[0]))
