"""What the player plays: some ten notes a second, no two messages alike for a while.

So that it can be seen which of them is missing, each strike has another velocity than those before it, and
each release too. Must not know ports.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random

NOTE_ON, NOTE_OFF, CONTROL = 0x90, 0x80, 0xB0
PEDAL, ALL_SOUND_OFF, ALL_NOTES_OFF, MOD_WHEEL, HAND_OVER = 64, 120, 123, 1, 66
NOTES_A_SECOND = 10.0

Timed = tuple[float, bytes]  # seconds after the one before, and the message


def control(number: int, value: int) -> bytes:
    """A controller's message."""
    return bytes((CONTROL, number, value))


@dataclass
class Phrases:
    """A source of phrases: the same seed has the same ones."""

    seed: int
    _chance: Random = field(init=False)
    _struck: Iterator[int] = field(default_factory=count)
    _let_go: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)

    def phrase(self) -> list[Timed]:
        """A dozen notes or more in a hand, some of them chords, some under the pedal; it ends with all up."""
        chance = self._chance
        pitch = chance.randrange(48, 72)
        is_pedalled = chance.random() < 0.4
        played: list[Timed] = [(0.0, control(PEDAL, 127))] if is_pedalled else []
        wait_s = 0.0
        for _ in range(chance.randrange(10, 20)):
            pitch = min(max(pitch + chance.choice((-4, -2, -1, 1, 2, 3, 5)), 36), 90)
            chord = [pitch, pitch + 4, pitch + 7] if chance.random() < 0.15 else [pitch]
            every_s = len(chord) / NOTES_A_SECOND * chance.uniform(0.7, 1.3)
            played += [(wait_s if key == pitch else 0.0, self.strike(key)) for key in chord]
            played += [(0.6 * every_s if key == pitch else 0.0, self.release(key)) for key in chord]
            wait_s = 0.4 * every_s
        if is_pedalled:
            played.append((0.05, control(PEDAL, 0)))
        return played

    def strike(self, pitch: int) -> bytes:
        """A key struck, at a velocity from 40 to 100."""
        return bytes((NOTE_ON, pitch, 40 + next(self._struck) % 61))

    def release(self, pitch: int) -> bytes:
        """A key let go; never at 64, with which Antiphon itself lets go."""
        return bytes((NOTE_OFF, pitch, 1 + next(self._let_go) % 62))

    def wait_s(self, shortest_s: float, longest_s: float) -> float:
        """A pause by chance."""
        return self._chance.uniform(shortest_s, longest_s)
