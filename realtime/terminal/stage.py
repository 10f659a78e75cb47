"""The terminal while the instrument plays: reads keys, draws, and says what happens in lines.

Runs on the main thread, apart from the loop: it learns what the loop did from a queue. With no terminal it
draws nothing and writes plain lines.
"""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TextIO

from realtime.engine.clock import Clock
from realtime.knobs import KEEP, KNOBS, LIMITS, MODE, MUTE, Knob
from realtime.performer.actions import TurnChanged
from realtime.performer.events import AnswerFailed, HandOverNow
from realtime.performer.offers import offer_in
from realtime.performer.phases import Reason
from realtime.performer.player.hands import Held
from realtime.performer.rules import Rules
from realtime.performer.sound.limits import limits_of
from realtime.performer.state import State
from realtime.rows.held import left_alone_words, waiting_words
from realtime.rows.rows import model_refused
from realtime.rows.turned import (
    ControlMoved,
    Learnt,
    MessagesCame,
    ModelStands,
    PresetStands,
    Turned,
    Unlearnt,
)
from realtime.terminal import tty
from realtime.terminal.code import code_lines
from realtime.terminal.keys import ComputerKeys
from realtime.terminal.picture import ROWS, Scene, drawn, silence_share

FRAME_S = 0.05
LOOK_S = 0.25  # where nothing is drawn
AT_REST_S = 0.3  # a knob that has not moved for so long has come to rest
_HIDE_CURSOR, _SHOW_CURSOR, _CLEAR_LINE, _CLEAR_BELOW = "\x1b[?25l", "\x1b[?25h", "\x1b[2K", "\x1b[J"


class Stage:
    """Shows a running loop. It is a watcher: on the loop's thread it only queues what it gets."""

    def __init__(self, clock: Clock, keys: ComputerKeys | None, out: TextIO, *, draws: bool) -> None:
        self._clock, self._keys, self._out, self._draws = clock, keys, out, draws
        self._colours = not os.environ.get("NO_COLOR")
        self._scene = Scene(has_keys=keys is not None)
        self._turned: SimpleQueue[Turned] = SimpleQueue()
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._drawn_lines = 0
        self._left_alone = Held()
        self._waits_for: str | None = None
        self._knob_moved: ControlMoved | None = None  # and not said yet

    def __call__(self, turned: Turned) -> None:
        """Watch the loop."""
        if not isinstance(turned.event, MessagesCame):  # of which there is nothing to see
            self._turned.put(turned)

    @property
    def has_keys(self) -> bool:
        """Whether it plays from the terminal's keys."""
        return self._keys is not None

    def on_another_link(self, change: Callable[[], None]) -> None:
        """What the key for another link to the page does."""
        if self._keys is not None:
            self._keys.on_another_link = change

    def say(self, line: str) -> None:
        """Tell a line, from any thread."""
        self._lines.put(line)

    def show_code(self, rows: Sequence[str]) -> None:
        """Show a QR code, from any thread: in a terminal, for nothing else can be held before a camera."""
        if rows and self._draws:
            for line in code_lines(rows):
                self.say(line)

    def run(
        self,
        is_running: Callable[[], bool],
        state: Callable[[], State],
        rules: Callable[[], Rules],
    ) -> None:
        """Until the loop has ended."""
        if self._draws:
            self._write(_HIDE_CURSOR)
        try:
            while is_running():
                self._wait()
                self._show(state(), rules())
        finally:
            self._show(state(), rules())
            if self._draws:
                self._write(_SHOW_CURSOR)

    def _wait(self) -> None:
        """For a key, a note to let go, or the next frame."""
        if self._keys is None:
            with suppress(Empty):
                self._take(self._turned.get(timeout=FRAME_S if self._draws else LOOK_S))
            return
        now = self._clock.now()
        release = self._keys.next_release
        wait_s = FRAME_S if release is None else min(FRAME_S, max(release - now, 0.0))
        for key in tty.read_keys(wait_s):
            self._keys.press(key, self._clock.now())
        self._keys.pass_time(self._clock.now())

    def _show(self, state: State, rules: Rules) -> None:
        while not self._turned.empty():
            self._take(self._turned.get())
        self._say_knob(rules)
        lines = []
        while not self._lines.empty():
            lines.append(self._lines.get())
        if not self._draws:
            if lines:
                self._write("".join(f"{line}\n" for line in lines))
            return
        now = self._clock.now()
        self._scene.waits_for = waiting_words(state, rules)
        columns = shutil.get_terminal_size().columns
        picture = drawn(self._scene, now, silence_share(state, rules, now), columns, colours=self._colours)
        self._redraw(lines, picture)

    def _take(self, turned: Turned) -> None:
        self._scene.take(turned)
        self._say_held(turned)
        if isinstance(turned.event, ModelStands):
            self._say_model(turned.event)
        if isinstance(turned.event, HandOverNow) and not turned.actions:
            self._lines.put(f"no hand-over now: {offer_in(turned.state).value}")
        if isinstance(turned.event, Learnt | Unlearnt | PresetStands):
            self._lines.put(turned.event.text)
        if isinstance(turned.event, ControlMoved) and turned.event.name in (MODE, MUTE):
            self._lines.put(_choice_said(turned.event.name, turned.rules))
        if isinstance(turned.event, ControlMoved) and turned.event.name in (*KNOBS, *LIMITS, KEEP):
            self._knob_moved = turned.event
        for action in turned.actions:
            if not isinstance(action, TurnChanged):
                continue
            if isinstance(turned.event, AnswerFailed):
                self._lines.put(f"{action.reason.value}: {turned.event.reason}")
            elif not self._draws or action.reason is Reason.ANSWER_OVERDUE:
                self._lines.put(f"{action.phase.value}: {action.reason.value}")

    def _say_held(self, turned: Turned) -> None:
        """What is waited for no longer; and where nothing is drawn, what is waited for."""
        left_alone, words = turned.state.hands.left_alone, waiting_words(turned.state, turned.rules)
        if left_alone.exceeds(self._left_alone):
            self._lines.put(left_alone_words(left_alone, turned.rules))
        if words is not None and words != self._waits_for and not self._draws:
            self._lines.put(words)
        self._left_alone, self._waits_for = left_alone, words

    def _say_knob(self, rules: Rules) -> None:
        """Where a knob stands, once it has come to rest: a controller says a hundred places on its way."""
        moved = self._knob_moved
        if moved is not None and self._clock.now() - moved.at >= AT_REST_S:
            self._lines.put(_moved_said(moved.name, rules))
            self._knob_moved = None

    def _say_model(self, stands: ModelStands) -> None:
        for line in model_refused(stands) or (f"model {stands.model}   on {stands.device}", *stands.remarks):
            self._lines.put(line)

    def _redraw(self, lines: list[str], picture: list[str]) -> None:
        back = f"\x1b[{self._drawn_lines}A" if self._drawn_lines else ""
        said = "".join(f"{_CLEAR_LINE}{line}\n" for line in lines)
        body = "".join(f"{_CLEAR_LINE}{line}\n" for line in picture)
        self._write(f"\r{back}{said}{body}{_CLEAR_BELOW}")
        self._drawn_lines = len(picture)

    def _write(self, text: str) -> None:
        try:
            self._out.write(text)
            self._out.flush()
        except (BrokenPipeError, OSError):
            self._draws = False  # the terminal is gone; the music isn't


def _moved_said(name: str, rules: Rules) -> str:
    """Where a knob or a limit stands, in a line."""
    if name in KNOBS:
        return _knob_said(KNOBS[name], getattr(rules.knobs, name))
    return f"{name} {limits_of(rules.limits)[name]}"


def _knob_said(knob: Knob, value: float) -> str:
    """A knob in a line: its number, and what its end does that it is nearer to."""
    direction = knob.high if value > knob.default else knob.low if value < knob.default else "in the middle"
    return f"{knob.name} {value:.4g}{knob.unit and ' '}{knob.unit}: {direction}"


def _choice_said(name: str, rules: Rules) -> str:
    if name == MODE:
        return f"mode {rules.mode.value}: {rules.mode.about}"
    return "muted: the answer is not heard" if rules.is_muted else "no longer muted"


def fits_a_picture() -> bool:
    """Whether there is a terminal, and it has room."""
    size = shutil.get_terminal_size()
    return (
        tty.is_interactive()
        and os.environ.get("TERM") != "dumb"
        and size.lines > ROWS + 4
        and size.columns >= 30
        and sys.stdout.encoding.lower().startswith("utf")
    )
