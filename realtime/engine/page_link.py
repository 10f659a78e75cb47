"""The engine's end of the pipe to the page process: rows go there, wishes come back (`docs/protocol.md`).

The loop only puts what it did into a queue. A thread of ours makes rows of it and writes them; another reads
wishes. Rows of the take are kept and never dropped: a page process that dies is started again and gets them
all; if it dies too often, we write the journal ourselves, and at the end the take. Rows for display are left
out while the reader is slow. Must not know what a page looks like.
"""

import json
import logging
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread
from time import sleep
from typing import IO, Any
from urllib.parse import urlsplit

from music.notes import KeyEvent, NoteOff, NoteOn, Pedal
from realtime.engine.clock import Clock
from realtime.engine.inbox import Incoming, Item
from realtime.journals.writing import Journals
from realtime.midi import wire
from realtime.performer.events import HandOverNow, InputLost, KeyDown, KeyUp, Panic, PedalMoved, TookUp
from realtime.rows.begin import drawn_word
from realtime.rows.kept import KeptRows
from realtime.rows.kinds import FOR_THE_TAKE, PAGE_SOURCE, Row
from realtime.rows.rows import Rows, line_row
from realtime.rows.turned import (
    ControlMoved,
    LearnWished,
    MessagesCame,
    ModelWished,
    PresetWished,
    Pressed,
    Turned,
)

CROWDED = 200  # things that wait to be written: from here on, display waits until it is over
GATHERED_S = 0.01
MOST_STARTS = 4  # of the page process, in one performance
SAVED_WITHIN_S = 20.0  # a long take on a slow disk
ANSWERS_WITHIN_S = 3.0  # at the end, or it hangs

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """The page can be opened on this machine; `code` is the QR code of its address in the network, if any."""

    url: str
    code: tuple[str, ...]


@dataclass
class PageLink:
    """The page process and the pipe to it. `command` starts it; what browsers wish is put into `put`."""

    command: Sequence[str]
    begin: Row
    clock: Clock
    put: Callable[[Item], None]
    say: Callable[[str], None] = log.info
    ready: Callable[["Ready"], None] = lambda _: None  # each time that the page can be opened
    on_look: Callable[[bool], None] = lambda _: None  # whether somebody wants to see what is thought of
    _queue: SimpleQueue[Turned | Row | None] = field(default_factory=SimpleQueue)
    _kept: KeptRows = field(default_factory=KeptRows)
    _process: subprocess.Popen[bytes] | None = None
    _starts: int = 0
    _port: int | None = None  # of the page, once it is known
    _saved: SimpleQueue[str | None] = field(default_factory=SimpleQueue)
    _closing: Flag = field(default_factory=Flag)
    _ending: Flag = field(default_factory=Flag)  # the process knows that it is over
    hangs: bool = False  # as was seen at the end
    _writer: Thread | None = None
    _journals: Journals | None = None  # ours, once there is no page process any more

    def start(self) -> None:
        """Start the process, without waiting for it.

        Where its page is will be said, and the music needs no page.
        """
        self.tell(self.begin)
        self._launch()
        self._writer = Thread(target=self._write, name="page writer", daemon=True)
        self._writer.start()

    def __call__(self, turned: Turned) -> None:
        """Watch the loop."""
        self._queue.put(turned)

    def tell(self, row: Row) -> None:
        """One more row, from any thread."""
        self._queue.put(row)

    def tell_line(self, line: str) -> None:
        """Something worth reading, from any thread."""
        self.tell(line_row(self.clock.now(), line))

    def change_word(self) -> None:
        """Draw another word for the page's address, from any thread: whoever has the old one is sent away."""
        self.say("the page gets another address; pages that were opened by the old one are sent away")
        self.tell({"kind": "word", "at": self.clock.now(), "token": drawn_word()})

    def close(self) -> tuple[Iterable[Row], str | None, bool]:
        """End the process, once it has saved the take.

        Gives all rows of the take, where it was saved (None: nothing was played), and whether the process did
        its work.
        """
        self._closing.set()
        self.tell({"kind": "end", "at": self.clock.now()})
        self._queue.put(None)
        process = self._process
        self.hangs = self._doesnt_read() or not (process is None or self._hears_the_end(process))
        if process is None or process.stdin is None or self.hangs:
            if process is not None:
                process.kill()
                if self._writer is not None:
                    self._writer.join()  # it finds the pipe broken, and keeps what waits
                _end(process)
            return self._kept, None, False
        try:
            saved = self._saved.get(timeout=SAVED_WITHIN_S if process.poll() is None else 0.5)
        except Empty:
            return self._kept, None, False
        finally:
            _end(process)
        return self._kept, saved, True

    def _doesnt_read(self) -> bool:
        """Whether it has stopped taking rows; known once all are written, or none is taken any more."""
        while self._writer is not None and self._writer.is_alive():
            left = self._queue.qsize()
            self._writer.join(ANSWERS_WITHIN_S)
            if self._writer.is_alive() and self._queue.qsize() == left:
                return True
        return False

    def _hears_the_end(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it says so; one that has died hangs nowhere."""
        return self._ending.wait(ANSWERS_WITHIN_S) or process.poll() is not None

    # Starting, and starting again.

    def _launch(self) -> None:
        self._starts += 1
        # Where it was before, so that browsers find it again.
        again = [] if self._port is None else ["--port", str(self._port), "--port-is-a-wish"]
        self._process = subprocess.Popen(
            [*self.command, *again], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        reader = Thread(target=self._read, args=(self._process,), name="page reader", daemon=True)
        reader.start()

    def _launch_again(self) -> None:
        """After the process has died: another gets all that this one knew."""
        dead = self._process
        if dead is not None:
            _end(dead)
        self._process = None
        if self._starts >= MOST_STARTS:
            self._go_on_without()
            return
        self.say("the page process has died and is started again")
        self._launch()
        for row in self._kept:
            self._put_on_pipe(row)
        self._flush()

    def _go_on_without(self) -> None:
        """No page any more; what is played is kept as safe as by the page process."""
        self.say("the page process keeps failing: no page any more; the take will be saved at the end")
        if (take := self.begin.get("take")) is None:
            return
        self._journals = Journals(self.begin)
        for row in self._kept:
            self._note_in_journal(Path(str(take)), row)

    def _note_in_journal(self, take: Path, row: Row) -> None:
        if self._journals is not None and row["kind"] not in ("begin", "end"):
            self._journals.add(take, row)

    # The writing thread.

    def _write(self) -> None:
        rows = Rows()
        waiting: dict[str, Row] = {}  # the newest of each kind, and of lines each that says something else
        while (thing := self._queue.get()) is not None:
            for row in rows.of(thing) if isinstance(thing, Turned) else [thing]:
                if row["kind"] in FOR_THE_TAKE:
                    self._kept.append(row)
                    self._send(row)
                else:
                    waiting[row.get("text", row["kind"])] = row
            if self._queue.qsize() < CROWDED:
                for row in waiting.values():
                    self._send(row)
                waiting.clear()
            if self._queue.empty():
                self._flush()
                if isinstance(thing, Turned) and isinstance(thing.event, MessagesCame):
                    sleep(GATHERED_S)  # a wheel sends thousands a second, and nobody sees them
        if self._process is not None and self._process.stdin is not None:
            _close(self._process.stdin)
        if self._journals is not None:
            self._journals.close()  # the file stays until the take is saved

    def _send(self, row: Row) -> None:
        if self._journals is not None and row["kind"] in FOR_THE_TAKE:
            self._note_in_journal(Path(str(self.begin["take"])), row)
        if self._process is not None and not self._put_on_pipe(row) and not self._closing.is_set():
            self._launch_again()

    def _flush(self) -> None:
        process = self._process
        try:
            if process is not None and process.stdin is not None:
                process.stdin.flush()
        except (OSError, ValueError):
            if not self._closing.is_set():
                self._launch_again()

    def _put_on_pipe(self, row: Row) -> bool:
        process = self._process
        if process is None or process.stdin is None:
            return False
        try:
            process.stdin.write(json.dumps(row, separators=(",", ":")).encode() + b"\n")
        except (OSError, ValueError):  # the pipe is broken, or closed
            return False
        return True

    # The reading thread.

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for said in _objects(process.stdout):
            try:
                self._take(said)
            except (KeyError, TypeError, ValueError):
                log.exception("the page process said what can't be: %s", said)
        with suppress(subprocess.TimeoutExpired):
            process.wait(
                SAVED_WITHIN_S
            )  # its two pipes close one after the other: the writer shall find both closed
        if process is self._process and not self._closing.is_set():
            self.tell({"kind": "alive", "at": self.clock.now()})  # writing it finds the pipe broken

    def _take(self, said: Mapping[str, Any]) -> None:
        kind = said["kind"]
        if kind == "ready":
            self._port = urlsplit(str(said["url"])).port
            self.say(f"page  {said['url']}")
            if (reach := said.get("reach")) is not None:
                self.say(f"reach {reach}")
            self.ready(Ready(str(said["url"]), tuple(said.get("code", ()))))
        elif kind == "refused":
            self.say(f"page  none: {said['reason']}")
        elif kind == "ending":
            self._ending.set()
        elif kind == "saved":
            self._ending.set()
            self._saved.put(None if said["path"] is None else str(said["path"]))
        elif kind == "line":
            self.say(str(said["text"]))
        elif kind == "look":
            self.on_look(said["wanted"] is True)
        else:
            for item in items_of(said, self.clock.now()):
                self.put(item)


_BY_NAME: Mapping[str, Callable[[float, str], Item]] = {
    "model": ModelWished,
    "press": Pressed,
    "learn": LearnWished,
    "keep_preset": PresetWished,
}
_PEDALS: Mapping[str, Callable[[float, int], Item]] = {
    "pedal": lambda now, depth: PedalMoved(now, depth, source=PAGE_SOURCE),
    "left_pedal": lambda now, depth: Incoming(
        now, PAGE_SOURCE, bytes((wire.CONTROL, wire.LEFT_PEDAL, depth))
    ),
}


def items_of(wish: Mapping[str, Any], now: float) -> Iterator[Item]:
    """What a wish of the page is to the loop."""
    kind = wish["kind"]
    if kind == "key":
        pitch, velocity = int(wish["pitch"]), int(wish["velocity"])
        if velocity:
            yield KeyDown(now, pitch, velocity, source=PAGE_SOURCE)
        else:
            yield KeyUp(now, pitch, source=PAGE_SOURCE)
    elif kind in _PEDALS:
        yield _PEDALS[kind](now, int(wish["depth"]))
    elif kind == "control":
        yield ControlMoved(now, str(wish["name"]), wish["value"])
    elif kind in _BY_NAME:
        yield _BY_NAME[kind](now, str(wish["name"]))
    elif kind == "hand_over":
        yield HandOverNow(now)
    elif kind == "panic":
        yield Panic(now)
    elif kind == "gone":
        yield InputLost(now, PAGE_SOURCE)
    elif kind == "take_up":
        answered = [event for event in _played(wish["answered"]) if not isinstance(event, Pedal)]
        yield TookUp(now, tuple(_played(wish["call"])), tuple(answered))


def _played(moments: Iterable[Sequence[Any]]) -> Iterator[KeyEvent]:
    """What was played before a place, as the page process writes it."""
    for at, pitch, strength in moments:
        if pitch is None:
            yield Pedal(float(at), PedalMoved(0.0, int(strength)).down)
        elif strength:
            yield NoteOn(float(at), int(pitch), int(strength))
        else:
            yield NoteOff(float(at), int(pitch))


def _objects(stream: IO[bytes]) -> Iterator[Mapping[str, Any]]:
    for line in stream:
        try:
            said = json.loads(line)
        except ValueError:
            continue  # half a line of a process that died
        if isinstance(said, dict) and "kind" in said:
            yield said


def _close(stream: IO[bytes]) -> None:
    with suppress(OSError):  # what could not be flushed has no reader
        stream.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait for its end, or end it."""
    try:
        process.wait(2.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            _close(stream)
