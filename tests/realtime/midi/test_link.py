"""A Link session is heard as a MIDI clock: even ticks, a start at its bar line, nothing while one is alone.

Does not prove that the library finds anybody in a network: here it is a double.
"""

import sys
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest

from realtime.engine.conducting.beats import ClockEar
from realtime.midi import link
from realtime.midi.link import START, TICK, LinkClock, LinkTicks, Place, open_session
from realtime.midi.ports import PortError
from tests.support.waiting import PATIENCE_S


def due(ticks: LinkTicks, *beats: float) -> list[list[bytes]]:
    return [ticks.due(Place(beat, 120.0)) for beat in beats]


def test_ticks_come_as_beats_pass_and_a_start_before_the_first_of_a_bar() -> None:
    ticks = LinkTicks(beats_in_a_bar=4)
    assert due(ticks, 3.94, 3.95, 3.97, 4.0, 4.02, 4.05) == [[], [], [TICK], [START, TICK], [], [TICK]]
    assert due(ticks, 4.1, 8.0) == [[TICK], []]  # it went on without us
    assert due(ticks, 8.05, 12.0) == [[TICK], []]


def test_whoever_is_alone_hears_nothing_and_begins_anew_with_others() -> None:
    ticks = LinkTicks(beats_in_a_bar=1)
    assert due(ticks, 0.97, 1.01) == [[], [START, TICK]]
    assert ticks.due(None) == []
    assert due(ticks, 1.97, 2.01, 2.05) == [[], [START, TICK], [TICK]]


def test_what_it_says_is_a_clock_with_tempo_and_bar_lines() -> None:
    ear, ticks = ClockEar(), LinkTicks(beats_in_a_bar=4)
    heard = []
    for step in range(4000):  # ten seconds, looked at every 2.5 ms
        at = 50.0 + step * 0.0025
        for message in ticks.due(Place(3.0 + (at - 50.0) * 1.5, 90.0)):
            heard.append(ear.hear(message, at))
    news = [one for one in heard if one is not None]
    assert news[-1].tempo == pytest.approx(90.0, abs=0.5)
    lines = {one.bar_line for one in news if one.bar_line is not None}
    assert sorted(lines)[0] == pytest.approx(50.0 + 1 / 1.5, abs=0.003)
    assert len(lines) == 4


class Session:
    """Somebody else is in it, and its beat goes on whenever it is asked."""

    def __init__(self) -> None:
        self.beat, self.has_left = 3.95, False

    def place(self, beats_in_a_bar: int) -> Place:
        assert beats_in_a_bar == 4
        self.beat += 1 / 48
        return Place(self.beat, 300.0)

    def leave(self) -> None:
        self.has_left = True


def test_its_messages_arrive_until_it_is_left() -> None:
    session, came = Session(), SimpleQueue[bytes]()
    clock = LinkClock(session, 4, came.put)
    assert [came.get(timeout=PATIENCE_S) for _ in range(3)] == [START, TICK, TICK]
    clock.close()
    assert session.has_left


class Library:
    """`link.Link`, with somebody else in the session."""

    def __init__(self, bpm: float) -> None:
        self.tempo, self.enabled, self.peers = bpm, False, 0

    def clock(self) -> Any:
        return SimpleNamespace(micros=lambda: 2_000_000)

    def numPeers(self) -> int:  # noqa: N802  its name there
        return self.peers

    def captureAppSessionState(self) -> Any:  # noqa: N802
        return SimpleNamespace(tempo=lambda: 93.0, beatAtTime=lambda at, quantum: at / 1e6 + quantum)


def test_the_library_is_asked_once_somebody_else_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Library] = []
    monkeypatch.setitem(
        sys.modules, "link", SimpleNamespace(Link=lambda bpm: made.append(Library(bpm)) or made[0])
    )
    session = open_session()
    assert made[0].enabled
    assert session.place(4) is None
    made[0].peers = 1
    assert session.place(4) == Place(6.0, 93.0)
    session.leave()
    assert not made[0].enabled


def test_where_it_is_not_installed_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "link", None)
    with pytest.raises(PortError, match=r"--link needs Ableton Link: pip install 'antiphon\[link\]'"):
        link.open_session()
