"""What comes back: suspected by its order, proven by a probe, and then left out just once for each message.

Loops around the whole instrument are in test_loop.py.
"""

from random import Random

import pytest

from music.pedal import SILENT_KEYBOARD, Keyboard
from realtime.engine.echoes import (
    FEWEST_IN_ORDER,
    LONGEST_LOOP_S,
    MISSED_BEFORE_OVER,
    MODEL,
    REMEMBERED,
    Echoes,
    LoopNews,
)

ON, OFF = b"\x90\x3c\x50", b"\x80\x3c\x40"


def nothing_held(_: int, __: int) -> Keyboard | None:
    return SILENT_KEYBOARD


def never_played(_: int, __: int) -> Keyboard | None:
    return None


def holding_60(_: int, __: int) -> Keyboard | None:
    return Keyboard(held=1 << 60)


def controller(place: int) -> bytes:
    return bytes((0xB0, 11, place))


def suspecting(source: int = 2) -> Echoes:
    echoes = Echoes(Random(1))
    for place in range(FEWEST_IN_ORDER):
        echoes.sent(controller(place), 1.0 + place, 1)
        assert not echoes.is_echo(controller(place), 1.1 + place, source, nothing_held)
    return echoes


def proven(delay_s: float = 0.1) -> Echoes:
    echoes = suspecting()
    probe = echoes.probe(2, 10.0, 5)
    for message in probe:
        echoes.sent(message, 10.0, MODEL)
    assert echoes.is_echo(probe[0], 10.0 + delay_s, 2, nothing_held)
    return echoes


@pytest.mark.parametrize(
    ("message", "source", "keyboard", "is_left_out"),
    [
        (ON, 2, nothing_held, True),  # two keyboards don't strike one key just as hard at one moment
        (ON, 1, nothing_held, False),  # a finger may
        (ON, 1, holding_60, True),  # but not while it holds the key
        (OFF, 1, nothing_held, True),
        (OFF, 1, holding_60, False),
        (controller(3), 2, nothing_held, False),
        (b"\xe0\x00\x40", 2, nothing_held, False),
        (b"\xf8", 2, nothing_held, False),
    ],
)
def test_only_what_no_hand_can_do_is_left_out_without_proof(
    message: bytes, source: int, keyboard: object, is_left_out: bool
) -> None:
    echoes = Echoes()
    echoes.sent(message, 1.0, 1)
    assert echoes.is_echo(message, 1.02, source, keyboard) is is_left_out  # type: ignore[arg-type]
    assert not echoes.is_echo(message, 1.05, source, holding_60 if message == OFF else nothing_held)
    assert echoes.count == is_left_out


def test_where_the_player_never_played_what_the_model_played_is_the_model_s_however_late() -> None:
    echoes = Echoes()
    echoes.sent(ON, 1.0, MODEL)
    assert echoes.is_echo(ON, 2.5, 2, never_played)
    assert not echoes.is_echo(ON, 2.5, 2, nothing_held)
    assert not echoes.is_echo(ON, 1.0 + LONGEST_LOOP_S, 2, never_played)


def test_messages_in_the_order_of_sending_raise_a_suspicion_and_others_none() -> None:
    assert len(suspecting().probe(2, 10.0, 5)) == 2
    echoes = Echoes()
    for place in range(10):
        echoes.sent(controller(place), 1.0, 1)
    for place in reversed(range(10)):
        echoes.is_echo(controller(place), 1.1, 2, nothing_held)
    assert echoes.probe(2, 1.2, 5) == ()


def test_a_probe_is_heard_by_nobody_and_sent_ever_more_seldom() -> None:
    echoes = suspecting()
    release, turned = echoes.probe(2, 10.0, 5)
    assert (release[0], turned[:2]) == (0x85, b"\xb5\x77")
    assert release[1] < 12
    for at, is_sent in ((13.9, False), (14.1, True), (20.0, False), (22.2, True)):
        for place in range(2 * FEWEST_IN_ORDER):
            echoes.sent(controller(place), at - 0.1, 1)
            echoes.is_echo(controller(place), at, 2, nothing_held)
        assert bool(echoes.probe(2, at, 5)) is is_sent


def test_a_probe_that_comes_back_proves_the_loop_and_says_how_long_it_is() -> None:
    (news,) = proven(0.3).news()
    assert news == LoopNews(2, pytest.approx(0.3))


def test_a_probe_that_comes_back_far_too_late_is_left_out_and_proves_nothing() -> None:
    echoes = suspecting()
    probe = echoes.probe(2, 10.0, 5)
    assert echoes.is_echo(probe[0], 10.0 + LONGEST_LOOP_S, 2, nothing_held)
    assert not echoes.has_news


def test_in_a_proven_loop_each_message_is_left_out_once_on_that_input_alone() -> None:
    echoes = proven()
    echoes.sent(controller(9), 20.0, 1)
    assert not echoes.is_echo(controller(9), 20.1, 3, nothing_held)
    assert echoes.is_echo(controller(9), 20.1, 2, nothing_held)
    assert not echoes.is_echo(controller(9), 20.11, 2, nothing_held)


def test_in_a_proven_loop_what_comes_far_from_its_moment_is_the_player_s() -> None:
    echoes = proven()
    echoes.sent(controller(9), 20.0, 1)
    assert not echoes.is_echo(controller(9), 20.5, 2, nothing_held)


def test_a_loop_in_which_nothing_comes_back_any_more_is_over() -> None:
    echoes = proven()
    echoes.news()
    for place in range(MISSED_BEFORE_OVER):
        echoes.sent(controller(place), 20.0 + place, 1)
    assert not echoes.is_echo(ON, 99.0, 2, nothing_held)
    assert echoes.news() == [LoopNews(2, None)]


def test_of_too_much_that_was_sent_the_oldest_is_forgotten_and_the_newest_is_not() -> None:
    echoes = Echoes(Random(1))
    echoes.sent(ON, 1.0, 1)
    for number in range(REMEMBERED):
        echoes.sent(number.to_bytes(3, "big"), 2.0 + number / 10000, 1)
    assert not echoes.is_echo(ON, 1.01, 2, nothing_held)
    echoes.sent(ON, 3.0, 1)
    echoes.sent(b"one more", 3.0, 1)
    assert echoes.is_echo(ON, 3.01, 2, nothing_held)


def test_what_is_remembered_does_not_grow() -> None:
    echoes = proven()
    for number in range(3 * REMEMBERED):
        echoes.sent(number.to_bytes(3, "big"), 20.0 + number / 1000, 1)
    assert len(echoes._last) <= REMEMBERED
    assert len(echoes._log) <= REMEMBERED
    assert all(len(port.expected) <= REMEMBERED for port in echoes._loops)
