"""A take read with all that was done in it: what the player played, what was turned and asked for, and what
was answered.

Older takes say less, and of those it is said what is missing. Must not know how they are played again.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from music.midi.files import MidiFileError
from music.notes import Note, NoteOff, NoteOn, Pedal
from music.phrase import Phrase, events_of
from music.piece import Piece
from realtime.engine.controls import with_control
from realtime.kept.folder import one_side, starred_in, whole_piece
from realtime.performer.events import (
    AskedAnew,
    Event,
    Forgot,
    Froze,
    HandOverNow,
    KeyDown,
    KeyUp,
    Panic,
    Paused,
    PedalMoved,
    Stopped,
    WentOn,
)
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.sound.limits import Keeping, Limits
from realtime.rows.standing import LIMITS, SILENCE, TRADED, WITHIN
from realtime.rows.take import (
    ANSWERER,
    ASKED,
    BEAT_S,
    CONTROL,
    FORGOTTEN,
    FROM,
    FROZEN,
    LATE,
    LATE_GRAIN_S,
    MODEL,
    PAUSED,
    PLAYER,
    SILENCED,
    STOPPED,
    TAKEN_UP,
    WENT_ON,
)
from realtime.rows.turned import ControlMoved

_LATEST = 2  # of what happens at one moment: the player's keys, then controls, then what is asked for


class NotKeptError(MidiFileError):
    """The take doesn't hold enough to be played again from its seed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer was asked for at a moment: which turn it was, and which attempt."""

    at: float
    turn: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Late:
    """How late notes of an answer were sent, in seconds, in their order; `at` the last of them was struck."""

    at: float
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A take. Moments are seconds from its first note on."""

    path: Path
    played: Phrase
    answered: Phrase
    asked: tuple[Asked, ...]
    done: tuple[Event | ControlMoved, ...]  # all that the player did, in order
    rules: Rules
    seed: int
    model: str  # default, none, or a file
    answerer: str  # in words
    about: tuple[str, ...]  # the lines that say so, as they stand in the file
    late: tuple[Late, ...] = ()  # older takes don't say it
    starred: tuple[float, ...] = ()  # when the answers were asked for that have a star

    def answer(self, number: int) -> tuple[Note, ...]:
        """The notes of one answer, by its place among those that were asked for."""
        begins = self.asked[number].at
        ends = self.asked[number + 1].at if number + 1 < len(self.asked) else float("inf")
        return tuple(note for note in self.answered.notes if begins <= note.at < ends)


def kept_in(path: Path) -> Kept:
    """All that a take holds; `NotKeptError` where an older Antiphon, or another program, wrote it."""
    piece = whole_piece(path)
    said = dict(_said(piece))
    later = [words.text for words in piece.words if words.text.startswith(ANSWERER) and FROM in words.text]
    if later:
        raise NotKeptError(
            str(path),
            f"the model was changed in it ({later[0].removeprefix(ANSWERER)}); "
            "without --anew, its notes are played as they are",
        )
    if taken_up := next((words.text for words in piece.words if words.text.startswith(TAKEN_UP)), None):
        raise NotKeptError(str(path), f"it {taken_up}; without --anew, its notes are played as they are")
    missing = [name for name in ("seed", "model", "controls") if name not in said]
    if missing:
        raise NotKeptError(
            str(path),
            f"its {' and '.join(missing)} were not kept, as older takes were not; "
            "without --anew, its notes are played as they are",
        )
    marks = list(_marks(piece))
    return Kept(
        path=path,
        played=one_side(piece, PLAYER),
        answered=one_side(piece, MODEL),
        asked=tuple(mark for mark in marks if isinstance(mark, Asked)),
        done=tuple(_done(one_side(piece, PLAYER), marks)),
        rules=_rules(str(path), said["controls"]),
        seed=_whole_number(str(path), said["seed"]),
        model=said["model"],
        answerer=said.get("answerer", ""),
        about=tuple(f"{name}: {value}" for name, value in said.items()),
        late=tuple(_late(piece)),
        starred=tuple(starred_in(piece)),
    )


def _said(piece: Piece) -> Iterator[tuple[str, str]]:
    for words in piece.words:
        name, colon, value = words.text.partition(": ")
        if words.beat == 0 and colon and name in ("answerer", "seed", "model", "controls"):
            yield name, value


def _whole_number(path: str, text: str) -> int:
    if not text.isdecimal():
        raise NotKeptError(path, f"its seed is {text!r}, which is no whole number")
    return int(text)


def _rules(path: str, controls: str) -> Rules:
    """The rules that the take began with."""
    rules = DEFAULT_RULES
    within = (rules.shortest_answer_s, rules.longest_answer_s)
    for word in controls.split(", "):
        name, _, value = word.partition(" ")
        if name == WITHIN and (bounds := re.fullmatch(r"([\d.]+)-([\d.]+)", value)):
            within = (float(bounds[1]), float(bounds[2]))
            continue
        if name == TRADED and (bars := re.fullmatch(r"(\d+)x(\d+)", value)):
            rules = replace(rules, bars=int(bars[1]), beats_in_a_bar=int(bars[2]))
            continue
        if name == SILENCE and (seconds := re.fullmatch(r"[\d.]+", value)):
            rules = replace(rules, fixed_silence_s=float(seconds[0]))
            continue
        if name == LIMITS:
            rules = _with_limits(path, rules, value.split())
            continue
        changed = with_control(rules, name, _value(value))
        if changed is None:
            raise NotKeptError(path, f"its controls hold {word!r}, which this Antiphon doesn't know")
        rules = changed
    return replace(rules, shortest_answer_s=within[0], longest_answer_s=within[1])


def _with_limits(path: str, rules: Rules, said: Sequence[str]) -> Rules:
    try:
        lowest, highest, loudest, dense, voices = (None if word == "None" else int(word) for word in said[:5])
        limits = Limits(lowest or 0, highest or 0, loudest or 0, dense, voices, Keeping(said[5]))
        return replace(rules, limits=limits, longest_note_s=float(said[6]))
    except (ValueError, IndexError):
        raise NotKeptError(
            path, f"its limits are {' '.join(said)!r}, which this Antiphon doesn't know"
        ) from None


def _value(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


Mark = Asked | ControlMoved | Panic | Forgot | Froze | Paused | WentOn | Stopped
_DEEDS: Mapping[str, Callable[[float], Mark]] = {
    SILENCED: Panic,
    FORGOTTEN: Forgot,
    FROZEN: Froze,
    PAUSED: Paused,
    WENT_ON: WentOn,
    STOPPED: Stopped,
}


def _marks(piece: Piece) -> Iterator[Mark]:
    for words in piece.words:
        at = words.beat * BEAT_S
        kind, _, rest = words.text.partition(": ")
        if kind == ASKED and (found := re.fullmatch(r"turn (\d+), attempt (\d+)", rest)):
            yield Asked(at, int(found[1]), int(found[2]))
        elif kind == CONTROL and " " in rest:
            name, _, value = rest.partition(" ")
            yield ControlMoved(at, name, _value(value))
        elif kind in _DEEDS:
            yield _DEEDS[kind](at)


def _late(piece: Piece) -> Iterator[Late]:
    for words in piece.words:
        kind, _, rest = words.text.partition(": ")
        if kind == LATE and all(word.isdecimal() for word in rest.split()):
            yield Late(words.beat * BEAT_S, tuple(int(word) * LATE_GRAIN_S for word in rest.split()))


def _done(played: Phrase, marks: Sequence[Mark]) -> list[Event | ControlMoved]:
    """What the player did, in order."""
    events: list[Event | ControlMoved] = [_event(event) for event in events_of(played)]
    asked_before: set[int] = set()
    for mark in marks:
        events += _asking(mark, asked_before) if isinstance(mark, Asked) else [mark]
    return sorted(events, key=lambda event: (event.at, _rank(event)))


def _asking(asked: Asked, before: set[int]) -> list[Event]:
    """A hand-over, with those that stood ready passed over; or, where the turn was answered before, what also
    breaks off the answer that sounds."""
    if asked.turn in before:
        return [AskedAnew(asked.at)]
    before.add(asked.turn)
    return [*(AskedAnew(asked.at) for _ in range(asked.attempt)), HandOverNow(asked.at)]


def _event(event: NoteOn | NoteOff | Pedal) -> Event:
    if isinstance(event, Pedal):
        return PedalMoved(event.at, 127 if event.down else 0)
    if isinstance(event, NoteOn):
        return KeyDown(event.at, event.pitch, event.velocity)
    return KeyUp(event.at, event.pitch)


def _rank(event: Event | ControlMoved) -> int:
    if isinstance(event, ControlMoved):
        return 1
    return _LATEST if not isinstance(event, KeyDown | KeyUp | PedalMoved) else 0
