"""Runs that stand in other rows of numbers: all rows laid end to end, and every place in them put in order.

Each place is known by what follows it, and places that are neighbours in that order go on alike for longest.
So one sorting finds the longest run of thousands of rows among a million numbers. The order comes by
doubling: runs of 1, 2, 4, ... numbers get a name each, a longer one's made of the names of its halves. Knows
rows of whole numbers. Must not know what they stand for.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Row = Sequence[int]
_Numbers = NDArray[np.int64]


def longest_standing(rows: Sequence[Row], others: Sequence[Row]) -> list[int]:
    """For each row, how many numbers the longest run has that stands in any of the others too."""
    longest = max(map(len, rows), default=0)
    if not longest or not any(map(len, others)):
        return [0] * len(rows)
    names = _names(_end_to_end(rows, others), longest)
    ours = sum(len(row) + 1 for row in rows)  # those places come first
    alike = _longest_alike(names, ours)
    begins = np.cumsum([0, *(len(row) + 1 for row in rows)])
    return [
        int(alike[begin : begin + len(row)].max(initial=0)) for row, begin in zip(rows, begins, strict=False)
    ]


def _end_to_end(rows: Sequence[Row], others: Sequence[Row]) -> _Numbers:
    """All numbers as places in a list without gaps; after each row a number that is nobody else's, so that no
    run goes on beyond it: one for all rows, another for all others."""
    after_row = min(map(min, filter(len, chain(rows, others)))) - 2
    after_other = after_row + 1
    laid = [
        *chain.from_iterable((*row, after_row) for row in rows),
        *chain.from_iterable((*row, after_other) for row in others),
    ]
    return np.unique(np.array(laid, np.int64), return_inverse=True)[1].astype(np.int64)


def _names(numbers: _Numbers, longest: int) -> list[_Numbers]:
    """Of the runs of 1, 2, 4, ... numbers that begin at each place a name, in the order of the runs, until
    they are as long as the longest row. What would reach beyond the end goes on with nothing, which is 0."""
    names = [numbers + 1]
    length = 1
    while length < longest:
        first = names[-1]
        second = np.concatenate([first[length:], np.zeros(min(length, len(first)), np.int64)])
        both = first * (len(first) + 2) + second
        names.append(np.unique(both, return_inverse=True)[1].astype(np.int64) + 1)
        length *= 2
    return names


def _longest_alike(names: Sequence[_Numbers], ours: int) -> _Numbers:
    """For each of our places, for how many numbers it goes on like any of the others' places: the one before
    it in the order, or the one after."""
    order = np.argsort(names[-1], kind="stable")
    place = np.arange(len(order))
    is_other = order >= ours
    before = np.maximum.accumulate(np.where(is_other, place, -1))
    after = np.minimum.accumulate(np.where(is_other, place, len(order))[::-1])[::-1]
    our_places = np.flatnonzero(~is_other)
    alike = np.zeros(ours, np.int64)
    for neighbour in (before[our_places], after[our_places]):
        has_one = (neighbour >= 0) & (neighbour < len(order))
        mine, theirs = order[our_places[has_one]], order[neighbour[has_one]]
        alike[mine] = np.maximum(alike[mine], _alike(names, mine, theirs))
    return alike


def _alike(names: Sequence[_Numbers], one: _Numbers, other: _Numbers) -> _Numbers:
    """For how many numbers pairs of places go on alike."""
    count = np.zeros(len(one), np.int64)
    for power in reversed(range(len(names))):
        name = names[power]
        inside = (one + count < len(name)) & (other + count < len(name))
        same = np.zeros(len(one), bool)
        same[inside] = name[(one + count)[inside]] == name[(other + count)[inside]]
        count += same.astype(np.int64) << power
    return count
