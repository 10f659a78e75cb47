"""The system is asked to serve the instrument first, and not being allowed to changes nothing else."""

import os
from threading import Thread

import pytest

from realtime.priority import be_ordinary, urgent

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="nothing is asked for here")


def test_threads_that_start_meanwhile_are_as_urgent_and_afterwards_all_is_as_before() -> None:
    policies: list[int] = []
    with urgent() as agreed:
        thread = Thread(target=lambda: policies.append(os.sched_getscheduler(0)))
        thread.start()
        thread.join()
    assert policies == [os.SCHED_RR if agreed else os.SCHED_OTHER]
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_where_it_is_not_allowed_it_goes_on_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("not for you")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    with urgent() as agreed:
        assert not agreed
    be_ordinary()
