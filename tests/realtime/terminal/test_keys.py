"""The computer's keys as a piano: which key plays what, for how long, and what a held key does."""

import pytest

from realtime.knobs import BUTTONS
from realtime.performer.events import Event, HandOverNow, KeyDown, KeyUp, Panic, PedalMoved, Stopped
from realtime.rows.turned import Pressed
from realtime.terminal.keys import (
    ACCENT,
    COMMANDS,
    FUNCTION_KEYS,
    HELP,
    LOWER_ROW,
    PRESSED,
    SOUNDS_FOR_S,
    UPPER_ROW,
    VELOCITY,
    ComputerKeys,
)


class Playing:
    """Keys pressed, and the events they made."""

    def __init__(self) -> None:
        self.events: list[Event | Pressed] = []
        self.keys = ComputerKeys(self.events.append)

    def press(self, keys: str | list[str], at: float = 1.0, every_s: float = 0.2) -> "Playing":
        for place, key in enumerate(keys):
            self.keys.pass_time(at + place * every_s)
            self.keys.press(key, at + place * every_s)
        return self

    @property
    def pitches(self) -> list[int]:
        return [event.pitch for event in self.events if isinstance(event, KeyDown)]


def test_the_rows_are_the_white_and_black_keys_of_a_piano() -> None:
    assert Playing().press("zsxdcvgbhnjm,").pitches == list(range(48, 61))
    assert Playing().press("q2w3er5t6y7ui").pitches == list(range(60, 73))


def test_a_note_is_let_go_after_its_set_time_at_its_own_moment() -> None:
    playing = Playing().press("z")
    assert playing.keys.next_release == pytest.approx(1.0 + SOUNDS_FOR_S)
    playing.keys.pass_time(1.0 + SOUNDS_FOR_S - 0.01)
    assert len(playing.events) == 1
    playing.keys.pass_time(9.0)
    assert playing.events[-1] == KeyUp(1.0 + SOUNDS_FOR_S, 48)
    assert playing.keys.next_release is None


def test_a_key_held_down_repeats_as_one_long_note() -> None:
    playing = Playing().press("z" * 20, every_s=0.03)
    assert playing.pitches == [48]
    playing.keys.pass_time(9.0)
    assert playing.events[-1] == KeyUp(pytest.approx(1.0 + 19 * 0.03 + SOUNDS_FOR_S), 48)


def test_a_key_pressed_again_by_a_finger_is_struck_again() -> None:
    playing = Playing().press("zz", every_s=0.15)
    assert playing.events == [
        KeyDown(1.0, 48, VELOCITY),
        KeyUp(1.15, 48),
        KeyDown(1.15, 48, VELOCITY),
    ]


def test_shift_plays_louder_on_letters_signs_and_digits() -> None:
    playing = Playing().press("zZ,<2@")
    assert [(e.pitch, e.velocity) for e in playing.events if isinstance(e, KeyDown)] == [
        (48, VELOCITY),
        (48, ACCENT),
        (60, VELOCITY),
        (60, ACCENT),
        (61, VELOCITY),
        (61, ACCENT),
    ]


def test_octaves_shift_and_stop_at_the_ends() -> None:
    playing = Playing()
    for _ in range(20):
        playing.keys.press("\x1b[C", 1.0)
    assert max(playing.press("p").pitches) <= 127
    for _ in range(20):
        playing.keys.press("[", 2.0)
    assert playing.press("z", at=3.0).pitches[-1] == 24


def test_octave_keys_move_by_an_octave() -> None:
    playing = Playing().press("z").press("]z", at=2.0).press("[[z", at=3.0)
    assert playing.pitches == [48, 60, 36]


def test_space_treads_and_lifts_the_pedal() -> None:
    assert Playing().press("  ").events == [PedalMoved(1.0, 127), PedalMoved(1.2, 0)]


def test_enter_lets_go_and_hands_over() -> None:
    playing = Playing().press("z\n", every_s=0.1)
    assert playing.events[1:] == [KeyUp(1.1, 48), HandOverNow(1.1)]


def test_escape_lets_go_of_keys_and_pedal_and_silences() -> None:
    playing = Playing().press(" z\x1b", every_s=0.1)
    assert playing.events[2:] == [KeyUp(1.2, 48), PedalMoved(1.2, 0), Panic(1.2)]
    assert not playing.keys.pedal_down


def test_the_end_of_the_input_stops() -> None:
    assert Playing().press("\x04").events == [Stopped(1.0)]


@pytest.mark.parametrize("key", ["ä", "\x1b[20~", "", "€", "'"])
def test_a_key_that_is_not_on_the_piano_does_nothing(key: str) -> None:
    playing = Playing()
    playing.keys.press(key, 1.0)
    assert playing.events == []


@pytest.mark.parametrize(
    ("key", "lowest"),
    [("[", 36), ("\x1b[D", 36), ("\x1b[B", 36), ("]", 60), ("\x1b[C", 60), ("\x1b[A", 60)],
)
def test_brackets_and_arrows_both_change_the_octave(key: str, lowest: int) -> None:
    playing = Playing()
    playing.keys.press(key, 1.0)
    assert playing.keys.lowest == lowest
    assert playing.events == []


def test_a_note_of_the_octave_before_is_let_go_where_it_was_struck() -> None:
    playing = Playing().press("z]", every_s=0.1)
    playing.keys.pass_time(9.0)
    assert playing.events == [KeyDown(1.0, 48, VELOCITY), KeyUp(1.0 + SOUNDS_FOR_S, 48)]


def test_notes_that_overlap_are_let_go_in_the_order_of_their_ends() -> None:
    playing = Playing().press("bz", every_s=0.1)
    assert playing.keys.next_release == 1.0 + SOUNDS_FOR_S
    playing.keys.pass_time(9.0)
    assert [(event.pitch, event.at) for event in playing.events if isinstance(event, KeyUp)] == [
        (55, 1.0 + SOUNDS_FOR_S),
        (48, 1.1 + SOUNDS_FOR_S),
    ]


@pytest.mark.parametrize("key", ["\x1b", "\x7f", "\b"])
def test_with_nothing_held_silence_is_just_asked_for(key: str) -> None:
    assert Playing().press(key).events == [Panic(1.0)]


def test_every_event_says_which_keyboard_it_is() -> None:
    events: list[Event] = []
    keys = ComputerKeys(events.append, source=3)
    for place, key in enumerate("z \x1b"):
        keys.press(key, 1.0 + place / 10)
    assert [type(event) for event in events] == [KeyDown, PedalMoved, KeyUp, PedalMoved, Panic]
    sources = {event.source for event in events if isinstance(event, KeyDown | KeyUp | PedalMoved)}
    assert sources == {3}


def test_the_help_fits_a_terminal_of_eighty_columns() -> None:
    assert max(map(len, HELP.splitlines())) <= 80


def test_tab_wishes_for_the_next_model_and_lets_no_note_go() -> None:
    playing = Playing().press("z\t", every_s=0.1)
    assert playing.events == [KeyDown(1.0, 48, VELOCITY), Pressed(1.1, "next-model")]


def test_f12_asks_for_another_link_and_plays_nothing() -> None:
    asked: list[bool] = []
    playing = Playing()
    playing.keys.on_another_link = lambda: asked.append(True)
    assert playing.press(["\x1b[24~"]).events == []
    assert asked == [True]
    assert "F12" in HELP


def test_every_command_but_those_with_keys_of_their_own_has_a_key_that_plays_no_note() -> None:
    assert {*PRESSED.values()} == BUTTONS.keys() - {"hand-over", "panic"}
    for key, name in COMMANDS.items():
        assert Playing().press(key).events == [Pressed(1.0, name)]
        assert key in HELP.splitlines()[-1].split() or key in "+\t"
    assert "Tab" in HELP
    for key, name in FUNCTION_KEYS.items():
        assert Playing().press([key]).events == [Pressed(1.0, name)]
    assert not set(COMMANDS) & set(LOWER_ROW + UPPER_ROW)
