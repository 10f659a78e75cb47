"""MIDI files built by hand, byte by byte, right or wrong on purpose; and random tracks for hypothesis."""

from hypothesis import strategies as st

TimedMessage = tuple[int, bytes]  # (ticks since the event before, bytes)

END_OF_TRACK = b"\xff\x2f\x00"


def number(value: int) -> bytes:
    """A variable-length number."""
    written = [value & 127]
    while value := value >> 7:
        written.append(value & 127 | 128)
    return bytes(reversed(written))


def chunk(kind: bytes, content: bytes, length: int | None = None) -> bytes:
    """A chunk, whose length may lie."""
    return kind + (len(content) if length is None else length).to_bytes(4, "big") + content


def events(*pairs: TimedMessage) -> bytes:
    """The bytes of events with their gaps."""
    return b"".join(number(gap) + content for gap, content in pairs)


def track(*pairs: TimedMessage, end: bytes = b"\0" + END_OF_TRACK) -> bytes:
    """A track chunk."""
    return chunk(b"MTrk", events(*pairs) + end)


def midi(*tracks: bytes, kind: int = 1, division: int = 480, promised: int | None = None) -> bytes:
    """A file of a format `kind`; `promised` tracks where the header lies about them."""
    fields = (kind, len(tracks) if promised is None else promised, division)
    return chunk(b"MThd", b"".join(field.to_bytes(2, "big") for field in fields)) + b"".join(tracks)


def on(pitch: int, velocity: int = 64, channel: int = 0) -> bytes:
    """A note-on."""
    return bytes([0x90 | channel, pitch, velocity])


def off(pitch: int, channel: int = 0) -> bytes:
    """A note-off."""
    return bytes([0x80 | channel, pitch, 0])


def control(number_: int, value: int, channel: int = 0) -> bytes:
    """A control change."""
    return bytes([0xB0 | channel, number_, value])


def pedal(value: int, channel: int = 0) -> bytes:
    """The sustain pedal at a position from 0 to 127."""
    return control(64, value, channel)


def meta(kind: int, content: bytes = b"") -> bytes:
    """A meta event."""
    return bytes([0xFF, kind]) + number(len(content)) + content


def tempo(microseconds: int) -> bytes:
    """So many microseconds a quarter note."""
    return meta(0x51, microseconds.to_bytes(3, "big"))


def one_note(pitch: int = 60, velocity: int = 64, ticks: int = 480, channel: int = 0) -> bytes:
    """A track with one note from its beginning on."""
    return track((0, on(pitch, velocity, channel)), (ticks, off(pitch, channel)))


_gaps = st.one_of(st.just(0), st.integers(0, 300), st.integers(0, 1 << 21))
_few_pitches = st.one_of(st.integers(59, 61), st.integers(0, 127))
_any_byte = st.integers(0, 127)
_strikes = st.builds(lambda pitch, velocity: bytes([0x90, pitch, velocity]), _few_pitches, _any_byte)
_releases = st.builds(lambda pitch, velocity: bytes([0x80, pitch, velocity]), _few_pitches, _any_byte)
_short_messages = st.builds(
    lambda kind, value: bytes([kind, value]), st.sampled_from([0xC0, 0xD0]), _any_byte
)
_long_messages = st.builds(
    lambda kind, first, second: bytes([kind, first, second]),
    st.sampled_from([0xA0, 0xB0, 0xE0]),
    st.one_of(st.just(64), _any_byte),
    _any_byte,
)
_metas = st.builds(meta, st.sampled_from([1, 3, 5, 6, 7, 0x20, 0x21, 0x54, 0x7F]), st.binary(max_size=20))
_right_signs = st.one_of(
    st.builds(tempo, st.integers(1, (1 << 24) - 1)),
    st.builds(
        lambda count, power: meta(0x58, bytes([count, power, 24, 8])), st.integers(1, 30), st.integers(0, 5)
    ),
    st.builds(
        lambda sharps, minor: meta(0x59, bytes([sharps % 256, minor])), st.integers(-7, 7), st.integers(0, 1)
    ),
)
_exclusives = st.builds(lambda data: b"\xf0" + number(len(data) + 1) + data + b"\xf7", st.binary(max_size=8))


def _channel(message: bytes, channel: int) -> bytes:
    return bytes([message[0] | channel]) + message[1:] if message[0] < 0xF0 else message


def right_events(channels: st.SearchStrategy[int]) -> st.SearchStrategy[list[TimedMessage]]:
    """Events that the standard allows, in any order: notes overlap, lack their note-offs, have no length."""
    messages = st.one_of(
        _strikes,
        _strikes,
        _releases,
        _releases,
        _long_messages,
        _short_messages,
        _metas,
        _right_signs,
        _exclusives,
    )
    return st.lists(st.tuples(_gaps, st.builds(_channel, messages, channels)), max_size=40)


def with_running_status(pairs: list[TimedMessage]) -> list[TimedMessage]:
    """The same events, each status byte left out that the standard allows to leave out."""
    status, written = None, []
    for gap, content in pairs:
        if content[0] >= 0xF0:
            status = None
            written.append((gap, content))
        else:
            written.append((gap, content[1:] if content[0] == status else content))
            status = content[0]
    return written
