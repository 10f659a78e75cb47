"""The instrument under `antiphon bench live`: the real one, on ports that lead to a player who never tires.

A process of its own. It starts as `antiphon play` does, waits for the word to begin, plays phrase after
phrase, and writes the moments of all that went in and came out to a file. The player's thread is as urgent as
a port's and shares the interpreter with the instrument, which real keyboards don't: figures are on the
cautious side. Must not judge the figures.
"""

import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

from benchmarks.instrument.flood import MOD_WHEEL, costs
from realtime.answerers.network import Network
from realtime.choices import Choices
from realtime.concert import play
from realtime.inference.session import open_session
from realtime.midi.loopback import LoopbackSystem
from realtime.midi.ports import OWN_INPUT
from realtime.performer.actions import PlayNote, TurnChanged
from realtime.performer.events import AnswerCame
from realtime.performer.rules import Rules
from realtime.priority import urgent
from realtime.rows.turned import Turned, Watcher

HAND_OVER = 66  # the controller that hands over at once
NOTE_ON, NOTE_OFF, CONTROL = 0x90, 0x80, 0xB0
LONGEST_WAIT_S = 8.0  # for an answer
ANSWER_S = 1.5  # how long one is listened to, at the most, before it is cut


@dataclass
class Player:
    """Plays phrases into the instrument and notes what comes out, all stamped on one clock."""

    seed: int
    system: LoopbackSystem = field(default_factory=LoopbackSystem)
    played: list[tuple[float, bytes]] = field(default_factory=list)
    heard: list[tuple[float, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.system.heard_by = lambda message: self.heard.append((time.perf_counter(), message))

    def send(self, *message: int) -> None:
        """One message into the instrument, stamped just before."""
        packed = bytes(message)
        self.played.append((time.perf_counter(), packed))
        self.system.play(OWN_INPUT, packed)

    def play_for(self, seconds: float) -> None:
        """Phrase after phrase: every second answer asked for at once, every third cut in, pedal down."""
        chance = Random(self.seed)
        ends_at = time.perf_counter() + seconds
        count = 0
        while time.perf_counter() < ends_at:
            count += 1
            self.phrase(chance)
            if count % 2:
                self.send(CONTROL, HAND_OVER, 127)
            heard = self.await_answer(len(self.heard))
            if heard:
                time.sleep(ANSWER_S * chance.uniform(0.3, 1.0))
            if count % 3 == 0:
                self.send(CONTROL, 64, 127)
                time.sleep(0.05)

    def hand_over_for(self, seconds: float, is_enough: Callable[[], bool]) -> None:
        """Four notes and a hand-over, again and again, each answer cut short as soon as it has begun."""
        chance = Random(self.seed)
        ends_at = time.perf_counter() + seconds
        while time.perf_counter() < ends_at and not is_enough():
            heard = len(self.heard)
            for key in chance.sample(range(55, 75), 4):
                self.send(NOTE_ON, key, chance.randrange(40, 100))
                time.sleep(chance.uniform(0.06, 0.2))
                self.send(NOTE_OFF, key, 64)
            self.send(CONTROL, HAND_OVER, 127)
            self.await_answer(heard)

    def phrase(self, chance: Random) -> None:
        """A dozen notes in a hand, some of them chords; it ends with nothing held."""
        pitch = chance.randrange(48, 72)
        for _ in range(chance.randrange(8, 16)):
            pitch = min(max(pitch + chance.choice((-4, -2, -1, 1, 2, 3, 5)), 36), 90)
            chord = [pitch, pitch + 4, pitch + 7] if chance.random() < 0.2 else [pitch]
            for key in chord:
                self.send(NOTE_ON, key, chance.randrange(40, 100))
            time.sleep(chance.uniform(0.06, 0.2))
            for key in chord:
                self.send(NOTE_OFF, key, 64)
        self.send(CONTROL, 64, 0)

    def await_answer(self, heard: int) -> bool:
        """Whether a note on the model's channel came."""
        give_up_at = time.perf_counter() + LONGEST_WAIT_S
        while time.perf_counter() < give_up_at:
            if any(message[0] == NOTE_ON | 1 for _, message in self.heard[heard:]):
                return True
            time.sleep(0.01)
        return False


def main(options: dict[str, Any]) -> int:
    """Start, say nothing, wait for the word on standard input, play, write down, stop."""
    player = Player(options["seed"])
    turns: list[dict[str, Any]] = []
    choices = Choices(
        answerer=Network(open_session(Path(options["model"]), scores=False), options["seed"]),
        seed=options["seed"],
        rules=Rules(),
        take=Path(options["take"]),
        page_port=0,
        controllers={"hand-over": HAND_OVER, "temperature": MOD_WHEEL},
        system=player.system,
        watchers=(noting(turns),),
    )

    def performance() -> None:
        sys.stdin.readline()
        if options["flood"]:
            flooded = costs(lambda message: player.system.play(OWN_INPUT, message), options["seconds"])
            Path(options["moments"]).write_text(json.dumps({"flood": flooded}))
            os.kill(os.getpid(), signal.SIGTERM)
            return
        with urgent():  # as a port's own thread, which is started by the instrument
            if options["handovers"]:
                player.hand_over_for(
                    options["seconds"], lambda: len(due_at_once(turns)) >= options["handovers"]
                )
            else:
                player.play_for(options["seconds"])
        Path(options["moments"]).write_text(
            json.dumps(
                {
                    "played": [(at, list(message)) for at, message in player.played],
                    "heard": [(at, list(message)) for at, message in player.heard],
                    "turns": turns,
                }
            )
        )
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=performance, name="player", daemon=True).start()
    return play(choices)


def noting(turns: list[dict[str, Any]]) -> Watcher:
    """A watcher that notes turns, when stretches of answers came, and how late each note of the model is."""

    def note(turned: Turned) -> None:
        due = [action.due for action in turned.actions if isinstance(action, PlayNote)]
        changed = any(isinstance(action, TurnChanged) for action in turned.actions)
        if due or changed or isinstance(turned.event, AnswerCame):
            turns.append(
                {
                    "event": type(turned.event).__name__,
                    "at": turned.event.at,
                    "sent_at": turned.sent_at,
                    "phase": turned.state.phase.value,
                    "changed": changed,
                    "due": due,
                }
            )

    return note


def due_at_once(turns: list[Any]) -> list[float]:
    """From the turn's passing to the first note, where that was due when the answer came."""
    passed, decided_at, came_at = [], math.nan, math.nan
    for turn in turns:
        if turn["changed"] and turn["phase"] == "asking":
            decided_at, came_at = turn["at"], math.nan
        if turn["event"] == "AnswerCame" and math.isnan(came_at):
            came_at = turn["at"]
        if turn["due"] and not math.isnan(decided_at):
            if min(turn["due"]) <= came_at:
                passed.append(turn["sent_at"] - decided_at)
            decided_at = math.nan
    return passed


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
