"""Doubles of ports and answerers: what is sent is kept, what is answered is written down beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from music.notes import KeyEvent, NoteOff, NoteOn
from realtime.answerers.answerer import AnswerEvents
from realtime.engine.clock import Clock
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.midi.ports import PortError
from realtime.performer.actions import Request


@dataclass
class RecordingOutput:
    """An output that keeps each message with the moment it was sent.

    `breaks` makes it a port whose device is gone.
    """

    clock: Clock
    name: str = "recording"
    sent: list[tuple[float, bytes]] = field(default_factory=list)
    breaks: bool = False
    is_closed: bool = False

    def send(self, message: bytes) -> None:
        if self.breaks:
            raise PortError(f"{self.name!r} is gone")
        self.sent.append((self.clock.now(), message))

    def close(self) -> None:
        self.is_closed = True

    @property
    def messages(self) -> list[bytes]:
        return [message for _, message in self.sent]


def sounding_after(messages: Sequence[bytes]) -> set[tuple[int, int]]:
    """What a synth would sound after these messages: (channel, pitch), its pedals obeyed."""
    held: set[tuple[int, int]] = set()
    sustained: set[tuple[int, int]] = set()
    pedals: set[int] = set()
    for message in messages:
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if kind == 0x90 and message[2]:
            held.add((channel, message[1]))
        elif kind in (0x80, 0x90):
            if (channel, message[1]) in held and channel in pedals:
                sustained.add((channel, message[1]))
            held.discard((channel, message[1]))
        elif kind == 0xB0 and message[1] == 64:
            if message[2] >= 64:
                pedals.add(channel)
            else:
                pedals.discard(channel)
                sustained = {key for key in sustained if key[0] != channel}
        elif kind == 0xB0 and message[1] in (120, 123):
            let_go = {key for key in held if key[0] == channel}
            held -= let_go
            if message[1] == 123 and channel in pedals:  # as releases: the pedal holds them
                sustained |= let_go
            elif message[1] == 120:
                sustained = {key for key in sustained if key[0] != channel}
    return held | sustained


@dataclass
class ScriptedAnswerer:
    """Answers each request with the same notes: (seconds after the hand-over, pitch, length in seconds)."""

    notes: Sequence[tuple[float, int, float]] = ((0.01, 60, 0.3), (0.4, 64, 0.3), (0.8, 67, 0.4))
    name: str = "scripted"
    requests: list[Request] = field(default_factory=list)
    taken: int = 0
    device: str = "none"
    heard: list[tuple[KeyEvent, ...]] = field(default_factory=list)
    knobs: list[Knobs] = field(default_factory=list)
    expected: list[Request] = field(default_factory=list)
    to_think_of: int = 0
    thoughts: int = 0

    def hear(self, call: tuple[KeyEvent, ...]) -> None:
        self.heard.append(call)

    def expect(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> None:
        self.expected.append(request)

    def think(self) -> bool:
        self.thoughts += bool(self.thoughts < self.to_think_of)
        return self.thoughts < self.to_think_of

    def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
        self.requests.append(request)
        events: list[NoteOn | NoteOff] = []
        for after_s, pitch, length_s in self.notes:
            at = request.starts_after + after_s
            events += [NoteOn(at, pitch, 70), NoteOff(at + length_s, pitch)]
        for event in sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn))):
            self.taken += 1
            self.knobs.append(knobs)
            knobs = (yield event) or knobs


class BrokenAnswerer:
    """Fails after its first note."""

    name = "broken"
    device = "none"

    def hear(self, call: tuple[KeyEvent, ...]) -> None:
        raise RuntimeError("deaf")

    def expect(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> None:
        raise RuntimeError("surprised")

    def think(self) -> bool:
        raise RuntimeError("thoughtless")

    def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
        yield NoteOn(request.starts_after + 0.01, 60, 70)
        raise RuntimeError("out of ideas")
