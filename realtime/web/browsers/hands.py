"""What each browser holds down, so that several are one keyboard to the engine.

Each browser is a hand with a number of its own, so that two players at one partner can be kept apart; the
engine need not know. Wishes in, wishes out. Knows no socket: a browser is a number.
"""

from dataclasses import dataclass, field
from itertools import count

from realtime.rows.messages import Gone, Key, LeftPedal, PedalDepth, Wish

Foot = PedalDepth | LeftPedal


@dataclass
class _Hand:
    number: int
    keys: set[int] = field(default_factory=set)
    depths: dict[type[Foot], int] = field(default_factory=dict)  # of each pedal


class Hands:
    """The keys and pedals of all browsers that are there."""

    def __init__(self) -> None:
        self._hands: dict[int, _Hand] = {}
        self._depths: dict[type[Foot], int] = {PedalDepth: 0, LeftPedal: 0}  # as the engine knows them
        self._strikers: dict[int, int] = {}  # pitch -> number of the hand that struck it last

    def join(self, browser: int) -> None:
        """A browser came, and holds nothing."""
        self._hands[browser] = _Hand(self._free_number())

    def number(self, browser: int) -> int:
        """Which hand a browser is, from 1; of one that is about to join, which it will be."""
        hand = self._hands.get(browser)
        return self._free_number() if hand is None else hand.number

    def striker(self, pitch: int) -> int | None:
        """Which hand struck a key last."""
        return self._strikers.get(pitch)

    def _free_number(self) -> int:
        taken = {hand.number for hand in self._hands.values()}
        return next(number for number in count(1) if number not in taken)

    def key(self, browser: int, key: Key) -> list[Wish]:
        """A key of a browser moved: what the engine is to know.

        A key is struck as often as anyone strikes it.
        """
        hand = self._hands[browser]
        keys = hand.keys
        if key.velocity:
            keys.add(key.pitch)
            self._strikers[key.pitch] = hand.number
            return [key]
        if key.pitch not in keys:
            return []
        keys.remove(key.pitch)
        return self._unless_held([key])

    def pedal(self, browser: int, moved: Foot) -> list[Wish]:
        """A pedal of a browser moved: what the engine is to know."""
        self._hands[browser].depths[type(moved)] = moved.depth
        return self._pedals()

    def leave(self, browser: int) -> list[Wish]:
        """A browser went: what it alone held is let go."""
        hand = self._hands.pop(browser)
        released = self._unless_held([Key(pitch, 0) for pitch in sorted(hand.keys)])
        lifted = self._pedals()
        holds = bool(hand.keys) or any(hand.depths.values())
        gone: list[Wish] = [Gone()] if not self._hands and holds else []
        return [*released, *lifted, *gone]

    def _unless_held(self, keys: list[Key]) -> list[Wish]:
        held = set[int]().union(*(hand.keys for hand in self._hands.values()))
        return [key for key in keys if key.pitch not in held]

    def _pedals(self) -> list[Wish]:
        """Those that stand elsewhere than the engine knows."""
        moved: list[Wish] = []
        for foot, before in self._depths.items():
            depth = max((hand.depths.get(foot, 0) for hand in self._hands.values()), default=0)
            if depth != before:
                self._depths[foot] = depth
                moved.append(foot(depth))
        return moved
