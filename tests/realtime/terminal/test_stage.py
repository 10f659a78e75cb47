"""The terminal while it plays: what is written where nothing can be drawn, and how the drawing ends."""

import io
import sys

import pytest

from realtime.engine.clock import SetClock
from realtime.performer.actions import TurnChanged
from realtime.performer.events import AnswerFailed, Event, HandOverNow, KeyDown, KeyUp, Woke
from realtime.performer.phases import Phase, Reason
from realtime.performer.rules import DEFAULT_RULES
from realtime.performer.state import FRESH
from realtime.rows.turned import Turned
from realtime.terminal import tty
from realtime.terminal.keys import SOUNDS_FOR_S, ComputerKeys
from realtime.terminal.picture import ROWS
from realtime.terminal.stage import FRAME_S, Stage, fits_a_picture

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
