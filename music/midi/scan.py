"""Where a MIDI file's chunks and events lie, and what is wrong with them.

Knows the standard (Standard MIDI Files 1.0): chunks, variable-length numbers, running status. Must not know
seconds, notes that last, phrases or the MIDI-file library. It collects all but the notes: tempo, metre, key
and words, the pedal, how often keys are struck, and each reason for which the library is not to be trusted
with a track.

What can be read in one way only is read, and recorded in `repairs`; what can't is refused with its place.
"""

from collections import Counter
from dataclasses import dataclass, field

# Limits against files made to do harm. Of 6,221 files (performances, rolls, scores, tunes) the largest has
# 416 kB, the most notes are 25,076, the most pedal messages 54,516, the densest tempo map makes 6,684 signs,
# the most tracks are 18.
MOST_BYTES = (
    4 << 20
)  # ten times the largest; an event takes two bytes or more, so that all work is bounded by this
MOST_STRIKES = 300_000  # notes: about 60 MB as Python values
MOST_TREADS = 500_000  # pedal messages
MOST_SIGNS = 50_000  # tempo, metre, key and words together
MOST_TRACKS = 1_000  # each costs a call of the library; an orchestra has about fifty

LONGEST_S = 24 * 3600.0  # no one plays longer; a lying tempo or gap easily says years

DRUMS = 9  # what players call channel 10

TEMPO, METRE, KEY = 0x51, 0x58, 0x59
WORDS = {1: "text", 2: "copyright", 3: "name", 4: "instrument", 5: "lyric", 6: "marker", 7: "cue"}
_END_OF_TRACK = 0x2F
_MEASURED = {TEMPO: 3, METRE: 4, KEY: 2}  # how many bytes these have
_SUSTAIN = 64
_ALL_SOUND_OFF, _RESET_CONTROLLERS, _LOCAL_CONTROL = 120, 121, 122
_FRAMES_PER_S = {24: 24.0, 25: 25.0, 29: 30000 / 1001, 30: 30.0}


class MidiFileError(ValueError):
    """A file that can't be read: which, why, and where (byte offset and track number, if known)."""

    def __init__(self, file: str, reason: str, byte: int | None = None, track: int | None = None) -> None:
        super().__init__(file, reason, byte, track)
        self.file = file
        self.reason = reason
        self.byte = byte
        self.track = track

    def __str__(self) -> str:
        place = [] if self.byte is None else [f"byte {self.byte}"]
        place += [] if self.track is None else [f"track {self.track}"]
        return ": ".join([self.file, *([", ".join(place)] if place else []), self.reason])


@dataclass(frozen=True, slots=True)
class Sign:
    """Something written over the notes: the meta event `kind` at a tick, and its bytes."""

    tick: int
    kind: int
    content: bytes


@dataclass(slots=True)
class Track:
    """What one track holds besides its notes; `start` and `end` are the bytes of its events."""

    number: int
    start: int
    end: int
    ticks: int = 0
    strikes: Counter[int] = field(default_factory=Counter)  # by channel
    programs: dict[int, int] = field(default_factory=dict)  # the first of each channel
    treads: list[tuple[int, int, bool]] = field(default_factory=list)  # (tick, channel, pedal down)
    signs: list[Sign] = field(default_factory=list)
    doubts: set[str] = field(default_factory=set)  # why the library would read it wrongly
    repairs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scan:
    """A whole file: its format, its clock, its tracks; its `repairs` are those of no track.

    `ticks_per_beat` is 0 where ticks are parts of a second, `ticks_per_s` 0 where they are parts of a beat.
    """

    format: int
    ticks_per_beat: int
    ticks_per_s: float
    tracks: tuple[Track, ...]
    repairs: tuple[str, ...]


def scan(data: bytes, name: str) -> Scan:
    """Everything but the notes of a MIDI file's bytes; `name` is what errors call it."""
    if len(data) > MOST_BYTES:
        raise MidiFileError(name, f"{len(data):,} bytes; more than {MOST_BYTES:,} are not read")
    start, end = _unwrapped(data, name)
    kind, promised, tracks_at = _header(data, name, start, end)
    ticks_per_beat, ticks_per_s = _clock(data, name, start + 12)
    spans, repairs = _track_spans(data, name, tracks_at, end, promised)
    if kind == 0 and len(spans) > 1:
        repairs.append(f"format 0 with {len(spans)} tracks, read as format 1")
    tracks = [scan_track(data, name, number, *span) for number, span in enumerate(spans)]
    _check_counts(name, tracks)
    return Scan(kind, ticks_per_beat, ticks_per_s, tuple(tracks), tuple(repairs))


def _check_counts(name: str, tracks: list[Track]) -> None:
    for count, most, what in (
        (sum(track.strikes.total() for track in tracks), MOST_STRIKES, "notes"),
        (sum(len(track.treads) for track in tracks), MOST_TREADS, "pedal messages"),
        (sum(len(track.signs) for track in tracks), MOST_SIGNS, "tempo, metre, key and text events"),
    ):
        if count > most:
            raise MidiFileError(name, f"{count:,} {what}; more than {most:,} are not read")


def _unwrapped(data: bytes, name: str) -> tuple[int, int]:
    """Where the MIDI file begins and ends, out of its RIFF wrapping (.rmi) where it has one."""
    if not data:
        raise MidiFileError(name, "the file is empty")
    if data[:4] != b"RIFF" or data[8:12] != b"RMID":
        return 0, len(data)
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"data":
            return at + 8, min(at + 8 + length, len(data))
        at += 8 + length + length % 2
    raise MidiFileError(name, "a RIFF file without a MIDI file in it", len(data))


def _header(data: bytes, name: str, at: int, end: int) -> tuple[int, int, int]:
    """Format, how many tracks it promises, and where they begin."""
    if data[at : min(at + 4, end)] != b"MThd":
        raise MidiFileError(name, f"not a MIDI file: it begins with {data[at : at + 4]!r}, not b'MThd'", at)
    if end - at < 14:
        raise MidiFileError(name, f"the header is cut short: {end - at} of 14 bytes", at)
    length = int.from_bytes(data[at + 4 : at + 8], "big")
    if length < 6 or at + 8 + length > end:
        raise MidiFileError(name, f"the header says it has {length:,} bytes; it has 6", at + 4)
    kind = int.from_bytes(data[at + 8 : at + 10], "big")
    if kind > 2:
        raise MidiFileError(name, f"format {kind}; there are 0, 1 and 2", at + 8)
    promised = int.from_bytes(data[at + 10 : at + 12], "big")
    if promised > MOST_TRACKS:
        raise MidiFileError(name, f"{promised:,} tracks; more than {MOST_TRACKS:,} are not read", at + 10)
    return kind, promised, at + 8 + length


def _clock(data: bytes, name: str, at: int) -> tuple[int, float]:
    """Ticks a beat, or ticks a second; the other is 0."""
    high, low = data[at], data[at + 1]
    if high < 128:
        if not (high or low):
            raise MidiFileError(name, "a beat of 0 ticks: the times can't be known", at)
        return high << 8 | low, 0.0
    if 256 - high not in _FRAMES_PER_S or not low:
        raise MidiFileError(
            name, f"{256 - high} frames a second of {low} ticks; there are 24, 25, 29 and 30", at
        )
    return 0, _FRAMES_PER_S[256 - high] * low


def _track_spans(
    data: bytes, name: str, at: int, end: int, promised: int
) -> tuple[list[tuple[int, int]], list[str]]:
    """Where each track's events begin and end; chunks of other kinds are stepped over."""
    spans: list[tuple[int, int]] = []
    repairs: list[str] = []
    while at < end:
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : min(at + 8, end)], "big")
        is_whole = at + 8 + length <= end and all(32 <= byte < 127 for byte in kind)
        if not is_whole and len(spans) >= promised:
            repairs.append(f"{end - at} bytes after the last track ignored")
            break
        if kind == b"MTrk" and not is_whole:
            left = max(end - at - 8, 0)
            raise MidiFileError(
                name, f"cut short: the track says {length:,} bytes, {left:,} are left", at, len(spans)
            )
        if not is_whole:
            raise MidiFileError(
                name, f"no chunk begins here, or it is cut short ({kind!r}, {length:,} bytes)", at
            )
        if kind == b"MTrk":
            spans.append((at + 8, at + 8 + length))
            if len(spans) > MOST_TRACKS:
                raise MidiFileError(name, f"more than {MOST_TRACKS:,} tracks", at)
        at += 8 + length
    if not spans:
        raise MidiFileError(name, "there is no track in it", end)
    if len(spans) < promised:
        raise MidiFileError(
            name, f"cut short: the header promises {promised} tracks, there are {len(spans)}", end
        )
    if len(spans) > promised:
        repairs.append(f"the header says {promised} tracks, {len(spans)} are there and read")
    return spans, repairs


def scan_track(data: bytes, name: str, number: int, start: int, end: int) -> Track:
    """What one track holds besides its notes, its events all checked."""
    walk = _Walk(name, Track(number, start, end), data[start:end])
    try:
        walk.through()
    except MidiFileError:
        if walk.ended_at is None:
            raise
        # What stands after the End of Track is no music (padding, often): read again without it.
        track = scan_track(data, name, number, start, start + walk.ended_at)
        track.repairs.append(f"{end - track.end} bytes after its end ignored")
        track.doubts.add("bytes after the end of track")
        return track
    return walk.track


class _Walk:
    """One pass over a track's events."""

    def __init__(self, name: str, track: Track, events: bytes) -> None:
        self.name = name
        self.track = track
        self.events = events
        self.wrong: Counter[str] = Counter()  # signs that mean nothing
        self.ended_at: int | None = None  # just after the first End of Track, counted from the track's start

    def error(self, at: int, reason: str) -> MidiFileError:
        return MidiFileError(self.name, reason, self.track.start + at, self.track.number)

    def through(self) -> None:
        """Walk to the end of the chunk, or fail with the place."""
        try:
            self.track.ticks = self._channel_events()
        except IndexError:
            raise self.error(len(self.events), "the track ends inside an event") from None
        self.track.repairs += [
            f"{wrong} ignored{f', {count:,} times' * (count > 1)}" for wrong, count in self.wrong.items()
        ]
        if self.ended_at is None:
            self.track.repairs.append("no End of Track")
            self.track.doubts.add("no end of track")
        elif self.ended_at < len(self.events):
            self.track.repairs.append("events after its End of Track, read too")
            self.track.doubts.add("bytes after the end of track")

    def _channel_events(self) -> int:  # noqa: C901, PLR0912 - hot, flat, and in the order of the standard
        """The hot loop: checks every event and counts strikes; gives the track's length in ticks.

        Reading past the end raises IndexError, which `through` turns into words.
        """
        events, track = self.events, self.track
        end, strikes = len(events), [0] * 16
        add_tread = track.treads.append
        at = tick = status = resumed = 0
        while at < end:
            gap = events[at]
            at += 1
            if gap > 127:
                low = events[at]
                at += 1
                gap = (gap & 127) << 7 | low & 127
                if low > 127:
                    gap, at = self._longer(gap, at)
            tick += gap
            data = events[at]
            at += 1
            if data > 127:
                if data >= 0xF0:
                    resumed, status = status or resumed, 0
                    at = self._other_event(data, at, tick)
                    if self.ended_at == at:
                        resumed = 0
                    continue
                status = data
                data = events[at]
                at += 1
            elif not status:
                if not resumed:
                    raise self.error(at - 1, f"data byte {data} without a status byte before it")
                status = resumed
                track.doubts.add("running status over another event")
            if data > 127:
                raise self.error(at - 1, f"{_what(status)} {data}, above 127")
            if 0xC0 <= status < 0xE0:
                if status < 0xD0:
                    track.programs.setdefault(status & 15, data)
                continue
            value = events[at]
            at += 1
            if value > 127:
                raise self.error(at - 1, f"{_what(status, second=True)} {value}, above 127")
            if 0x90 <= status < 0xA0:
                if value:
                    strikes[status & 15] += 1
            elif data == _SUSTAIN and 0xB0 <= status < 0xC0:
                add_tread((tick, status & 15, value > 63))
            elif data >= _ALL_SOUND_OFF and 0xB0 <= status < 0xC0:
                self._mode(tick, status & 15, data)
        track.strikes = Counter({channel: count for channel, count in enumerate(strikes) if count})
        if tick >= 1 << 31:
            track.doubts.add("more ticks than the library counts")
        return tick

    def _longer(self, number: int, at: int) -> tuple[int, int]:
        """The rest of a number whose first two bytes both announce another."""
        for _ in range(2):
            low = self.events[at]
            at += 1
            number = number << 7 | low & 127
            if low < 128:
                return number, at
        raise self.error(at - 4, "a number of more than four bytes")

    def _mode(self, tick: int, channel: int, message: int) -> None:
        if message == _RESET_CONTROLLERS:
            self.track.treads.append((tick, channel, False))
        elif message != _LOCAL_CONTROL:
            self.track.doubts.add("all notes off")

    def _other_event(self, status: int, at: int, tick: int) -> int:
        """A meta event or system exclusive, from behind its status byte; returns where the next begins."""
        if status == 0xFF:
            kind = self.events[at]
            length, begins = self._length(at + 1)
            self._meta(tick, kind, begins, begins + length)
            return begins + length
        if status not in (0xF0, 0xF7):
            raise self.error(at - 1, f"status byte {status:#x}, which has no place in a file")
        if status == 0xF7:
            self.track.doubts.add("an escape")
        length, begins = self._length(at)
        return begins + length

    def _length(self, at: int) -> tuple[int, int]:
        first_at, length = at, 0
        for _ in range(4):
            low = self.events[at]
            at += 1
            length = length << 7 | low & 127
            if low < 128:
                if at + length > len(self.events):
                    left = len(self.events) - at
                    raise self.error(
                        first_at, f"an event says it has {length:,} bytes, {left:,} are left in the track"
                    )
                return length, at
        raise self.error(first_at, "a number of more than four bytes")

    def _meta(self, tick: int, kind: int, begins: int, ends: int) -> None:
        track = self.track
        if kind == _END_OF_TRACK:
            if self.ended_at is None:
                self.ended_at = ends
            return
        if kind not in WORDS and kind not in _MEASURED:
            return
        if len(track.signs) + self.wrong.total() == MOST_SIGNS:
            raise self.error(begins, f"more than {MOST_SIGNS:,} tempo, metre, key and text events")
        sign = Sign(tick, kind, self.events[begins:ends])
        wrong = _wrong_with(sign)
        if wrong:
            self.wrong[wrong] += 1
            track.doubts.add("a meta event with a wrong content")
        else:
            track.signs.append(sign)


def _wrong_with(sign: Sign) -> str | None:
    """What keeps a sign from meaning anything, in words."""
    content = sign.content
    if len(content) != _MEASURED.get(sign.kind, len(content)):
        return f"meta event {sign.kind:#x} with {len(content)} bytes"
    if sign.kind == TEMPO and not any(content):
        return "a tempo of 0"
    if sign.kind == METRE and (not content[0] or content[1] > 7):
        return f"a metre of {content[0]}/2^{content[1]}"
    if sign.kind == KEY and (not (content[0] <= 7 or content[0] >= 249) or content[1] > 1):
        return f"a key signature of bytes {content[0]} and {content[1]}"
    return None


def _what(status: int, second: bool = False) -> str:
    """What a data byte stands for, in words."""
    first_of, second_of = {
        0x8: ("note number", "velocity"),
        0x9: ("note number", "velocity"),
        0xA: ("note number", "pressure"),
        0xB: ("controller", "controller value"),
        0xC: ("program", "program"),
        0xD: ("pressure", "pressure"),
        0xE: ("pitch bend", "pitch bend"),
    }[status >> 4]
    return second_of if second else first_of
