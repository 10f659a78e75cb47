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
