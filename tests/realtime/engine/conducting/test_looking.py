"""Bars that are traded take the tempo of what is played, where nobody has set one and no clock is heard."""

from dataclasses import dataclass

import pytest

from music.manner.pulse import Beat
from realtime.engine.conducting.finding import clear_beat_of
from realtime.engine.conducting.looking import BarsInTempo, BeatFound, Onsets, on_the_level_of
from realtime.engine.controls import Controls
from realtime.engine.desks.answering import PromptDesk
from realtime.engine.inbox import Incoming
from realtime.engine.loop import Loop
from realtime.engine.outputs import Outputs
from realtime.knobs import TEMPO, Mode
from realtime.performer.phases import Phase
from realtime.performer.rules import Rules
from realtime.rows.turned import ControlMoved
from tests.support.clock import ManualClock, ManualInbox
from tests.support.ports import RecordingOutput, ScriptedAnswerer

FOLLOWING = Rules(mode=Mode.BARS, bars=2, tempo=100.0, follows_playing=True)


@dataclass
class Band:
    """A loop in which bars are traded, and somebody who plays even keys."""

    rules: Rules = FOLLOWING

    def __post_init__(self) -> None:
        self.clock = ManualClock()
        self.inbox = ManualInbox(self.clock)
        self.controls = Controls(self.rules)
        self.output = RecordingOutput(self.clock)
        desk = PromptDesk(ScriptedAnswerer([(0.3, 72, 0.2)]), self.clock, self.inbox.put)
        in_tempo = BarsInTempo(self._find)
        outputs = Outputs([self.output])
        self.loop = Loop(self.clock, self.inbox, outputs, desk, self.controls, bars_in_tempo=in_tempo)

    def _find(self, onsets: Onsets) -> None:
        self.inbox.put(BeatFound(self.clock.now(), clear_beat_of(onsets)))

    def run_until(self, at: float) -> None:
        while self.inbox.items or (self.loop.alarm is not None and self.loop.alarm <= at):
            self.loop.take(self.inbox.next(self.loop.alarm))
        self.clock.set(at)

    def receive(self, at: float, message: bytes) -> None:
        self.run_until(at)
        self.loop.take(Incoming(at, 1, message))

    def play(self, at: float, keys: int, every_s: float) -> None:
        for place in range(keys):
            onset = at + place * every_s
            self.receive(onset, bytes((0x90, 60 + place % 7, 80)))
            self.receive(onset + 0.7 * every_s, bytes((0x80, 60 + place % 7, 64)))

    @property
    def answered_at(self) -> float:
        """When the model's first note sounded."""
        return next(at for at, message in self.output.sent if message[0] == 0x91)


def test_two_bars_at_the_tempo_of_the_playing_and_then_the_answer_on_the_bar_line() -> None:
    band = Band()
    band.play(10.0, 8, 0.5)  # 120 beats a minute, not 100
    band.run_until(14.5)
    assert band.controls.rules.tempo == pytest.approx(120.0, abs=1.0)
    assert band.controls.rules.follows_playing
    assert band.answered_at == pytest.approx(14.0, abs=0.05)


def test_a_tempo_that_was_set_holds_whatever_is_played() -> None:
    band = Band()
    band.loop.take(ControlMoved(9.0, TEMPO, 100.0))
    assert not band.controls.rules.follows_playing
    band.play(10.0, 8, 0.5)
    band.run_until(20.0)
    assert band.controls.rules.tempo == 100.0
    assert band.answered_at == pytest.approx(14.8)


def test_a_clock_that_comes_in_goes_before_the_playing() -> None:
    band = Band()
    for tick in range(300):  # 100 beats a minute, with no start
        band.receive(5.0 + tick * 0.025, b"\xf8")
    band.play(12.52, 1, 0.1)
    for tick in range(300, 500):
        band.receive(5.0 + tick * 0.025, b"\xf8")
        if tick % 20 == 0:
            band.receive(5.0 + tick * 0.025, bytes((0x90, 60 + tick % 7, 80)))
            band.receive(5.0 + tick * 0.025 + 0.01, bytes((0x80, 60 + tick % 7, 64)))
    assert band.controls.rules.tempo == pytest.approx(100.0, abs=0.3)


def test_in_other_modes_the_tempo_stays() -> None:
    band = Band(Rules(tempo=100.0, follows_playing=True))
    band.play(10.0, 8, 0.5)
    assert band.controls.rules.tempo == 100.0
    assert band.loop.state.phase is Phase.CALLING


@pytest.mark.parametrize(("length_s", "level_s"), [(1.0, 0.5), (0.5, 0.5), (0.4, 0.4), (0.9, 0.45)])
def test_twice_or_half_as_fast_is_the_same_beat(length_s: float, level_s: float) -> None:
    assert on_the_level_of(0.5, Beat(length_s, 0.0, 1.0)).length_s == pytest.approx(level_s)
