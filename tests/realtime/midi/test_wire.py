"""Bytes and events, by the MIDI 1.0 standard; what is broken or none of ours is no event, never an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.midi import wire
from realtime.performer.events import KeyDown, KeyUp, PedalMoved

data = st.integers(0, 127)
channels = st.integers(0, 15)
player_events = st.one_of(
    st.builds(KeyDown, st.just(1.5), data, st.integers(1, 127), channels, st.just(3)),
    st.builds(KeyUp, st.just(1.5), data, channels, st.just(3), data),
    st.builds(PedalMoved, st.just(1.5), data, channels, st.just(3)),
)


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ("90 3c 50", KeyDown(1.0, 60, 80, 0, 2)),
        ("9f 7f 01", KeyDown(1.0, 127, 1, 15, 2)),
        ("80 3c 28", KeyUp(1.0, 60, 0, 2, 40)),
        ("91 3c 00", KeyUp(1.0, 60, 1, 2)),  # a release by another name
        ("b0 40 7f", PedalMoved(1.0, 127, 0, 2)),
        ("b3 40 00", PedalMoved(1.0, 0, 3, 2)),
        ("b0 01 40", wire.ControllerTurned(1.0, 1, 64, 0, 2)),  # the modulation wheel
        ("e0 00 40", wire.OtherMessage(1.0)),  # the pitch wheel
        ("c0 05", wire.ProgramChosen(1.0, 5)),
        ("d0 40", wire.OtherMessage(1.0)),
        ("a0 3c 40", wire.OtherMessage(1.0)),  # a key pressed harder
        ("b3 7b 00", wire.ControllerTurned(1.0, 123, 0, 3, 2)),  # all notes off: a controller like others
        ("f8", wire.SystemMessage(1.0)),  # the clock
        ("fe", wire.SystemMessage(1.0)),
        ("f2 01 02", wire.SystemMessage(1.0)),  # where in the song
        ("f0 7e 7f 06 01 f7", wire.SystemMessage(1.0)),
        ("f0 7e 7f 06 01", None),  # cut short
        ("f0", None),
        ("f2 01", None),
        ("f4", None),  # undefined
        ("f8 f8", None),
        ("90 3c", None),  # cut short
        ("90 3c 50 00", None),  # too long
        ("90 80 50", None),  # a status byte where data should be
        ("3c 50", None),  # no status at all
        ("", None),
    ],
)
def test_messages_by_the_standard(message: str, event: object) -> None:
    assert wire.read(bytes.fromhex(message), 1.0, 2) == event


@given(player_events)
def test_every_event_comes_back_from_its_bytes(event: KeyDown | KeyUp | PedalMoved) -> None:
    assert wire.read(wire.bytes_of(event), event.at, event.source) == event


@given(st.binary(max_size=8))
def test_no_bytes_make_it_fail(message: bytes) -> None:
    played = wire.read(message, 0.0, 0)
    assert played is None or message[0] >= 0x80


def test_silence_lifts_the_pedal_and_ends_notes_and_sound() -> None:
    assert [message.hex(" ") for message in wire.silence(2)] == ["b2 40 00", "b2 7b 00", "b2 78 00"]


def test_every_key_of_a_channel_can_be_released() -> None:
    messages = wire.every_key_released(2)
    assert [message[1] for message in messages] == list(range(128))
    assert {message[0] for message in messages} == {0x82}


def test_silence_everywhere_reaches_all_sixteen_channels() -> None:
    assert {message[0] & 0x0F for message in wire.silence_everywhere()} == set(range(16))


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (KeyDown(1.0, 60, 80), "90 3c 50"),
        (KeyDown(1.0, 127, 1, channel=15), "9f 7f 01"),
        (KeyUp(1.0, 60, channel=2, velocity=9), "82 3c 09"),
        (KeyUp(1.0, 0), "80 00 40"),  # with no speed of its own, the standard's middle one
        (PedalMoved(1.0, 63, channel=9), "b9 40 3f"),
    ],
)
def test_events_are_written_by_the_standard(event: KeyDown | KeyUp | PedalMoved, message: str) -> None:
    assert wire.bytes_of(event).hex(" ") == message


@pytest.mark.parametrize("status", range(0x80, 0xF0, 0x11))
def test_a_channel_message_counts_with_its_own_length_and_no_other(status: int) -> None:
    whole = [length for length in range(1, 6) if wire.read(bytes([status, *[1] * (length - 1)]), 0.0, 0)]
    assert whole == [2 if status & 0xF0 in (0xC0, 0xD0) else 3]


def test_letting_go_leaves_what_rings_to_die_away() -> None:
    assert [message.hex(" ") for message in wire.let_go(15)] == ["bf 40 00", "bf 7b 00"]
