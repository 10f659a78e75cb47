"""What the loop waits for, in real time and from a script."""

from threading import Thread

from realtime.engine.clock import SetClock, SteadyClock
from realtime.engine.inbox import LiveInbox, ScriptInbox
from realtime.performer.events import KeyDown, KeyUp, Panic, Stopped

SCRIPT = (KeyDown(1.0, 60, 80), KeyUp(2.0, 60))


def test_live_what_another_thread_puts_in_comes_out() -> None:
    inbox = LiveInbox(SteadyClock())
    Thread(target=inbox.put, args=(Panic(1.0),)).start()
    assert inbox.next(None) == Panic(1.0)


def test_live_an_alarm_that_has_passed_rings_at_once_but_after_what_has_come() -> None:
    inbox = LiveInbox(SetClock(5.0))
    inbox.put(Panic(4.9))
    assert inbox.next(4.0) == Panic(4.9)
    assert inbox.next(4.0) is None


def test_a_script_runs_on_its_own_time_and_then_ends() -> None:
    clock = SetClock()
    inbox = ScriptInbox(SCRIPT, clock)
    assert inbox.next(None) == SCRIPT[0]
    assert clock.now() == 1.0
    assert inbox.next(1.5) is None
    assert clock.now() == 1.5
    assert inbox.next(2.0) == SCRIPT[1]  # an event comes before an alarm of the same moment
    assert inbox.next(2.0) is None
    assert inbox.next(None) == Stopped(2.0)


def test_what_comes_from_outside_interrupts_the_script() -> None:
    inbox = ScriptInbox(SCRIPT, SetClock())
    inbox.put(Panic(0.0))
    assert inbox.next(None) == Panic(0.0)
    assert inbox.next(None) == SCRIPT[0]


class Hasty:
    """A real clock that is always past every moment, so that nothing is waited for."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        self.at += 1000.0
        return self.at


def test_at_its_own_pace_the_script_has_the_same_moments() -> None:
    moments = []
    for real in (None, Hasty()):
        clock = SetClock()
        inbox = ScriptInbox(SCRIPT, clock, real)
        taken = [(inbox.next(until), clock.now()) for until in (None, 1.5, 2.0, 2.0, None)]
        moments.append(taken)
    assert moments[0] == moments[1]
