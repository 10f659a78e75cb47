"""What the loop waits for, in real time and from a script."""

from collections.abc import Callable
from threading import Thread

from realtime.engine.clock import SetClock, SteadyClock
from realtime.engine.inbox import WOKEN_LATE_S, Incoming, LiveInbox, ScriptInbox
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


class Passing:
    """A clock that goes on a little with each look; at one of them, something happens."""

    def __init__(self, happens: Callable[[], None], look: int) -> None:
        self.at, self._happens, self._look = 0.0, happens, look

    def now(self) -> float:
        self.at += 0.25 * WOKEN_LATE_S
        self._look -= 1
        if self._look == 0:
            self._happens()
        return self.at


def test_live_an_alarm_is_waited_for_awake_at_last_and_never_rings_early() -> None:
    clock = Passing(lambda: None, 0)
    assert LiveInbox(clock).next(WOKEN_LATE_S) is None
    assert clock.at >= WOKEN_LATE_S


def test_live_what_comes_while_it_is_waited_for_awake_is_handed_out_before_the_alarm() -> None:
    clock = Passing(lambda: inbox.put(Panic(0.0)), 4)
    inbox = LiveInbox(clock)
    assert inbox.next(WOKEN_LATE_S) == Panic(0.0)
    assert inbox.next(WOKEN_LATE_S) is None


def turned(at: float, value: int, controller: int = 1, source: int = 1) -> Incoming:
    return Incoming(at, source, bytes((0xB0, controller, value)))


def turning(clock: SetClock) -> LiveInbox:
    return LiveInbox(clock, lambda message: message[1] < 10)


def test_of_a_knob_that_is_turned_fast_only_the_newest_waits() -> None:
    clock = SetClock(5.0)
    inbox = turning(clock)
    for value in range(100):
        inbox.put(turned(5.0, value))
    assert inbox.next(5.0) == turned(5.0, 99)
    assert inbox.next(5.0) is None


def test_a_knob_is_handed_out_fifty_times_a_second_and_its_last_value_always() -> None:
    clock = SetClock(5.0)
    inbox, got = turning(clock), []
    for place in range(1000):
        clock.set(5.0 + place / 5000)
        inbox.put(turned(clock.now(), place % 128))
        got.append(inbox.next(clock.now()))
    clock.set(6.0)
    got.append(inbox.next(6.0))
    values = [item.message[2] for item in got if isinstance(item, Incoming)]
    assert 9 <= len(values) <= 12
    assert values[-1] == 999 % 128


def test_a_note_goes_before_a_knob_and_other_knobs_and_inputs_are_others() -> None:
    clock = SetClock(5.0)
    inbox = turning(clock)
    note = Incoming(5.0, 1, b"\x90\x3c\x50")
    for item in (turned(5.0, 1), turned(5.0, 2, controller=2), turned(5.0, 3, source=2), note):
        inbox.put(item)
    assert inbox.next(5.0) == note
    rest = [inbox.next(5.0) for _ in range(3)]
    assert rest == [turned(5.0, 1), turned(5.0, 2, controller=2), turned(5.0, 3, source=2)]


def test_what_turns_no_knob_comes_out_message_by_message() -> None:
    inbox = turning(SetClock(5.0))
    sent = [turned(5.0, value, controller=64) for value in (127, 0, 127, 0)]
    for item in sent:
        inbox.put(item)
    assert [inbox.next(5.0) for _ in sent] == sent


def test_live_a_knob_put_in_while_nobody_is_woken_for_knobs_still_comes_out() -> None:
    inbox = LiveInbox(SteadyClock(), lambda _: True)
    for value in range(5):
        Thread(target=inbox.put, args=(turned(0.0, value),)).start()
        assert inbox.next(None) == turned(0.0, value)


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
