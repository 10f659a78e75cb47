"""Many answers to one call, drawn side by side as lanes of one batch.

Each lane is a `Line` of its own with random numbers of its own; one step asks the model for the next event of
all that are still under way. Knows a session. Must not know which answer is the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from music.notes import NoteOff, NoteOn
from realtime.answerers.daring import heats
from realtime.answerers.line import Line
from realtime.inference.bundle import LANES
from realtime.inference.chance import chance, chances
from realtime.inference.session import LaneInputs, ModelSession, ModelState

AFTERWARDS = 1 << 20  # no draw has this number
TOP_P = 0.99  # leaves out the tail in which a small model's blunders lie; less, and it leaves out the rests


@dataclass
class Candidates:
    """Answers under way: `step` until `is_over`; `answers` are what they came to."""

    session: ModelSession
    lines: Sequence[Line]
    before: ModelState  # of one lane: where all begin
    seed: int
    turn: int
    attempt: int  # of the first; the others count on from there
    knob: float
    answers: list[list[NoteOn | NoteOff]] = field(init=False)
    _states: list[NDArray[np.float32]] = field(init=False, repr=False)
    _axes: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.answers = [[] for _ in self.lines]
        self._axes = tuple(state.shape.index(LANES) for state in self.session.bundle.header.states)
        self._states = [
            np.repeat(state, len(self.lines), axis)
            for state, axis in zip(self.before, self._axes, strict=True)
        ]

    def place_of(self, number: int) -> float:
        """A random number for what becomes of an answer, from 0 to 1."""
        return chance(self.seed, self.turn, self.attempt + number, AFTERWARDS, 0)

    @property
    def is_over(self) -> bool:
        """Whether every answer has ended."""
        return all(line.is_over for line in self.lines)

    def step(self) -> None:
        """One draw of each answer that is still under way."""
        under_way = [number for number, line in enumerate(self.lines) if not line.is_over]
        lines = [self.lines[number] for number in under_way]
        drawn, cells, after = self.session.step_lanes(
            LaneInputs(
                events=np.array([line.event for line in lines], np.int64),
                chance=np.array(
                    [
                        chances(self.seed, self.turn, self.attempt + number, line.draws)
                        for number, line in zip(under_way, lines, strict=True)
                    ],
                    np.float32,
                ),
                key_mask=np.stack([line.mask(self.knob) for line in lines]),
                gap_at_least=np.array([line.passed for line in lines], np.int64),
                temperature=heats(self.knob),
                top_p=TOP_P,
            ),
            tuple(
                np.take(state, under_way, axis) for state, axis in zip(self._states, self._axes, strict=True)
            ),
        )
        went_on = []
        for place, (number, line) in enumerate(zip(under_way, lines, strict=True)):
            gap, key, velocity = drawn[place].tolist()
            happened = line.take((gap, key, velocity), int(cells[place]))
            if happened is not None:
                self.answers[number].append(happened)
                went_on.append((place, number))
        if not went_on:
            return
        places, numbers = (np.array(part) for part in zip(*went_on, strict=True))
        for state, made, axis in zip(self._states, after, self._axes, strict=True):
            lanes_first = np.moveaxis(state, axis, 0)  # a view: what is written there is written in the state
            lanes_first[numbers] = np.moveaxis(made, axis, 0)[places]
