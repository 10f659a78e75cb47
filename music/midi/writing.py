"""A phrase as the bytes of a MIDI file.

Knows the standard (Standard MIDI Files 1.0). Must not know how files are read. What is written reads back as
the same notes on the grid of its ticks; a key struck again while it sounds in one voice is released first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from os import PathLike
from pathlib import Path

from music.beats import STEADY_120, TempoMap, nearest_frame
from music.midi.scan import KEY, LONGEST_S, METRE, MOST_TRACKS, TEMPO, WORDS, MidiFileError
from music.notes import Note
from music.phrase import Phrase, each_key_once
from music.piece import KeySignature, Metre, Part, Words

_KINDS = {name: kind for kind, name in WORDS.items()}
_LONGEST_GAP = (1 << 28) - 1  # ticks: what four bytes of seven bits hold
_LONGEST_BEAT_US = (1 << 24) - 1
_SUSTAIN, _EXCLUSIVE = 64, 0xF0
_CHANNELS = tuple(channel for channel in range(16) if channel != 9)  # channel 10 is the drums'
_UNITS = tuple(1 << power for power in range(8))  # of a metre
_END_OF_TRACK = b"\xff\x2f\x00"

# Of messages at one tick: signs, programs, the pedal, releases, strikes, releases of notes without length.
_SIGN, _PROGRAM, _TREAD, _RELEASE, _STRIKE, _RELEASE_AT_ONCE = range(6)
_Message = tuple[int, int, bytes]  # (tick, rank, bytes)


def write_midi(
    phrase: Phrase,
    path: str | PathLike[str],
    *,
    ticks_per_beat: int = 480,
    parts: Iterable[Part] = (),
    metres: Iterable[Metre] = (),
    keys: Iterable[KeySignature] = (),
    words: Iterable[Words] = (),
) -> None:
    """Write a phrase as a MIDI file; `midi_bytes` says how."""
    try:
        data = midi_bytes(
            phrase, ticks_per_beat=ticks_per_beat, parts=parts, metres=metres, keys=keys, words=words
        )
    except ValueError as error:
        raise MidiFileError(str(path), f"not written: {error}") from error
    Path(path).write_bytes(data)


def midi_bytes(
    phrase: Phrase,
    *,
    ticks_per_beat: int = 480,
    parts: Iterable[Part] = (),
    metres: Iterable[Metre] = (),
    keys: Iterable[KeySignature] = (),
    words: Iterable[Words] = (),
) -> bytes:
    """A phrase as a MIDI file: each voice on the track of its number, signs on the first, pedals on each.

    Format 0 where voice 0 is the only one. `parts` names voices and sets their channels and programs; voices
    without a part take the channels from 1 on in turn, leaving out 10.
    """
    if not 1 <= ticks_per_beat < 1 << 15:
        raise ValueError(f"{ticks_per_beat} ticks a beat; a MIDI file holds 1 to 32767")
    grid = _Grid(phrase.tempo, ticks_per_beat)
    tracks = {0: _signs(grid, metres, keys, words)}
    by_voice = _by_voice(phrase.notes, grid)
    named = {part.voice: part for part in parts}
    channels_with_pedal: set[int] = set()
    for part in _parts(by_voice, named):
        messages = tracks.setdefault(part.voice, [])
        messages += _named(part)
        if part.voice in by_voice:
            messages += _struck(by_voice[part.voice], part.channel, grid)
            if part.pedalled and part.channel not in channels_with_pedal:
                channels_with_pedal.add(part.channel)
                messages += _trodden(phrase, part.channel, grid)
    if not by_voice:
        tracks[0] += _trodden(phrase, 0, grid)
    count = max(tracks) + 1
    header = [0 if count == 1 else 1, count, ticks_per_beat]
    chunks = [_chunk(b"MThd", b"".join(number.to_bytes(2, "big") for number in header))]
    chunks += [_chunk(b"MTrk", _events(tracks.get(number, []))) for number in range(count)]
    return b"".join(chunks)


@dataclass(frozen=True, slots=True)
class Track:
    """What was played, message by message as a cable carries them, each at its second from the beginning."""

    name: str
    messages: Iterable[tuple[float, bytes]]


def played_bytes(tracks: Sequence[Track], *, ticks_per_beat: int = 480, words: Iterable[Words] = ()) -> bytes:
    """What was played as a MIDI file of a steady 120 beats a minute: every message as it is, in its order."""
    grid = _Grid(STEADY_120, ticks_per_beat)
    header = [1, len(tracks), ticks_per_beat]
    chunks = [_chunk(b"MThd", b"".join(number.to_bytes(2, "big") for number in header))]
    signs = _signs(grid, (), (), words)
    for track in tracks:
        rows = [*signs, (0, _SIGN, _meta(_KINDS["name"], track.name.encode()))]
        rows += [(grid.tick(at), _STRIKE, _in_a_file(message)) for at, message in track.messages]
        chunks.append(_chunk(b"MTrk", _events(rows)))
        signs = []
    return b"".join(chunks)


def _in_a_file(message: bytes) -> bytes:
    """A file says how long a system exclusive is; all other messages are the same there."""
    return message if message[0] != _EXCLUSIVE else message[:1] + _number(len(message) - 1) + message[1:]


class _Grid:
    """The ticks of a file."""

    def __init__(self, tempo: TempoMap, ticks_per_beat: int) -> None:
        self.tempo = tempo
        self.ticks_per_beat = ticks_per_beat

    def tick(self, at: float) -> int:
        """The tick nearest to a moment in seconds."""
        if not 0 <= at <= LONGEST_S:
            raise ValueError(f"a moment at {at} s; a file holds 0 to {LONGEST_S:.0f} (Phrase.moved moves)")
        return self.tick_of_beat(self.tempo.beat_at(at))

    def tick_of_beat(self, beat: float) -> int:
        if not (isfinite(beat) and beat >= 0):
            raise ValueError(f"a sign at beat {beat}; a file begins at 0")
        return nearest_frame(beat, self.ticks_per_beat)

    def snapped(self, note: Note) -> Note:
        """The same note with its ends on ticks."""
        at, until = (
            self.tempo.second_at(self.tick(moment) / self.ticks_per_beat) for moment in (note.at, note.until)
        )
        return replace(note, at=at, length_s=until - at)


def _by_voice(notes: Iterable[Note], grid: _Grid) -> dict[int, list[Note]]:
    by_voice: dict[int, list[Note]] = {}
    for note in notes:
        if not (0 <= note.pitch < 128 and 1 <= note.velocity < 128):
            raise ValueError(
                f"pitch {note.pitch}, velocity {note.velocity}; a file holds pitches 0 to 127, "
                "velocities 1 to 127"
            )
        if not 0 <= note.voice < MOST_TRACKS:
            raise ValueError(f"voice {note.voice}; a file is given tracks 0 to {MOST_TRACKS - 1}")
        by_voice.setdefault(note.voice, []).append(grid.snapped(note))
    return {voice: each_key_once(mine) for voice, mine in by_voice.items()}


def _parts(voices: Iterable[int], named: Mapping[int, Part]) -> list[Part]:
    """A part for each voice that plays or has a name, in order."""
    parts = [
        named.get(voice) or Part(voice, channel=_CHANNELS[place % len(_CHANNELS)])
        for place, voice in enumerate(sorted(voices))
    ]
    silent = [part for voice, part in named.items() if voice not in set(voices)]
    for part in [*parts, *silent]:
        if not (0 <= part.channel < 16 and 0 <= part.program < 128 and 0 <= part.voice < MOST_TRACKS):
            raise ValueError(
                f"{part}: channels are 0 to 15, programs 0 to 127, voices 0 to {MOST_TRACKS - 1}"
            )
    return sorted([*parts, *silent], key=lambda part: part.voice)


def _named(part: Part) -> list[_Message]:
    messages = []
    if part.name:
        messages.append((0, _SIGN, _meta(_KINDS["name"], part.name.encode())))
    if part.program:
        messages.append((0, _PROGRAM, bytes([0xC0 | part.channel, part.program])))
    return messages


def _struck(notes: Iterable[Note], channel: int, grid: _Grid) -> list[_Message]:
    messages = []
    for note in notes:
        start, end = grid.tick(note.at), grid.tick(note.until)
        messages.append((start, _STRIKE, bytes([0x90 | channel, note.pitch, note.velocity])))
        rank = _RELEASE if end > start else _RELEASE_AT_ONCE
        messages.append((end, rank, bytes([0x80 | channel, note.pitch, 0])))
    return messages


def _trodden(phrase: Phrase, channel: int, grid: _Grid) -> list[_Message]:
    return [
        (grid.tick(pedal.at), _TREAD, bytes([0xB0 | channel, _SUSTAIN, 127 if pedal.down else 0]))
        for pedal in phrase.pedals
    ]


def _signs(
    grid: _Grid, metres: Iterable[Metre], keys: Iterable[KeySignature], words: Iterable[Words]
) -> list[_Message]:
    signs = [(beat, _meta(TEMPO, _tempo_bytes(seconds))) for beat, seconds in grid.tempo.changes]
    signs += [(metre.beat, _meta(METRE, _metre_bytes(metre))) for metre in metres]
    signs += [(key.beat, _meta(KEY, _key_bytes(key))) for key in keys]
    signs += [(said.beat, _meta(_kind(said), said.text.encode())) for said in words]
    return [(grid.tick_of_beat(beat), _SIGN, content) for beat, content in signs]


def _tempo_bytes(seconds_per_beat: float) -> bytes:
    microseconds = round(seconds_per_beat * 1e6)
    if not 1 <= microseconds <= _LONGEST_BEAT_US:
        raise ValueError(
            f"a beat of {seconds_per_beat} s; a MIDI file holds 0.000001 to {_LONGEST_BEAT_US / 1e6}"
        )
    return microseconds.to_bytes(3, "big")


def _metre_bytes(metre: Metre) -> bytes:
    if not 1 <= metre.count < 256 or metre.unit not in _UNITS:
        raise ValueError(
            f"a metre of {metre.count}/{metre.unit}; a MIDI file holds 1 to 255 over 1, 2, 4 ... 128"
        )
    power = _UNITS.index(metre.unit)
    return bytes([metre.count, power, 24, 8])  # a click each quarter, eight 32nds to a quarter


def _key_bytes(key: KeySignature) -> bytes:
    if not -7 <= key.sharps <= 7:
        raise ValueError(f"{key.sharps} sharps; a key signature has -7 to 7")
    return bytes([key.sharps % 256, key.is_minor])


def _kind(said: Words) -> int:
    if said.kind not in _KINDS or said.kind == "name":
        kinds = ", ".join(name for name in _KINDS if name != "name")
        raise ValueError(f"no kind of words is called {said.kind!r}; there are: {kinds}")
    return _KINDS[said.kind]


def _meta(kind: int, content: bytes) -> bytes:
    return bytes([0xFF, kind]) + _number(len(content)) + content


def _events(messages: list[_Message]) -> bytes:
    messages.sort(key=lambda message: message[:2])
    written = bytearray()
    before = 0
    for tick, _, content in messages:
        written += _number(tick - before) + content
        before = tick
    return bytes(written) + b"\0" + _END_OF_TRACK


def _number(value: int) -> bytes:
    """A variable-length number: seven bits a byte, all but the last with the high bit set."""
    if value > _LONGEST_GAP:
        raise ValueError(f"{value} ticks or bytes in one go; a MIDI file holds {_LONGEST_GAP}")
    written = [value & 127]
    while value := value >> 7:
        written.append(value & 127 | 128)
    return bytes(reversed(written))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "big") + content
