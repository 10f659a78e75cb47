"""A take of the live instrument in figures: who played what, how long an answer was waited for, how late its
notes were sent, which answers were cut in upon and which have a star, and where the temperature stood.

Reads takes as they are kept; must not know pages.
"""

from dataclasses import dataclass
from math import inf
from pathlib import Path
from statistics import median
from typing import Any

from dashboard.kept import Kept
from music.midi.files import MidiFileError
from music.notes import Note
from music.phrase import Phrase, pedal_folded
from music.settings import SettingError
from realtime.kept import reading
from realtime.kept.folder import abouts_of, one_side, whole_piece
from realtime.kept.reading import NotKeptError, kept_in
from realtime.rows.take import MODEL, PLAYER
from realtime.rows.turned import ControlMoved

_CUT_WITHIN_S = 0.1  # a note of the answer that ends so soon after your key was ended by it
_TEMPERATURE = "temperature"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One answer of a take, and the phrase that it answers. Moments are seconds of the take."""

    turn: int
    attempt: int
    asked_at: float
    call: Phrase
    answer: Phrase
    was_cut_in: bool
    late_s: tuple[float, ...] = ()  # of its notes in their order; older takes don't say it
    is_starred: bool = False

    @property
    def late_ms(self) -> list[tuple[float, float]]:
        """When each note was struck, and how many milliseconds after it was due it had been sent."""
        if len(self.late_s) != len(self.answer.notes):
            return []  # a note that the take left out: which, nobody knows
        return [(note.at, 1000 * late) for note, late in zip(self.answer.notes, self.late_s, strict=True)]

    @property
    def silence_s(self) -> float | None:
        """How long the player had been silent when the answer was asked for."""
        return self.asked_at - self.call.until if self.call.notes else None

    @property
    def delay_s(self) -> float | None:
        """From there to the answer's first note; None where it has none."""
        return self.answer.notes[0].at - self.asked_at if self.answer.notes else None

    def record(self) -> dict[str, Any]:
        """As a row of a table."""
        return {
            "answer": f"turn {self.turn}" + (f", attempt {self.attempt + 1}" if self.attempt else ""),
            "at s": self.asked_at,
            "your notes": len(self.call.notes),
            "its notes": len(self.answer.notes),
            "silence before, s": self.silence_s,
            "then first note after, s": self.delay_s,
            "latest note, ms": 1000 * max(self.late_s) if self.late_s else None,
            "cut in": self.was_cut_in,
            "star": self.is_starred,
        }


@dataclass(frozen=True, slots=True)
class Night:
    """A take as far as it can be read; `lacks` says what an older one, or another program's, doesn't hold."""

    path: Path
    played: Phrase
    answered: Phrase
    exchanges: tuple[Exchange, ...] = ()
    temperature: tuple[tuple[float, float], ...] = ()  # from when on it stood where
    about: tuple[str, ...] = ()
    lacks: str = ""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return max(self.played.until, self.answered.until)

    @property
    def late_s(self) -> list[float]:
        """How late each note was sent, as far as the take says it."""
        return [late for one in self.exchanges for late in one.late_s]

    @property
    def delay_s(self) -> float | None:
        """The middle of all hand-over delays."""
        delays = [one.delay_s for one in self.exchanges if one.delay_s is not None]
        return median(delays) if delays else None


def load_night(path: Path) -> Night:
    """A take by its file; one that can't be read is an error that says why."""
    return _NIGHTS.of(path)


def _read(path: Path, _: Night | None) -> Night:
    try:
        return _night_of(kept_in(path))
    except NotKeptError as why:
        return _of_notes_alone(path, str(why))
    except (MidiFileError, OSError) as error:
        raise SettingError(f"{path}: can't be read as a take: {error}") from None


def _of_notes_alone(path: Path, lacks: str) -> Night:
    try:
        piece = whole_piece(path)
    except (MidiFileError, OSError) as error:
        raise SettingError(f"{path}: can't be read as a take: {error}") from None
    played, answered = (one_side(piece, voice) for voice in (PLAYER, MODEL))
    return Night(path, played, answered, about=tuple(abouts_of(piece)), lacks=lacks)


def _night_of(kept: reading.Kept) -> Night:
    folded = pedal_folded(kept.played)
    exchanges = []
    call, begin = Phrase(), 0.0
    ends = [*(asked.at for asked in kept.asked[1:]), inf]
    for number, (asked, until) in enumerate(zip(kept.asked, ends, strict=True)):
        answer = Phrase.of(kept.answer(number))
        played = [note for note in folded.notes if begin <= note.at < asked.at]
        call = Phrase.of(played) if played else call  # asked again, it is of the same phrase
        later = [note for note in folded.notes if asked.at <= note.at < until]
        late = tuple(s for one in kept.late if asked.at <= one.at < until for s in one.seconds)
        exchanges.append(
            Exchange(
                asked.turn,
                asked.attempt,
                asked.at,
                call,
                answer,
                _was_cut_in(answer, later),
                late,
                round(asked.at, 3) in kept.starred,
            )
        )
        begin = asked.at
    moved = [
        (event.at, event.value)
        for event in kept.done
        if isinstance(event, ControlMoved) and event.name == _TEMPERATURE and isinstance(event.value, float)
    ]
    stood = ((0.0, kept.rules.knobs.temperature), *moved)
    return Night(kept.path, kept.played, kept.answered, tuple(exchanges), stood, kept.about)


def _was_cut_in(answer: Phrase, later: list[Note]) -> bool:
    """Whether a key of the player's ended it: what sounded then stopped, and nothing came after."""
    for note in later:
        sounding = [one for one in answer.notes if one.at < note.at <= one.until]
        if sounding and answer.until - note.at <= _CUT_WITHIN_S:
            return True
    return False


def steps_of(night: Night) -> list[dict[str, float]]:
    """Where the temperature stood, as corners of a line to the end of the take."""
    rows = [{"at": at, "temperature": value} for at, value in night.temperature]
    last = {"at": night.seconds, "temperature": night.temperature[-1][1]} if night.temperature else None
    return [*rows, *([last] if last else [])]


_NIGHTS = Kept(_read, most_bytes=1 << 26)
