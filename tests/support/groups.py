"""Tests that get in each other's way, or share something dear, are run by a single process.

`pytest-xdist` hands tests out by the name of their group, which it writes behind the name of the test
(`--dist loadgroup`): version 3.8 writes it where pytest 9.2 no longer reads it, and then no group holds. Here
it is written where either reads it.

A fixture with a wider scope than the test makes a group of those that use it, or each process would make it.

It would hand out those groups first that have most tests. But a test of another program mostly waits, which
leaves time to those that compute: it comes first, and they beside it. And a long test that comes last keeps
one process at work while the others have nothing to do.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import pytest

# Marker -> group: two servers or browsers side by side make each other late, and clients of two JACK servers
# that have the same name take each other's sockets. They are handed out in this order.
ONE_AT_A_TIME = {"jack": "jack", "browser": "browser", "firefox": "browser"}
_WAITING = [*dict.fromkeys(ONE_AT_A_TIME.values())]

Grouped = tuple[pytest.Item, str | None]


def keep_groups_together(items: list[pytest.Item], *, are_handed_out: bool) -> None:
    """Name the group of each test where it counts, and put the tests in the order of handing out."""
    grouped = [(item, _group_of(item)) for item in items]
    for item, group in grouped:
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))
    if are_handed_out:
        items[:] = [item for item, _ in sorted(grouped, key=_place_among(grouped))]
        for item, group in grouped:
            _name_the_group(item, group)


def waits_for_a_program(item: pytest.Item) -> bool:
    """Whether a test is of a program of which only one may run."""
    return any(item.get_closest_marker(marker) for marker in ONE_AT_A_TIME)


def _group_of(item: pytest.Item) -> str | None:
    """A program counts before a name that is given, and that before what tests share."""
    programs = [group for marker, group in ONE_AT_A_TIME.items() if item.get_closest_marker(marker)]
    named = [str(mark.args[0]) for mark in item.iter_markers("xdist_group")]
    return next(iter([*programs, *named, *_place_that_shares(item)]), None)


def _place_that_shares(item: pytest.Item) -> list[str]:
    """The file, or the room, where something is made once for all tests that use it; the nearest first."""
    fixtures = getattr(item, "_fixtureinfo", None)
    used = [one for all_of_it in fixtures.name2fixturedefs.values() for one in all_of_it] if fixtures else []
    places = {one.baseid for one in used if one.scope != "function" and one.baseid}
    return sorted(places, key=len, reverse=True)


def _place_among(grouped: Sequence[Grouped]) -> Callable[[Grouped], tuple[int, int, str, bool]]:
    """Who waits for a program; the other groups, those with most tests first; slow tests; all others."""
    sizes = Counter(group for _, group in grouped)

    def place(one: Grouped) -> tuple[int, int, str, bool]:
        item, group = one
        if group is None:
            return len(_WAITING), 0, "", item.get_closest_marker("slow") is None
        return _WAITING.index(group) if group in _WAITING else len(_WAITING), -sizes[group], group, False

    return place


def _name_the_group(item: pytest.Item, group: str | None) -> None:
    if group is not None and hasattr(item, "_id"):  # pytest before 9.2 reads what xdist writes
        item._id = type(item._id).parse(f"{item.nodeid}@{group}")
