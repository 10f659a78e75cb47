"""Random numbers for the model's draws: a function of what is drawn, never of when.

The same seed, turn, attempt, event and field give the same number on every machine, so a take can be played
again.
"""

from hashlib import blake2b

_STEPS = 1 << 23  # odd multiples of 2**-24: each is exact in single precision, and none is 0 or 1


def chance(seed: int, turn: int, attempt: int, event: int, field: int) -> float:
    """A number above 0 and below 1, all equally likely."""
    drawn = f"{seed},{turn},{attempt},{event},{field}".encode()
    number = int.from_bytes(blake2b(drawn, digest_size=8).digest(), "big") % _STEPS
    return (2 * number + 1) / (2 * _STEPS)


def chances(seed: int, turn: int, attempt: int, event: int) -> tuple[float, float, float]:
    """One number for each field of an event: gap, key, velocity."""
    first, second, third = (chance(seed, turn, attempt, event, field) for field in range(3))
    return first, second, third
