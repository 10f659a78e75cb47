"""The clock that goes out of a loop: by whose beat, from when on, and until when. Time is set by hand.

Does not prove how even it is on a real link.
"""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from realtime.engine.conducting.beats import GO_ON, SONG_POSITION, START, STOP, TICK
from realtime.engine.conducting.conductor import Conductor
from realtime.engine.conducting.finding import BeatFinder, clear_beat_of
from realtime.engine.conducting.looking import BeatFound, Onsets
from realtime.engine.controls import Controls
from realtime.engine.desks.answering import PromptDesk
from realtime.engine.inbox import Incoming
from realtime.engine.loop import Loop
from realtime.engine.outputs import Outputs
from realtime.knobs import Mode
from realtime.performer.events import KeyDown, Panic, Stopped
from realtime.performer.phases import Phase
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.rows.turned import Turned
from tests.support.clock import ManualClock, ManualInbox
from tests.support.ports import RecordingOutput, ScriptedAnswerer
from tests.support.waiting import wait_until

CLOCKS = {SONG_POSITION, TICK, START, GO_ON, STOP}


@dataclass
class Stage:
    """A loop that sends a clock, and what it sent of it."""

    rules: Rules = DEFAULT_RULES
    passes_system: bool = True

    def __post_init__(self) -> None:
        self.clock = ManualClock()
        self.inbox = ManualInbox(self.clock)
        self.output = RecordingOutput(self.clock)
        self.controls = Controls(self.rules)
        desk = PromptDesk(ScriptedAnswerer(), self.clock, self.inbox.put)
        outputs = Outputs([self.output], passes_system=self.passes_system)
        self.loop = Loop(
            self.clock, self.inbox, outputs, desk, self.controls, conductor=Conductor(self._find)
        )

    def _find(self, onsets: Onsets) -> None:
        self.inbox.put(BeatFound(self.clock.now(), clear_beat_of(onsets)))

    def run_until(self, at: float) -> None:
        while self.inbox.items or (self.loop.alarm is not None and self.loop.alarm <= at):
            self.loop.take(self.inbox.next(self.loop.alarm))
        self.clock.set(at)

    def receive(self, at: float, message: bytes, source: int = 1) -> None:
        self.run_until(at)
        self.loop.take(Incoming(at, source, message))

    def play(self, at: float, keys: int, every_s: float) -> None:
        """Some even keys."""
        for place in range(keys):
            onset = at + place * every_s
            self.receive(onset, bytes((0x90, 60 + place % 7, 80)))
            self.receive(onset + 0.7 * every_s, bytes((0x80, 60 + place % 7, 64)))

    @property
    def said(self) -> list[tuple[float, int]]:
        """All of a clock that was sent, but the ticks."""
        return [(at, message[0]) for at, message in self.output.sent if message[0] in CLOCKS - {TICK}]

    @property
    def ticks(self) -> list[float]:
        return [at for at, message in self.output.sent if message[0] == TICK]


def test_the_clock_starts_on_a_beat_of_the_playing_and_stops_when_nobody_plays_any_more() -> None:
    stage = Stage()
    stage.play(10.0, 13, 0.5)
    stage.run_until(60.0)
    (started_at, start), (stopped_at, stop) = stage.said
    assert (start, stop) == (START, STOP)
    assert 11.0 < started_at < 13.0
    assert min((stage.ticks[0] - 10.0) % 0.5, -(stage.ticks[0] - 10.0) % 0.5) < 0.02
    assert 60 / stage.controls.rules.tempo == pytest.approx(0.5, abs=0.01)
    gaps = [later - before for before, later in pairwise(stage.ticks)]
    assert max(gaps) - min(gaps) < 0.001
    assert stage.loop.state.phase is Phase.WAITING
    assert stopped_at > stage.output.sent[-2][0] - 0.1  # nothing comes after it


def test_without_the_switch_nothing_of_a_clock_goes_out() -> None:
    stage = Stage()
    stage.loop = Loop(
        *(stage.clock, stage.inbox, Outputs([stage.output])),
        *(PromptDesk(ScriptedAnswerer(), stage.clock, stage.inbox.put), stage.controls),
    )
    stage.play(10.0, 13, 0.5)
    stage.run_until(60.0)
    assert not stage.said
    assert not stage.ticks


def test_playing_faster_takes_the_clock_along_without_another_start() -> None:
    stage = Stage()
    stage.play(10.0, 12, 0.5)
    stage.play(16.0, 40, 0.4)
    assert stage.said == [(stage.said[0][0], START)]
    last = stage.ticks[-49:]
    assert (last[-1] - last[0]) / 2 == pytest.approx(0.4, abs=0.01)


def test_bars_that_are_traded_have_their_own_beat_from_the_first_note_on() -> None:
    stage = Stage(Rules(mode=Mode.BARS, tempo=120.0, bars=1))
    stage.play(10.0, 3, 0.31)  # whatever is played
    stage.run_until(13.0)
    assert stage.said == [(10.0, START)]
    assert stage.ticks[::24] == pytest.approx([10.0, 10.5, 11.0, 11.5, 12.0, 12.5, 13.0])


def test_a_panic_stops_it_and_so_does_the_end() -> None:
    for event in (Panic(11.0), Stopped(11.0)):
        stage = Stage(Rules(mode=Mode.BARS))
        stage.play(10.0, 2, 0.3)
        stage.run_until(11.0)
        stage.loop.take(event)
        stage.run_until(14.0)
        assert [what for _, what in stage.said] == [START, STOP]
        assert stage.ticks[-1] <= 11.0


def test_a_fault_of_the_loop_s_stops_it_too() -> None:
    stage = Stage(Rules(mode=Mode.BARS))
    stage.play(10.0, 2, 0.3)
    faults = [ZeroDivisionError()]

    def fail_once(_: Turned) -> None:
        if faults:
            raise faults.pop()

    stage.loop.watch(fail_once)
    for item in (KeyDown(11.0, 60, 80), Stopped(12.0)):
        stage.inbox.put(item)
    stage.loop.run()
    assert isinstance(stage.loop.failure, ZeroDivisionError)
    assert [(at, what) for at, what in stage.said if what == STOP] == [(11.0, STOP)]


@pytest.mark.parametrize("passes_system", [True, False])
def test_a_clock_that_comes_in_goes_out_as_it_came_and_no_other(passes_system: bool) -> None:
    stage = Stage(passes_system=passes_system)
    stage.receive(9.0, bytes((START,)), source=2)
    for tick in range(24 * 8):
        at = 9.0 + tick * 0.6 / 24
        stage.receive(at, bytes((TICK,)), source=2)
        if tick % 24 == 0:
            stage.receive(at + 0.001, bytes((0x90, 60, 80)))
            stage.receive(at + 0.02, bytes((0x80, 60, 64)))
    stage.receive(14.0, bytes((STOP,)), source=2)
    stage.run_until(30.0)
    assert [what for _, what in stage.said] == [START, STOP]
    assert len(stage.ticks) == 24 * 8
    stage.play(40.0, 9, 0.5)
    stage.run_until(45.0)
    assert [what for _, what in stage.said] == [START, STOP, START]
    assert len(stage.ticks) > 24 * 8


def test_a_clock_that_comes_back_leads_nobody() -> None:
    stage = Stage(Rules(mode=Mode.BARS, tempo=120.0))
    stage.play(10.0, 1, 0.3)
    stage.receive(10.305, bytes((START,)), source=2)  # a DAW that follows, and sends a clock of its own
    for tick in range(48):
        stage.receive(10.31 + tick * 0.5 / 24, bytes((TICK,)), source=2)
    stage.receive(11.5, bytes((STOP,)), source=2)
    stage.run_until(12.0)
    assert [what for _, what in stage.said] == [START]
    assert stage.ticks[::24] == pytest.approx([10.0, 10.5, 11.0, 11.5, 12.0])
    assert stage.controls.rules.tempo == 120.0


def test_a_start_of_somebody_elses_takes_over() -> None:
    stage = Stage(Rules(mode=Mode.BARS, tempo=120.0))
    stage.play(10.0, 1, 0.3)
    stage.receive(13.0, bytes((START,)), source=2)
    for tick in range(48):
        stage.receive(13.01 + tick * 0.6 / 24, bytes((TICK,)), source=2)
    assert [what for _, what in stage.said] == [START, START]
    after = [at for at in stage.ticks if at > 13.0]
    assert len(after) == 48
    assert stage.controls.rules.tempo == pytest.approx(100.0, abs=0.5)


def test_what_has_no_clear_beat_starts_no_clock() -> None:
    stage = Stage()
    for at in (10.0, 10.13, 10.9, 11.02, 11.71, 12.02, 12.23, 13.1, 13.15, 13.94):
        stage.receive(at, bytes((0x90, 60, 80)))
        stage.receive(at + 0.02, bytes((0x80, 60, 64)))
    stage.run_until(30.0)
    assert not stage.said


def test_a_beat_is_found_on_a_thread_of_its_own() -> None:
    found: list[BeatFound] = []
    finder = BeatFinder(ManualClock(5.0), found.append)
    finder.find((1.0, 1.5, 2.0, 2.5, 3.0, 3.5))
    wait_until(lambda: bool(found))
    assert found[0].at == 5.0
    assert found[0].beat is not None
    assert found[0].beat.length_s == pytest.approx(0.5, abs=0.01)
