"""The terminal while it plays: what is written where nothing can be drawn, and how the drawing ends."""

import io
import sys

import pytest

from realtime.engine.clock import SetClock
from realtime.knobs import Knobs
from realtime.performer.actions import TurnChanged
from realtime.performer.events import AnswerFailed, Event, HandOverNow, KeyDown, KeyUp, Woke
from realtime.performer.phases import Phase, Reason
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.state import FRESH
from realtime.rows.turned import ControlMoved, ModelStands, Turned
from realtime.terminal import tty
from realtime.terminal.keys import SOUNDS_FOR_S, ComputerKeys
from realtime.terminal.picture import ROWS
from realtime.terminal.stage import FRAME_S, Stage, fits_a_picture
from tests.support.performing import Performing

TURNED = Turned(Woke(1.0), (TurnChanged(1.0, Phase.ANSWERING, Reason.ANSWER_BEGAN),), 1.0)


def shown(out: io.StringIO, *, draws: bool, turned: Turned = TURNED) -> str:
    stage = Stage(SetClock(1.0), None, out, draws=draws)
    looks = iter([True, False])
    stage(turned)
    stage.say("Piano is back")
    stage.run(lambda: next(looks), lambda: FRESH, lambda: DEFAULT_RULES)
    return out.getvalue()


def test_without_a_terminal_turns_are_plain_lines() -> None:
    written = shown(io.StringIO(), draws=False)
    assert "answering: the answer begins\n" in written
    assert "Piano is back\n" in written
    assert "\x1b" not in written


def test_with_a_terminal_the_picture_is_drawn_in_place_and_the_cursor_given_back() -> None:
    written = shown(io.StringIO(), draws=True)
    assert written.startswith("\x1b[?25l")
    assert written.endswith("\x1b[?25h")
    assert "Piano is back" in written
    assert "\x1b[13A" in written  # back up over the picture, to draw it again


def test_why_no_answer_came_is_written_with_and_without_a_picture() -> None:
    failed = Turned(
        AnswerFailed(1.0, 1, "ValueError: out of ideas"),
        (TurnChanged(1.0, Phase.WAITING, Reason.ANSWER_FAILED),),
        1.0,
    )
    for draws in (True, False):
        assert "the answerer failed: ValueError: out of ideas\n" in shown(
            io.StringIO(), draws=draws, turned=failed
        )


@pytest.mark.parametrize("draws", [True, False])
def test_what_is_held_for_long_is_shown_and_what_is_given_up_is_said(draws: bool) -> None:
    performing, out = Performing(), io.StringIO()
    stage = Stage(SetClock(1.0), None, out, draws=draws)
    looks = iter([True, False] * 3)
    for event in (KeyDown(1.0, 55, 80), Woke(4.0), Woke(13.0)):
        performing.take(event)
        stage(Turned(event, (), event.at, performing.state))
        stage.run(lambda: next(looks), lambda: performing.state, lambda: DEFAULT_RULES)
    assert "waiting for G3 to be let go" in out.getvalue()
    assert out.getvalue().count("G3 stayed down for 12 s: not waited for any more") == 1


def test_where_a_knob_stands_is_said_once_it_has_come_to_rest() -> None:
    clock, out = SetClock(1.0), io.StringIO()
    stage = Stage(clock, None, out, draws=False)
    rules = Rules(knobs=Knobs(density=2.0))
    for at, value in ((1.0, 1.2), (1.1, 1.6), (1.2, 2.0)):
        stage(Turned(ControlMoved(at, "density", value), (), at, FRESH, rules))
    for at, said in ((1.3, 0), (1.6, 1), (2.0, 1)):
        clock.set(at)
        stage.run(lambda: False, lambda: FRESH, lambda: rules)
        assert out.getvalue().count("density 2 ×: denser\n") == said


def test_a_hand_over_that_can_give_nothing_says_what_to_do() -> None:
    ignored = Turned(HandOverNow(1.0), (), 1.0, FRESH)
    for draws in (True, False):
        assert "no hand-over now: first play a phrase\n" in shown(io.StringIO(), draws=draws, turned=ignored)


class Closed(io.StringIO):
    """A terminal whose window was closed."""

    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")


def test_a_terminal_that_is_gone_does_not_stop_the_music() -> None:
    assert shown(Closed(), draws=True) == ""


class Typing:
    """Somebody types at the terminal: keys as they are read, and how long each reading would have waited."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *readings: list[str]) -> None:
        self.clock, self.waits = SetClock(1.0), list[float]()
        self.events: list[Event] = []
        self._readings = list(readings)
        monkeypatch.setattr(tty, "read_keys", self._read)

    def _read(self, wait_s: float) -> list[str]:
        self.waits.append(wait_s)
        self.clock.set(self.clock.now() + wait_s)
        return self._readings.pop(0)

    def run(self) -> str:
        """Until nothing is left to read; what was written."""
        out = io.StringIO()
        stage = Stage(self.clock, ComputerKeys(self.events.append), out, draws=False)
        assert stage.has_keys
        stage.run(lambda: bool(self._readings), lambda: FRESH, lambda: DEFAULT_RULES)
        return out.getvalue()


def test_keys_are_played_and_let_go_in_time_though_nothing_more_is_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    typing = Typing(monkeypatch, ["z"], *([[]] * 10))
    typing.run()
    (down, up) = typing.events
    assert isinstance(down, KeyDown)
    assert up == KeyUp(down.at + SOUNDS_FOR_S, down.pitch)
    assert all(0.0 <= wait_s <= FRAME_S for wait_s in typing.waits)
    assert min(typing.waits) < FRAME_S  # it looked up just for the release


def test_enter_without_a_phrase_is_played_as_a_hand_over(monkeypatch: pytest.MonkeyPatch) -> None:
    typing = Typing(monkeypatch, ["\r"])
    typing.run()
    assert [type(event) for event in typing.events] == [HandOverNow]


def test_with_a_picture_turns_are_no_lines_unless_no_answer_came() -> None:
    assert "the answer begins" not in shown(io.StringIO(), draws=True)
    overdue = Turned(Woke(1.0), (TurnChanged(1.0, Phase.WAITING, Reason.ANSWER_OVERDUE),), 1.0)
    written = shown(io.StringIO(), draws=True, turned=overdue)
    assert f"waiting: {Reason.ANSWER_OVERDUE.value}\n" in written


def test_no_colours_where_none_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[38;5;" in shown(io.StringIO(), draws=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[38;5;" not in shown(io.StringIO(), draws=True)


@pytest.mark.parametrize(
    ("interactive", "terminal", "columns", "lines", "encoding", "fits"),
    [
        (True, "xterm", 80, 24, "utf-8", True),
        (True, "xterm", 30, ROWS + 5, "UTF-8", True),
        (False, "xterm", 80, 24, "utf-8", False),
        (True, "dumb", 80, 24, "utf-8", False),
        (True, "xterm", 29, 24, "utf-8", False),
        (True, "xterm", 80, ROWS + 4, "utf-8", False),
        (True, "xterm", 80, 24, "ascii", False),
    ],
)
def test_a_picture_is_drawn_where_somebody_sees_it_and_it_has_room(
    monkeypatch: pytest.MonkeyPatch,
    interactive: bool,
    terminal: str,
    columns: int,
    lines: int,
    encoding: str,
    fits: bool,
) -> None:
    monkeypatch.setattr(tty, "is_interactive", lambda: interactive)
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", str(lines))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert fits_a_picture() is fits


def test_who_answers_from_now_on_and_why_another_does_not_is_written() -> None:
    stands = ModelStands(
        1.0, "mine", "mine.onnx: event model", "cpu", "/mine.onnx", remarks=("not on cuda: no card",)
    )
    written = shown(io.StringIO(), draws=False, turned=Turned(stands, (), 1.0))
    assert "model mine.onnx: event model   on cpu\nnot on cuda: no card\n" in written
    refused = stands.still(2.0, "broken.onnx: cut short; mine plays on")
    written = shown(io.StringIO(), draws=False, turned=Turned(refused, (), 2.0))
    assert "no other model: broken.onnx: cut short; mine plays on\n" in written
    assert "event model" not in written
