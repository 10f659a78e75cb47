"""Tests of another program, which may have had no time on a busy machine, are tried once more when they fail.

The end of the run lists what failed first under RERUN: a flake to be mended. Tests of our own code alone are
never tried twice.
"""

from collections.abc import Iterable

import pytest


def try_once_more(items: Iterable[pytest.Item], markers: Iterable[str]) -> None:
    """Let each test that has one of the markers fail once."""
    among = tuple(markers)
    for item in items:
        if any(item.get_closest_marker(marker) for marker in among):
            item.add_marker(pytest.mark.flaky(reruns=1))
