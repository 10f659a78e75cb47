"""Takes made by the real loop, with time set by hand: what was done is in them, as after an evening."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from realtime.answerers.answerer import Answerer
from realtime.engine.clock import SetClock
from realtime.engine.controls import Controls
from realtime.engine.desks.answering import PromptDesk
from realtime.engine.inbox import ScriptInbox
from realtime.engine.loop import Loop
from realtime.engine.outputs import Outputs
from realtime.performer.events import Event, HandOverNow, KeyDown, KeyUp, Panic
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.rows.rows import Rows
from realtime.rows.standing import controls_said
from realtime.rows.take import TakeRecorder, save_take
from realtime.rows.turned import ControlMoved, Starred, Turned

SEED = 7
GRAIN_S = 1 / 32768  # as live, moments lie on the grains of the engine's clock


def phrase_at(at: float, pitches: Sequence[int], every_s: float = 0.25) -> list[Event]:
    """A phrase of single keys, one after the other."""
    events: list[Event] = []
    for place, pitch in enumerate(pitches):
        struck_at = round((at + place * every_s) / GRAIN_S) * GRAIN_S
        events += [KeyDown(struck_at, pitch, 60 + place), KeyUp(struck_at + 0.1875, pitch)]
    return events


def an_evening() -> list[Event | ControlMoved]:
    """Three phrases; a knob is turned, an answer asked for again, one cut in upon, one silenced."""
    return [
        *phrase_at(10.0, (60, 62, 64, 65, 67)),
        ControlMoved(17.0, "temperature", 0.5),
        HandOverNow(18.0),
        *phrase_at(19.5, (67, 65, 64, 62, 60, 59)),
        HandOverNow(21.25),
        ControlMoved(22.0, "length", 0.5),
        Panic(22.5),
        *phrase_at(26.0, (48, 55, 60, 64)),
    ]


def take_of(
    answerer: Answerer,
    path: Path,
    rules: Rules = DEFAULT_RULES,
    done: Sequence[Event | ControlMoved | Starred] = (),
    late_s: float = 0.0,
) -> Path:
    """The take of an evening on which everything was sent so late."""
    clock = SetClock()
    inbox = ScriptInbox(done or an_evening(), clock)
    desk = PromptDesk(answerer, clock, inbox.put)
    rows, recorder = Rows(), TakeRecorder()

    def watch(turned: Turned) -> None:
        for row in rows.of(replace(turned, sent_at=turned.sent_at + late_s)):
            recorder.take(row)

    Loop(clock, inbox, Outputs(), desk, Controls(rules), [watch], hear=desk.hear).run()
    about = [
        f"answerer: {answerer.name}",
        f"seed: {SEED}",
        "model: none",
        f"controls: {controls_said(rules)}",
    ]
    save_take(recorder, path, about)
    return path
