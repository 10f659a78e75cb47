"""What comes back: suspected by its order, proven by a probe, and then left out just once for each message.

Loops around the whole instrument are in test_loop.py.
"""

from itertools import pairwise
from random import Random

import pytest

from music.pedal import SILENT_KEYBOARD, Keyboard
from realtime.engine.echoes import (
    FEWEST_COMPARED,
    FEWEST_IN_ORDER,
    FIRST_PAUSE_S,
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
        (ON, 2, nothing_held, True),  # nothing says yet that anybody plays there
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


def struck_elsewhere(echoes: Echoes, repeated_on: int | None = None) -> Echoes:
    """Four strikes for input 1, which another input repeats, or nobody."""
    for place in range(FEWEST_COMPARED):
        strike = bytes((0x90, 40 + place, 64))
        echoes.sent(strike, 1.0 + place, 1)
        if repeated_on is not None:
            assert echoes.is_echo(strike, 1.01 + place, repeated_on, nothing_held)
    return echoes


def test_where_somebody_plays_the_same_key_just_as_hard_at_once_is_theirs_and_a_probe_sees_to_it() -> None:
    echoes = struck_elsewhere(Echoes(Random(1)))
    assert not echoes.suspects(2, 9.0)
    for place, pitch in enumerate((60, 64)):  # a chord in both
        echoes.sent(bytes((0x90, pitch, 80)), 9.0 + place / 1000, 1)
    for pitch in (60, 64):
        assert not echoes.is_echo(bytes((0x90, pitch, 80)), 9.02, 2, nothing_held)
    assert echoes.suspects(2, 9.02)
    release, _ = echoes.probe(2, 9.02, 5)
    assert not echoes.suspects(2, 9.03)
    echoes.sent(release, 9.02, MODEL)
    assert echoes.is_echo(release, 9.03, 2, nothing_held)
    (news,) = echoes.news()
    assert news.struck == {(0, 60), (0, 64)}  # had it been an echo, they would be let go at once


def test_an_input_that_repeats_what_is_struck_elsewhere_is_played_by_nobody() -> None:
    echoes = struck_elsewhere(Echoes(), repeated_on=2)
    echoes.sent(ON, 9.0, 1)
    assert echoes.is_echo(ON, 9.01, 2, nothing_held)
    assert not echoes.is_echo(ON, 9.02, 3, nothing_held)  # another input that has repeated nothing


def test_whoever_always_plays_in_unison_is_probed_every_few_seconds_at_most() -> None:
    echoes, probed_at = struck_elsewhere(Echoes(Random(1))), []
    for place in range(100):
        at = 10.0 + place * 0.25
        if place % 4 == 0:
            for pitch in (60, 64):
                echoes.sent(bytes((0x90, pitch, place)), at, 1 if pitch == 60 else 3)
            echoes.is_echo(bytes((0x90, 60, place)), at + 0.01, 2, nothing_held)
        echoes.sent(bytes((0x90, 70 + place % 20, 1 + place)), at + 0.1, 1)
        probed_at += [at] if echoes.probe(2, at + 0.01, 5) else []
    assert len(probed_at) > 1
    assert all(later - sooner >= FIRST_PAUSE_S for sooner, later in pairwise(probed_at))
