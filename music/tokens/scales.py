"""The scales that live encodings share: the 10 ms grid, gaps that grow, and 32 steps of velocity.

A cell is 10 ms. A gap is exact to the cell up to a second; above it eight buckets to each doubling, up to 32
seconds. A bucket is read back as its middle, and writing that middle down gives the bucket again.
"""

from bisect import bisect_left

CELLS_PER_S = 100
EXACT_CELLS = 100  # a second: pulse and rubato live below it
BUCKETS_PER_DOUBLING = 8  # each 9 % wide: finer than a listener compares pauses
DOUBLINGS = 5  # up to 32 s; a longer silence is a new beginning
VELOCITY_BINS = 32
VELOCITIES_PER_BIN = 128 // VELOCITY_BINS

_UPPER_CELLS = tuple(
    round(EXACT_CELLS * 2 ** (bucket / BUCKETS_PER_DOUBLING))
    for bucket in range(1, BUCKETS_PER_DOUBLING * DOUBLINGS + 1)
)
_LOWER_CELLS = (EXACT_CELLS + 1, *(upper + 1 for upper in _UPPER_CELLS[:-1]))
GAPS = EXACT_CELLS + 1 + len(_UPPER_CELLS)
LONGEST_CELLS = _UPPER_CELLS[-1]


def gap_number(cells: int) -> int:
    """The number of the gap that holds so many cells; what is longer than the longest is the longest."""
    if cells <= EXACT_CELLS:
        return max(cells, 0)
    return EXACT_CELLS + 1 + bisect_left(_UPPER_CELLS, min(cells, LONGEST_CELLS))


def gap_cells(number: int) -> int:
    """The cells that a gap stands for: its middle."""
    if number <= EXACT_CELLS:
        return number
    bucket = number - EXACT_CELLS - 1
    return (_LOWER_CELLS[bucket] + _UPPER_CELLS[bucket]) // 2


def gap_width(number: int) -> int:
    """How many cells share this gap: a likelihood in 10 ms cells is the gap's divided by it."""
    if number <= EXACT_CELLS:
        return 1
    bucket = number - EXACT_CELLS - 1
    return _UPPER_CELLS[bucket] - _LOWER_CELLS[bucket] + 1


def gap_names() -> tuple[str, ...]:
    """The gaps in seconds, by number."""
    exact = tuple(f"{cells / CELLS_PER_S:.2f}" for cells in range(EXACT_CELLS + 1))
    ranges = zip(_LOWER_CELLS, _UPPER_CELLS, strict=True)
    return exact + tuple(f"{lower / CELLS_PER_S:.2f}-{upper / CELLS_PER_S:.2f}" for lower, upper in ranges)


def velocity_bin(velocity: int) -> int:
    """The bin, 0 to 31, of a velocity from 1 to 127."""
    return (min(max(velocity, 1), 127) - 1) // VELOCITIES_PER_BIN


def velocity_of(number: int) -> int:
    """The velocity, the middle one, that a bin stands for."""
    return number * VELOCITIES_PER_BIN + 2


def velocity_names() -> tuple[str, ...]:
    """The velocities that the bins stand for, by number."""
    return tuple(f"v{velocity_of(number)}" for number in range(VELOCITY_BINS))
