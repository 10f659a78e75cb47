"""Lines to the engine: in order, never blocking, and never a key left down because the engine didn't read."""

import asyncio
import json
import os
from collections.abc import Iterator
from threading import Event

import pytest

from realtime.rows import messages
from realtime.rows.messages import Control, HandOver, Key, Panic, PedalDepth
from realtime.web.pipe import MOST_WISHES, LinesIn, LinesOut
from tests.support.waiting import PATIENCE_S


class Pipe:
    """A pipe whose ends are closed once each."""

    def __init__(self) -> None:
        self.read, self.write = os.pipe()
        self._open = {self.read, self.write}

    def close(self, *ends: int) -> None:
        for end in ends:
            if end in self._open:
                self._open.remove(end)
                os.close(end)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close(pipe.read, pipe.write)


def all_lines(descriptor: int) -> list[dict[str, object]]:
    with os.fdopen(os.dup(descriptor), "rb") as stream:
        return [json.loads(line) for line in stream]


def full(write_end: int) -> None:
    """Fill a pipe until no byte more goes in."""
    os.set_blocking(write_end, False)
    filling = (b'{"kind":"filling"}' + b" " * 4077 + b"\n")[:4096]
    try:
        while True:
            os.write(write_end, filling)
    except BlockingIOError:
        os.set_blocking(write_end, True)


def drained(pipe: Pipe, out: LinesOut) -> list[dict[str, object]]:
    """What comes when the engine reads again."""
    lines: list[dict[str, object]] = []
    with os.fdopen(os.dup(pipe.read), "rb") as stream:
        out.say('{"kind":"last"}')
        for line in stream:
            read = json.loads(line)
            if read["kind"] == "last":
                break
            if read["kind"] != "filling":
                lines.append(read)
    out.close(PATIENCE_S)
    return lines


def test_lines_come_in_order(pipe: Pipe) -> None:
    out = LinesOut(pipe.write)
    for pitch in range(100):
        out.wish(Key(pitch, 1))
    out.close(PATIENCE_S)
    pipe.close(pipe.write)
    assert [line["pitch"] for line in all_lines(pipe.read)] == list(range(100))


def test_while_the_engine_does_not_read_keys_down_are_left_out_and_keys_up_and_the_pedal_are_not(
    pipe: Pipe,
) -> None:
    full(pipe.write)
    out = LinesOut(pipe.write)
    for pitch in range(100):
        out.wish(Key(pitch, 80))
    for place in range(20_000):
        out.wish(Key(place % 100, 80))
        out.wish(Key(place % 100, 0))
        out.wish(PedalDepth(127 if place % 2 else 0))
        out.wish(HandOver())
        out.wish(Panic())
    out.wish(PedalDepth(5))
    assert len(out._backlog) <= MOST_WISHES + 128 + 4
    lines = drained(pipe, out)
    down: set[object] = set()
    for line in lines:
        if line["kind"] == "key":
            (down.add if line["velocity"] else down.discard)(line["pitch"])
    assert down == set()
    assert [line["depth"] for line in lines if line["kind"] == "pedal"][-1] == 5


def test_of_a_control_that_is_dragged_only_the_newest_value_waits(pipe: Pipe) -> None:
    full(pipe.write)
    out = LinesOut(pipe.write)
    for place in range(1000):
        out.wish(Control("temperature", place / 1000))
        out.wish(Control("length", 1.0))
    lines = drained(pipe, out)
    values = [line["value"] for line in lines if line["name"] == "temperature"]
    assert values[-1] == 0.999
    assert len(values) <= 20  # those that the writer had taken before the pipe was found full


def test_a_reader_that_is_gone_is_no_fault(pipe: Pipe) -> None:
    out = LinesOut(pipe.write)
    pipe.close(pipe.read)
    for _ in range(1000):
        out.say(messages.line("nobody hears this"))
    out.close(PATIENCE_S)
    out.say(messages.line("nor this"))
    assert len(out._backlog) == 0


def test_lines_are_read_whole_however_they_come_and_then_the_end(pipe: Pipe) -> None:
    async def read() -> list[bytes]:
        came: list[bytes] = []
        over = asyncio.Event()
        LinesIn(pipe.read, asyncio.get_running_loop(), came.extend, over.set)
        for piece in (b"on", b"e\ntw", b"o\n\nthree", b"\nhalf a line"):
            os.write(pipe.write, piece)
        pipe.close(pipe.write)
        async with asyncio.timeout(PATIENCE_S):
            await over.wait()
        return came

    assert asyncio.run(read()) == [b"one", b"two", b"", b"three"]


def test_a_reader_that_is_behind_does_not_read_without_end(pipe: Pipe) -> None:
    written = Event()

    async def read() -> int:
        came: list[bytes] = []
        over = asyncio.Event()
        LinesIn(pipe.read, asyncio.get_running_loop(), came.extend, over.set)
        writer = asyncio.get_running_loop().run_in_executor(None, write)
        assert not written.wait(0.2)  # the event loop stands still: the pipe must fill up
        async with asyncio.timeout(PATIENCE_S):
            await over.wait()
            await writer
        return len(came)

    def write() -> None:
        for _ in range(1000):
            os.write(pipe.write, b"x" * 4095 + b"\n")
        pipe.close(pipe.write)
        written.set()

    assert asyncio.run(read()) == 1000
