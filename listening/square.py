"""Who hears what, and when: Latin squares, so that no condition gains by the music it met or by its turn.

A test has items (calls) and conditions (who plays, and how it is heard). A listener hears each item once and
each condition equally often; over as many listeners as there are conditions, each item is heard in each.
Within a block of as many clips as there are conditions, a condition's turn and its predecessor are balanced
as well (Williams' square). Must not know what items and conditions are.
"""

from collections.abc import Sequence

Place = tuple[int, int]  # item, condition


def heard_by(listener: int, items: int, conditions: int) -> list[Place]:
    """All that a listener hears, in order; `items` is a multiple of `conditions`."""
    if items % conditions or not items:
        raise ValueError(f"{items} items don't fill blocks of {conditions}")
    blocks, rows = items // conditions, orders(conditions)
    found = []
    for place in range(blocks):
        block = (place + listener // len(rows)) % blocks
        row = rows[(listener + place) % len(rows)]
        found += [(block * conditions + (turn + listener) % conditions, turn) for turn in row]
    return found


def orders(conditions: int) -> list[list[int]]:
    """Orders in which each condition stands in each turn, and follows each other one, equally often."""
    if conditions == 1:
        return [[0]]
    first = [(turn + 1) // 2 if turn % 2 else -(turn // 2) for turn in range(conditions)]
    rows = [[(one + shift) % conditions for one in first] for shift in range(conditions)]
    return rows + [row[::-1] for row in rows] if conditions % 2 else rows


def rounds(places: Sequence[Place], together: int) -> list[tuple[Place, ...]]:
    """What is heard, so many at once; the last round may have fewer."""
    return [tuple(places[begin : begin + together]) for begin in range(0, len(places), together)]
