"""A process steps aside once, and from where it is: it never asks to go before others again."""

import os

import pytest

from tests.support.aside import LOWER_BY, step_aside


@pytest.mark.parametrize(("before", "after"), [(0, LOWER_BY), (4, LOWER_BY), (15, 15)])
def test_it_steps_aside_once(before: int, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    at = [before]

    def nice(lower_by: int) -> int:
        assert lower_by >= 0
        at.append(at[-1] + lower_by)
        return at[-1]

    monkeypatch.setattr(os, "nice", nice, raising=False)
    step_aside()
    step_aside()
    assert at[-1] == after
