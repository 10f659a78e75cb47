"""What the model is about to play, and what of it sounds: a ledger of notes by id.

A release belongs to the id of the note that it ends, so an old one can't cut a key that has been struck
again. Knows nothing of turns. All of it is one value; nothing here waits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf, nextafter

from music.changed import changed
from music.notes import NoteOff, NoteOn
from realtime.performer.actions import PlayNote, StopNote
from realtime.performer.rules import Rules
from realtime.performer.sound.limits import HIGHEST_VELOCITY
from realtime.performer.sound.loudness import struck_velocity

Sent = PlayNote | StopNote


@dataclass(frozen=True, slots=True)
class Due:
    """A key to strike, or with velocity 0 to release, at `at` seconds plus the agenda's delay."""

    at: float
    id: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Sounding:
    """A note of the model's that sounds, struck at `since`."""

    id: int
    pitch: int
    channel: int
    since: float


@dataclass(frozen=True, slots=True)
class Manner:
    """How notes are played at this moment: channel, loudness, last moment for an onset, keys left alone, and
    the velocity that none exceeds, however loud it is turned."""

    channel: int
    loudness: float
    no_onset_from: float
    keys_taken: int = 0
    is_muted: bool = False
    loudest: int = HIGHEST_VELOCITY


@dataclass(frozen=True)
class Agenda:
    """Notes due, in order, and notes sounding, in the order they were struck."""

    queue: tuple[Due, ...] = ()
    sounding: tuple[Sounding, ...] = ()
    unreleased: Mapping[int, int] = field(
        default_factory=dict
    )  # pitch -> id queued or sounding, no release yet
    delay_s: float = 0.0
    next_id: int = 1

    @property
    def next_due(self) -> float | None:
        """When the next thing is to be done, in seconds, were there no guard."""
        return self.queue[0].at + self.delay_s if self.queue else None

    def next_guard(self, rules: Rules) -> float | None:
        """When the first sounding note has lasted too long."""
        return self.sounding[0].since + rules.longest_note_s if self.sounding else None


def queued(agenda: Agenda, events: Iterable[NoteOn | NoteOff]) -> Agenda:
    """With a stretch of the answer added; what is out of order happens at once after what is before it."""
    queue = list(agenda.queue)
    unreleased = dict(agenda.unreleased)
    next_id = agenda.next_id
    for event in events:
        at = max(event.at, queue[-1].at) if queue else event.at
        old_id = unreleased.pop(event.pitch, None)
        if old_id is not None:
            queue.append(Due(at, old_id, event.pitch, 0))
        if isinstance(event, NoteOn):
            queue.append(Due(at, next_id, event.pitch, min(max(event.velocity, 1), 127)))
            unreleased[event.pitch] = next_id
            next_id += 1
    return changed(agenda, queue=tuple(queue), unreleased=unreleased, next_id=next_id)


def closed(agenda: Agenda, at: float) -> Agenda:
    """With a release at `at` for every note that has none."""
    return queued(agenda, [NoteOff(at, pitch) for pitch in sorted(agenda.unreleased)])


def caught_up(agenda: Agenda, now: float, late_s: float) -> Agenda:
    """With everything moved so that the next thing is due now, if it is later than `late_s` seconds."""
    due = agenda.next_due
    if due is None or now - due <= late_s:
        return agenda
    delay_s = agenda.delay_s + now - due
    while agenda.queue[0].at + delay_s > now:  # rounded up; the thing is due now, not in a moment
        delay_s = nextafter(delay_s, -inf)
    return changed(agenda, delay_s=delay_s)


def performed(agenda: Agenda, now: float, manner: Manner, rules: Rules) -> tuple[Agenda, list[Sent]]:
    """Everything that is due by `now`, and the agenda without it."""
    done: list[Sent] = []
    sounding = list(agenda.sounding)
    place = 0
    for due in agenda.queue:
        if due.at + agenda.delay_s > now:
            break
        place += 1
        if due.velocity == 0:
            done.extend(_stop(sounding, due.id, now))
        elif not manner.is_muted and now < manner.no_onset_from and not manner.keys_taken >> due.pitch & 1:
            done.append(_play(sounding, due, now, manner, agenda.delay_s))
    if manner.is_muted:
        done.extend(_all_stopped(sounding, now))
    done.extend(_guarded(sounding, now, rules))
    return changed(agenda, queue=agenda.queue[place:], sounding=tuple(sounding)), done


def silenced(agenda: Agenda, now: float) -> tuple[Agenda, list[StopNote]]:
    """Nothing due, nothing sounding; ids go on counting."""
    stops = [StopNote(now, note.id, note.pitch, note.channel) for note in agenda.sounding]
    return Agenda(next_id=agenda.next_id), stops


def without_key(agenda: Agenda, channel: int, pitch: int, now: float) -> tuple[Agenda, list[StopNote]]:
    """With a key let go that somebody else is about to strike; the rest sounds on."""
    kept = [note for note in agenda.sounding if (note.channel, note.pitch) != (channel, pitch)]
    stops = [StopNote(now, note.id, note.pitch, note.channel) for note in agenda.sounding if note not in kept]
    return changed(agenda, sounding=tuple(kept)), stops


def _play(sounding: list[Sounding], due: Due, now: float, manner: Manner, delay_s: float) -> PlayNote:
    velocity = min(struck_velocity(due.velocity, manner.loudness), manner.loudest)
    sounding.append(Sounding(due.id, due.pitch, manner.channel, now))
    return PlayNote(now, due.id, due.pitch, velocity, manner.channel, due.at + delay_s)


def _stop(sounding: list[Sounding], note_id: int, now: float) -> list[StopNote]:
    for place, note in enumerate(sounding):
        if note.id == note_id:
            del sounding[place]
            return [StopNote(now, note.id, note.pitch, note.channel)]
    return []  # it was left out, or the guard was first


def _all_stopped(sounding: list[Sounding], now: float) -> list[StopNote]:
    stops = [StopNote(now, note.id, note.pitch, note.channel) for note in sounding]
    sounding.clear()
    return stops


def _guarded(sounding: list[Sounding], now: float, rules: Rules) -> list[StopNote]:
    stops = []
    while sounding and now >= sounding[0].since + rules.longest_note_s:
        note = sounding.pop(0)
        stops.append(StopNote(now, note.id, note.pitch, note.channel))
    return stops
