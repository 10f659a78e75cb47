"""What the tracks of a MIDI file say, put together as a piece: in seconds, with its tempo, pedal and signs.

Knows the scanned tracks and their notes in ticks. Must not know bytes, files or the MIDI-file library.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from music.beats import STEADY_120, TempoMap
from music.midi.scan import KEY, LONGEST_S, METRE, TEMPO, WORDS, MidiFileError, Scan, Sign, Track
from music.notes import Note, Pedal
from music.phrase import Phrase, pedal_folded
from music.piece import KeySignature, Metre, Part, Piece, Words

PedalChoice = Literal["keep", "fold", "drop"]
Seconds = NDArray[np.float64]

_NAME = 3  # the meta event that names a track
NO_NOTES = np.zeros((0, 5), np.int64)


@dataclass(frozen=True, slots=True)
class TrackNotes:
    """The notes of a scanned track, as rows of (start, end, pitch, velocity, channel), in ticks."""

    track: Track
    rows: NDArray[np.int64]
    missing: int = 0  # note-offs


@dataclass(frozen=True, slots=True)
class PieceRows:
    """A piece as arrays: smaller than its notes, and much quicker to send from process to process."""

    at: Seconds  # in the order of a phrase, as all columns are
    length_s: Seconds
    marks: NDArray[np.int16]  # [3, notes]: pitch, velocity, voice
    pedals: tuple[tuple[float, bool], ...]
    rest: Piece  # all else, its phrase empty but for the tempo

    def piece(self) -> Piece:
        """The piece with its notes."""
        pitch, velocity, voice = self.marks.tolist()
        notes = tuple(map(Note, self.at.tolist(), pitch, velocity, self.length_s.tolist(), voice))
        pedals = tuple(Pedal(at, down) for at, down in self.pedals)
        return replace(self.rest, phrase=Phrase(notes, pedals, self.rest.phrase.tempo))


def assembled(
    file: str, scanned: Scan, tracks: Sequence[TrackNotes], pedal: PedalChoice, number: int | None = None
) -> PieceRows:
    """The piece that tracks of a file play together; `number` is its own among several."""
    clock = TickClock.of(scanned, tracks)
    is_split = len(tracks) == 1 and len(np.unique(tracks[0].rows[:, 4])) > 1
    rows = np.concatenate([each.rows for each in tracks])
    numbers = np.repeat(np.arange(len(tracks)), [len(each.rows) for each in tracks])
    voices = rows[:, 4] if is_split else numbers
    at, until = clock.seconds(rows[:, 0]), clock.seconds(rows[:, 1])
    channels = set(rows[:, 4].tolist())
    treads = _treads(tracks, channels)
    _check_length(file, until, [clock.second(tick) for tick, *_ in treads[-1:]])
    repairs = _repairs(scanned, tracks)
    pedals: list[Pedal] = []
    if pedal == "keep":
        changes, are_joined = _joined(treads, channels)
        pedals = [Pedal(clock.second(tick), down) for tick, down in changes]
        if are_joined:
            repairs.append("the pedals of its channels differ: joined into one")
    length_s, marks = until - at, np.stack([rows[:, 2], rows[:, 3], voices]).astype(np.int16)
    if pedal == "fold":
        at, length_s, marks = _folded(at, length_s, marks, rows[:, 4], treads, clock)
    order = np.lexsort((marks[1], length_s, marks[2], marks[0], at))
    rest = Piece(
        Phrase(tempo=clock.tempo),
        name=file if number is None else f"{file}#{number}",
        parts=_parts(tracks, is_split),
        ticks_per_beat=clock.ticks_per_beat,
        repairs=tuple(repairs),
        metres=_metres(tracks, clock),
        keys=_keys(tracks, clock),
        words=_words(tracks, clock),
    )
    return PieceRows(
        at[order], length_s[order], marks[:, order], tuple((each.at, each.down) for each in pedals), rest
    )


@dataclass(frozen=True, slots=True)
class TickClock:
    """Ticks into beats and seconds. Where ticks are parts of a second, a beat is half a second throughout."""

    ticks_per_beat: float
    tempo: TempoMap

    @classmethod
    def of(cls, scanned: Scan, tracks: Sequence[TrackNotes]) -> "TickClock":
        """Of the tempo that the tracks of a file say."""
        if scanned.ticks_per_s:
            return cls(scanned.ticks_per_s * STEADY_120.second_at(1.0), STEADY_120)
        changes = (
            (sign.tick / scanned.ticks_per_beat, int.from_bytes(sign.content, "big") / 1e6)
            for sign in _sorted_signs(tracks, TEMPO)
        )
        return cls(float(scanned.ticks_per_beat), TempoMap.of(changes))

    def beat(self, tick: int) -> float:
        """The beat at a tick."""
        return tick / self.ticks_per_beat

    def second(self, tick: int) -> float:
        """The second at a tick."""
        return self.tempo.second_at(self.beat(tick))

    def seconds(self, ticks: NDArray[np.int64]) -> Seconds:
        """The seconds at many ticks."""
        return self.tempo.seconds_at(ticks / self.ticks_per_beat)


def _check_length(file: str, until: Seconds, pedals: list[float]) -> None:
    longest = max([float(until.max(initial=0.0)), *pedals])
    if longest > LONGEST_S:
        raise MidiFileError(
            file, f"it lasts {longest / 3600:,.1f} hours; more than {LONGEST_S / 3600:.0f} are not read"
        )


def _repairs(scanned: Scan, tracks: Sequence[TrackNotes]) -> list[str]:
    lines = list(scanned.repairs)
    for each in tracks:
        lines += [f"track {each.track.number}: {repair}" for repair in each.track.repairs]
        if each.missing:
            lines.append(f"track {each.track.number}: missing note-offs: {each.missing}")
    return lines


def _treads(tracks: Sequence[TrackNotes], channels: set[int]) -> list[tuple[int, int, bool]]:
    """Pedal messages (tick, channel, down) of the channels that play, or of all if none does, by time."""
    is_silent = not any(each.track.strikes for each in tracks)
    treads = [tread for each in tracks for tread in each.track.treads if is_silent or tread[1] in channels]
    treads.sort(key=lambda tread: tread[0])
    return treads


def _changes(treads: Iterable[tuple[int, int, bool]], channel: int) -> list[tuple[int, bool]]:
    """When the pedal of a channel really went down or up."""
    changes: list[tuple[int, bool]] = []
    is_down = False
    for tick, trodden, down in treads:
        if trodden == channel and down != is_down:
            is_down = down
            changes.append((tick, down))
    return changes


def _joined(treads: list[tuple[int, int, bool]], channels: set[int]) -> tuple[list[tuple[int, bool]], bool]:
    """One pedal for all channels, down while that of any is, and whether theirs differ."""
    each = [_changes(treads, channel) for channel in channels | {channel for _, channel, _ in treads}]
    if all(changes == each[0] for changes in each):
        return (each[0] if each else []), False
    joined: list[tuple[int, bool]] = []
    down_on: set[int] = set()
    for tick, channel, down in treads:
        was_down = bool(down_on)
        (down_on.add if down else down_on.discard)(channel)
        if bool(down_on) != was_down:
            joined.append((tick, down))
    return joined, True


def _folded(
    at: Seconds,
    length_s: Seconds,
    marks: NDArray[np.int16],
    channels: NDArray[np.int64],
    treads: list[tuple[int, int, bool]],
    clock: TickClock,
) -> tuple[Seconds, Seconds, NDArray[np.int16]]:
    """The notes as long as they sound, each voice under its channel's pedal, each key once at a time."""
    made: list[Note] = []
    for channel in np.unique(channels).tolist():
        pedals = [Pedal(clock.second(tick), down) for tick, down in _changes(treads, channel)]
        for voice in np.unique(marks[2][channels == channel]).tolist():
            mine = np.flatnonzero((channels == channel) & (marks[2] == voice))
            columns = at[mine].tolist(), *marks[:2, mine].tolist(), length_s[mine].tolist()
            phrase = Phrase.of(map(Note, *columns), pedals)
            made += [replace(note, voice=voice) for note in pedal_folded(phrase).notes]
    return (
        np.array([note.at for note in made]),
        np.array([note.length_s for note in made]),
        np.array([(note.pitch, note.velocity, note.voice) for note in made], np.int16).reshape(-1, 3).T,
    )


def _parts(tracks: Sequence[TrackNotes], is_split: bool) -> tuple[Part, ...]:
    programs: dict[int, int] = {}
    for each in tracks:
        programs = each.track.programs | programs
    parts = []
    for number, each in enumerate(tracks):
        name = next((_text(sign.content) for sign in each.track.signs if sign.kind == _NAME), "")
        channels, counts = np.unique(each.rows[:, 4], return_counts=True)
        if is_split:
            parts += [Part(channel, name, channel, programs.get(channel, 0)) for channel in channels.tolist()]
        elif len(channels) or name:
            channel = int(channels[counts.argmax()]) if len(channels) else 0
            parts.append(Part(number, name, channel, programs.get(channel, 0)))
    return tuple(parts)


def _sorted_signs(tracks: Sequence[TrackNotes], *kinds: int) -> list[Sign]:
    """In order of time; what several tracks repeat stands once."""
    signs = [sign for each in tracks for sign in each.track.signs if sign.kind in kinds]
    return sorted(dict.fromkeys(signs), key=lambda sign: sign.tick)


def _metres(tracks: Sequence[TrackNotes], clock: TickClock) -> tuple[Metre, ...]:
    signs = _sorted_signs(tracks, METRE)
    return tuple(Metre(clock.beat(sign.tick), sign.content[0], 1 << sign.content[1]) for sign in signs)


def _keys(tracks: Sequence[TrackNotes], clock: TickClock) -> tuple[KeySignature, ...]:
    signs = _sorted_signs(tracks, KEY)
    return tuple(
        KeySignature(clock.beat(sign.tick), (sign.content[0] + 128) % 256 - 128, sign.content[1] == 1)
        for sign in signs
    )


def _words(tracks: Sequence[TrackNotes], clock: TickClock) -> tuple[Words, ...]:
    signs = _sorted_signs(tracks, *(WORDS.keys() - {_NAME}))
    return tuple(Words(clock.beat(sign.tick), _text(sign.content), WORDS[sign.kind]) for sign in signs)


def _text(content: bytes) -> str:
    """As UTF-8 where it is that, else as Latin-1, which anything is."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")
