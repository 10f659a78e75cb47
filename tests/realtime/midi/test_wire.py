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
        ("b0 01 40", wire.ControllerTurned(1.0, 1, 64)),  # the modulation wheel
        ("e0 00 40", wire.OtherMessage(1.0)),  # the pitch wheel
        ("c0 05", wire.OtherMessage(1.0)),
        ("d0 40", wire.OtherMessage(1.0)),
        ("a0 3c 40", wire.OtherMessage(1.0)),  # a key pressed harder
        ("b0 7b 00", wire.ControllerTurned(1.0, 123, 0)),  # all notes off: a controller like others
        ("f8", None),  # the clock
        ("fe", None),
        ("f0 7e 7f 06 01 f7", None),
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
    assert played is None or 0x80 <= message[0] < 0xF0


def test_silence_lifts_the_pedal_and_ends_notes_and_sound() -> None:
    assert [message.hex(" ") for message in wire.silence(2)] == ["b2 40 00", "b2 7b 00", "b2 78 00"]


def test_silence_that_spares_keys_releases_every_other_key_and_touches_no_pedal() -> None:
    messages = wire.silence(0, sparing=1 << 60 | 1 << 64)
    assert len(messages) == 126
    assert all(message[0] == 0x80 and message[1] not in (60, 64) for message in messages)


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


def test_silence_that_spares_all_keys_says_nothing_and_at_the_ends_leaves_none_out() -> None:
    assert wire.silence(3, sparing=wire.ALL_KEYS) == []
    released = [message[1] for message in wire.silence(3, sparing=1 << 60)]
    assert (released[0], released[-1]) == (0, 127)


@given(channels, st.integers(1, wire.ALL_KEYS))
def test_the_releases_and_the_keys_spared_are_all_keys(channel: int, sparing: int) -> None:
    events = [wire.read(message, 0.0, 0) for message in wire.silence(channel, sparing)]
    released = sum(1 << event.pitch for event in events if isinstance(event, KeyUp))
    assert released == wire.ALL_KEYS & ~sparing
