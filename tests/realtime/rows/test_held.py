"""What is held for long is named, with the remedy: keys by their names, the pedal as the pedal."""

from dataclasses import replace

import pytest

from realtime.performer.events import KeyDown, PedalMoved
from realtime.performer.player.hands import Held
from realtime.performer.rules import Rules
from realtime.rows.held import left_alone_words, waiting_words
from tests.support.performing import Performing, struck


def test_a_key_is_named_once_it_has_been_held_for_long() -> None:
    performing = Performing()
    performing.take(KeyDown(10.0, 55, 80))
    assert waiting_words(performing.state, performing.rules) is None
    performing.wake()
    assert waiting_words(performing.state, performing.rules) == "waiting for G3 to be let go"


@pytest.mark.parametrize(
    ("pitches", "words"),
    [
        ((60, 64), "waiting for C4 and E4 to be let go"),
        ((60, 64, 67), "waiting for C4, E4 and G4 to be let go"),
        ((60, 64, 67, 72), "waiting for 4 keys to be let go"),
    ],
)
def test_a_few_keys_are_named_and_many_are_counted(pitches: tuple[int, ...], words: str) -> None:
    performing = Performing()
    performing.take(*(KeyDown(10.0, pitch, 80) for pitch in pitches))
    performing.wake()
    assert waiting_words(performing.state, performing.rules) == words


def test_where_the_pedal_alone_holds_it_is_the_pedal() -> None:
    performing = Performing()
    performing.take(PedalMoved(9.0, 127), *struck([60, 62]))
    performing.wake()
    assert waiting_words(performing.state, performing.rules) == "waiting for the pedal to be lifted"


def test_in_another_phase_nothing_is_waited_for() -> None:
    performing = Performing()
    performing.take(KeyDown(10.0, 55, 80))
    performing.wake_until(30.0)
    assert waiting_words(replace(performing.state, now=99.0), performing.rules) is None


@pytest.mark.parametrize(
    ("held", "begins", "ends"),
    [
        (Held((55,)), "G3 stayed down for 8 s", "if it should be up, play it again or press panic"),
        (Held((), by_pedal=True), "the pedal stayed down", "play it again or press panic"),
        (
            Held((55,), by_pedal=True),
            "G3 and the pedal stayed",
            "play them again or press panic",
        ),
    ],
)
def test_what_is_left_alone_comes_with_the_remedy(held: Held, begins: str, ends: str) -> None:
    words = left_alone_words(held, Rules(longest_hold_s=8.0))
    assert words.startswith(begins)
    assert words.endswith(ends)
