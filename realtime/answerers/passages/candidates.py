"""Many answers to one call, drawn side by side as performers on one model.

Each is a `Line` of its own with random numbers of its own, and has a seat of a batch; one step asks for the
next event of all that are still under way. Knows a session and a batch. Must not know which answer is the
best.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from music.notes import NoteOff, NoteOn
from realtime.answerers.accents import Accents
from realtime.answerers.daring import heats
from realtime.answerers.line import Line
from realtime.batch.batch import Batch
from realtime.batch.host_slots import HostSlots
from realtime.batch.slots import Ask
from realtime.inference.chance import chance, chances
from realtime.inference.session import ModelSession, ModelState

AFTERWARDS = 1 << 20  # no draw has this number
TOP_P = 0.99  # leaves out the tail in which a small model's blunders lie; less, and it leaves out the rests
AT_ONCE = 0.0  # when all are due: none goes before another


@dataclass
class Candidates:
    """Answers under way: `step` until `is_over`; `answers` are what they came to."""

    session: ModelSession
    lines: Sequence[Line]
    before: ModelState  # of one lane: where all begin, at one event
    seed: int
    turn: int
    attempt: int  # of the first; the others count on from there
    knob: float
    accents: Accents
    is_cut_short: bool = field(default=False, init=False)  # no more is drawn
    answers: list[list[NoteOn | NoteOff]] = field(init=False)
    batch: Batch = field(init=False, repr=False)
    seats: dict[int, int] = field(init=False, repr=False)  # the number of the answer that sits there

    def __post_init__(self) -> None:
        self.answers = [[] for _ in self.lines]
        self.batch = Batch(HostSlots(self.session), max(len(self.lines), 1))
        self.seats = {}
        for number, line in enumerate(self.lines):
            beside = next(iter(self.seats), None)
            seat = (
                self.batch.join(self.before, line.event) if beside is None else self.batch.join_beside(beside)
            )
            self.seats[seat] = number

    def place_of(self, number: int) -> float:
        """A random number for what becomes of an answer, from 0 to 1."""
        return chance(self.seed, self.turn, self.attempt + number, AFTERWARDS, 0)

    @property
    def is_over(self) -> bool:
        """Whether every answer has ended, or is to be taken as far as it has come."""
        return self.is_cut_short or all(line.is_over for line in self.lines)

    @property
    def done(self) -> float:
        """Which share of the answers has been drawn, as the middle one of them stands."""
        return median(line.done for line in self.lines) if self.lines else 1.0

    def step(self) -> None:
        """One draw of each answer that is still under way."""
        temperature = heats(self.knob)
        luck = {}
        for seat, number in self.seats.items():
            line = self.lines[number]
            if not line.is_over:
                gap, key, velocity = chances(self.seed, self.turn, self.attempt + number, line.draws)
                luck[seat] = velocity
                chance_of_each = (gap, key, self.accents.for_model(velocity))
                ask = Ask(chance_of_each, line.mask(self.knob), line.passed, temperature, TOP_P)
                self.batch.ask(seat, ask, AT_ONCE)
        for drawn in self.batch.step():
            line, answer = self.lines[self.seats[drawn.seat]], self.answers[self.seats[drawn.seat]]
            gap, key, velocity = drawn.event
            velocity = self.accents.velocity(key, velocity, luck[drawn.seat])
            happened = line.take((gap, key, velocity), drawn.cells)
            if happened is not None:
                answer.append(happened)
                self.batch.keep(drawn.seat, line.event)
