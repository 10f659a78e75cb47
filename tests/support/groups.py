"""Tests that get in each other's way, or share something dear, are run by a single process.

`pytest-xdist` hands tests out by the name of their group, which it writes behind the name of the test
(`--dist loadgroup`): version 3.8 writes it where pytest 9.2 no longer reads it, and then no group holds. Here
it is written where either reads it.
"""

from collections.abc import Iterable

import pytest

# Marker -> group: two servers or browsers side by side make each other late, and clients of two JACK servers
# that have the same name take each other's sockets.
ONE_AT_A_TIME = {"jack": "jack", "browser": "browser", "firefox": "browser"}


def keep_groups_together(items: Iterable[pytest.Item], *, are_handed_out: bool) -> None:
    """Mark the tests that need a program of which only one may run, and name each group where it counts."""
    for item in items:
        for group in {group for marker, group in ONE_AT_A_TIME.items() if item.get_closest_marker(marker)}:
            item.add_marker(pytest.mark.xdist_group(group))
        if are_handed_out:
            _name_the_group(item)


def _name_the_group(item: pytest.Item) -> None:
    groups = sorted({str(mark.args[0]) for mark in item.iter_markers("xdist_group")})
    if groups and hasattr(item, "_id"):  # pytest before 9.2 reads what xdist writes
        item._id = type(item._id).parse(f"{item.nodeid}@{'_'.join(groups)}")
