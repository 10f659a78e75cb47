"""The terminal while it plays: what is written where nothing can be drawn, and how the drawing ends."""

import io

from realtime.engine.clock import SetClock
from realtime.performer.actions import TurnChanged
from realtime.performer.events import AnswerFailed, HandOverNow, Woke
from realtime.performer.phases import Phase, Reason
from realtime.performer.rules import DEFAULT_RULES
from realtime.performer.state import FRESH
from realtime.rows.turned import Turned
from realtime.terminal.stage import Stage

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
