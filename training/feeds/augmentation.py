"""Which variant of a piece is learnt from in which epoch.

A grid of tempos and transpositions; each piece goes through all its variants, in an order of its own, before
one comes again. What is drawn depends on the seed, the piece and the epoch alone: never on the order of
reading, the number of workers or what was drawn before.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import product
from typing import ClassVar

from music.phrase import Phrase
from pieces.transforms import Stretch, TransformError, louder, spread_out, stretched, transposed_phrase


@dataclass(frozen=True, slots=True)
class Variant:
    """One point of the grid; as it stands, the phrase itself."""

    name: ClassVar[str] = "variant"
    stretch: float = 1.0
    semitones: int = 0
    louder: int = 0
    spread: float = 1.0  # how many times as far velocities lie from their mean

    def __call__(self, phrase: Phrase) -> Phrase:
        """The phrase at this point of the grid."""
        changed = stretched(phrase, self.stretch) if self.stretch != 1 else phrase
        changed = transposed_phrase(changed, self.semitones) if self.semitones else changed
        changed = spread_out(changed, self.spread) if self.spread != 1 else changed
        return louder(changed, self.louder) if self.louder else changed


@dataclass(frozen=True, slots=True)
class Augmentation:
    """The grid: every stretch with every transposition and every change of loudness.

    As it stands, the 35 variants that the published figures on MAESTRO are trained with.
    """

    stretches: tuple[float, ...] = (0.95, 0.975, 1.0, 1.025, 1.05)
    semitones: tuple[int, ...] = (-3, -2, -1, 0, 1, 2, 3)
    louder: tuple[int, ...] = (0,)
    spreads: tuple[float, ...] = (1.0,)
    beat_stretches: tuple[float, ...] = (1.0,)  # in place of `stretches`, of pieces that keep a beat

    def __post_init__(self) -> None:
        for field, values in (
            ("stretches", self.stretches),
            ("semitones", self.semitones),
            ("louder", self.louder),
            ("spreads", self.spreads),
            ("beat_stretches", self.beat_stretches),
        ):
            if not values:
                raise TransformError(
                    f"augmentation needs at least one of {field}; to leave it out, name its neutral value"
                )
            if len(set(values)) < len(values):
                raise TransformError(f"augmentation names one of {field} twice: {values}")
        for factor in (*self.stretches, *self.beat_stretches):
            Stretch(factor)
        if min(self.spreads) < 0:
            raise TransformError(f"a spread of loudness is 0 or more, not {min(self.spreads)}")

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Every point of the grid."""
        return self._variants(self.stretches)

    def _variants(self, stretches: tuple[float, ...]) -> tuple[Variant, ...]:
        return _grid(stretches, self.semitones, self.louder, self.spreads)

    def drawn(self, seed: int, piece: str, epoch: int, *, in_beats: bool = False) -> Variant:
        """The variant of a piece for an epoch, counted from 0."""
        variants = self._variants(self.beat_stretches) if in_beats else self.variants
        a_round, place = divmod(epoch, len(variants))
        return variants[_order(seed, piece, a_round, len(variants))[place]]


UNCHANGED = Augmentation(stretches=(1.0,), semitones=(0,))


@lru_cache(maxsize=8)
def _grid(*axes: tuple[float, ...]) -> tuple[Variant, ...]:
    return tuple(Variant(*point) for point in product(*axes))  # type: ignore[arg-type]  # semitones are whole


@lru_cache(maxsize=4096)  # pieces: to order 600 variants takes as long as to read a piece
def _order(seed: int, piece: str, a_round: int, variants: int) -> Sequence[int]:
    """The order in which a piece goes through all its variants once."""
    return array("H", sorted(range(variants), key=lambda number: _hashed(seed, piece, a_round, number)))


def _hashed(*parts: int | str) -> bytes:
    # repr keeps "1", 2 apart from "12": two pieces can't share an order by accident
    return blake2b(repr(parts).encode(), digest_size=8).digest()
