"""The system is asked to serve the instrument first, and not being allowed to changes nothing else."""

import ctypes
import os
import sys
from pathlib import Path
from threading import Thread, get_native_id

import pytest

from realtime.priority import LEAST_SLACK_NS, be_ordinary, timer_slack_ns, urgent

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="nothing is asked for here")
has_slack = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a timer slack")


def refuse(*_: object) -> None:
    raise PermissionError("not for you")


def test_threads_that_start_meanwhile_are_as_urgent_and_afterwards_all_is_as_before() -> None:
    policies: list[int] = []
    with urgent() as agreed:
        thread = Thread(target=lambda: policies.append(os.sched_getscheduler(0)))
        thread.start()
        thread.join()
    assert policies == [os.SCHED_RR if agreed else os.SCHED_OTHER]
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_where_it_is_not_allowed_it_goes_on_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    with urgent() as agreed:
        assert not agreed
    be_ordinary()


def slack_as_the_system_says() -> int:
    return int(Path(f"/proc/{get_native_id()}/timerslack_ns").read_text())


@has_slack
def test_whoever_may_not_go_first_sleeps_no_longer_than_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    before, meanwhile = slack_as_the_system_says(), list[int]()
    with urgent():
        thread = Thread(target=lambda: meanwhile.append(slack_as_the_system_says()))
        thread.start()
        thread.join()
        meanwhile.append(slack_as_the_system_says())
        assert timer_slack_ns() == LEAST_SLACK_NS
    assert meanwhile == [LEAST_SLACK_NS] * 2
    assert slack_as_the_system_says() == before != LEAST_SLACK_NS


@has_slack
def test_a_program_that_an_urgent_one_started_can_sleep_as_others_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    before = slack_as_the_system_says()
    with urgent():
        be_ordinary()
        assert slack_as_the_system_says() == before


@pytest.mark.parametrize("library", [None, object()], ids=["another system", "a C library without it"])
def test_where_there_is_no_timer_slack_it_goes_on_as_it_is(
    monkeypatch: pytest.MonkeyPatch, library: object
) -> None:
    if library is None:
        monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    with urgent():
        assert timer_slack_ns() is None
    be_ordinary()
