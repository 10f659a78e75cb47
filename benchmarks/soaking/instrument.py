"""`antiphon play` with two things more: all that goes through its ports is noted, and its answerer can fail.

A process of its own: `python -m benchmarks.soaking.instrument JOURNAL WISHES WORDS...`, where WISHES is a
file whose word, `raise` or `hang`, the next answer obeys once. Must not judge what it notes.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.soaking.journal import CAME, SENT, TURN, Journal
from commands import play as command
from music.notes import KeyEvent
from realtime.answerers.answerer import Answerer, AnswerEvents
from realtime.choices import Choices
from realtime.concert import play
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.midi.ports import OutputPort, Port, PortSystem, Receive
from realtime.midi.rtmidi_ports import open_system
from realtime.performer.actions import Request, TurnChanged
from realtime.rows.turned import Turned, Watcher

RAISE, HANG = "raise", "hang"


@dataclass
class Fallible:
    """The answerer, as it is until a wish is written down: then it raises, or never comes back, once."""

    answerer: Answerer
    wishes: Path

    @property
    def name(self) -> str:
        """Its own."""
        return self.answerer.name

    @property
    def device(self) -> str:
        """Its own."""
        return self.answerer.device

    def hear(self, call: tuple[KeyEvent, ...]) -> None:
        """As it does."""
        self.answerer.hear(call)

    def expect(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> None:
        """As it does."""
        self.answerer.expect(request, knobs)

    def think(self) -> bool:
        """As it does."""
        return self.answerer.think()

    def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
        """As it does, or as it is wished."""
        wish = self.wishes.read_text() if self.wishes.exists() else ""
        self.wishes.unlink(missing_ok=True)
        if wish == RAISE:
            raise RuntimeError("it was wished so")
        while wish == HANG:
            time.sleep(1.0)
        return self.answerer.answer(request, knobs)


@dataclass
class _NotedOutput:
    port: OutputPort
    journal: Journal

    @property
    def name(self) -> str:
        return self.port.name

    def send(self, message: bytes) -> None:
        self.journal.note(SENT, port=self.port.name, message=message.hex())
        self.port.send(message)

    def close(self) -> None:
        self.port.close()


@dataclass
class NotedSystem:
    """A MIDI system whose ports write down what comes in, and what is handed to them."""

    system: PortSystem
    journal: Journal

    @property
    def name(self) -> str:
        """The driver's name."""
        return self.system.name

    @property
    def makes_ports(self) -> bool:
        """Whether other programs can be offered ports."""
        return self.system.makes_ports

    def has_failed(self) -> bool:
        """Whether its server is gone."""
        return self.system.has_failed()

    def anew(self) -> "PortSystem | None":
        """Itself, or another that notes too, or None."""
        another = self.system.anew()
        if another is None or another is self.system:
            return None if another is None else self
        return NotedSystem(another, self.journal)

    def leave(self) -> None:
        """Never touch its ports again."""
        self.system.leave()

    def input_names(self) -> list[str]:
        """The inputs there are."""
        return self.system.input_names()

    def output_names(self) -> list[str]:
        """The outputs there are."""
        return self.system.output_names()

    def open_input(self, name: str, receive: Receive) -> Port:
        """An input that notes."""
        return self.system.open_input(name, self._noting(name, receive))

    def open_output(self, name: str) -> OutputPort:
        """An output that notes."""
        return _NotedOutput(self.system.open_output(name), self.journal)

    def make_input(self, name: str, receive: Receive) -> Port:
        """One of our own, that notes."""
        return self.system.make_input(name, self._noting(name, receive))

    def make_output(self, name: str) -> OutputPort:
        """One of our own, that notes."""
        return _NotedOutput(self.system.make_output(name), self.journal)

    def _noting(self, name: str, receive: Receive) -> Receive:
        def noted(message: bytes) -> None:
            self.journal.note(CAME, port=name, message=message.hex())
            receive(message)

        return noted


def noting_turns(journal: Journal) -> Watcher:
    """A watcher that writes down whose turn it is, and why."""

    def note(turned: Turned) -> None:
        for action in _changes(turned):
            journal.note(TURN, phase=action.phase.value, reason=action.reason.value)

    return note


def _changes(turned: Turned) -> Iterator[TurnChanged]:
    return (action for action in turned.actions if isinstance(action, TurnChanged))


def main(journal: Path, wishes: Path, words: list[str]) -> int:
    """Play as the words say."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    choices = Choices.of(command.parse(parser, words))
    noted = Journal(journal)
    return play(
        replace(
            choices,
            answerer=Fallible(choices.answerer, wishes),
            system=NotedSystem(open_system(choices.midi_api), noted),
            watchers=(noting_turns(noted),),
        )
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
