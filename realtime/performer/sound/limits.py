"""The limits of an answer: how far it may go, whatever a model draws; and how it bends to them.

Nothing is refused that can be bent. Where two limits can't both be kept, the earlier of these goes first:

1. the range: a note outside comes back by octaves, or to the nearest end;
2. how loud: a louder note is struck as loud as may be;
3. how long: a longer note is let go;
4. how dense: what is more than so many in a second is left out, but never a note after a second of silence;
5. how many at once: of too many, the oldest is let go, but of one chord what is too much is left out;
6. the keys: a note goes to the nearest key that is allowed; where the range has none, it stays.

Knows events as values. Must not know turns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from music.keys import detect_key, scale_of
from music.notes import HIGHEST_PITCH, KeyEvent, NoteOff, NoteOn, pitch_named
from music.phrase import phrase_of
from realtime.knobs import (
    HIGHEST_NOTE,
    KEEP,
    LAST_PLACE,
    LIMITS,
    LOUDEST,
    LOWEST_NOTE,
    NOTES_IN_A_SECOND,
    UNLIMITED,
    VOICES,
)

HIGHEST_VELOCITY = 127
CHORD_S = 0.03  # onsets within it are one chord, or one key
REMEMBERED = 256  # events of a call: its key is that of its end
_LEADING = 11  # semitones above the tonic: a minor key has it too


class Keeping(Enum):
    """Which keys an answer keeps to."""

    FREE = "free"
    CALL = "call"  # the pitch classes that the call has
    KEY = "key"  # the scale of the call's key


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be; the defaults limit nothing."""

    lowest: int = 0
    highest: int = HIGHEST_PITCH
    loudest: int = HIGHEST_VELOCITY
    notes_in_a_second: int | None = None
    voices: int | None = None
    keeping: Keeping = Keeping.FREE

    @property
    def are_none(self) -> bool:
        """Whether everything may be."""
        return self == NO_LIMITS


NO_LIMITS = Limits()
_FIELDS = {
    LOWEST_NOTE: "lowest",
    HIGHEST_NOTE: "highest",
    LOUDEST: "loudest",
    VOICES: "voices",
    NOTES_IN_A_SECOND: "notes_in_a_second",
}
# As far as a controller goes; its last place is no limit.
_TURNED_TO = {VOICES: 16, NOTES_IN_A_SECOND: 30}


def with_limit(limits: Limits, name: str, value: float | str) -> Limits | None:
    """The limits with one of them set: by a number, a note's name, or `none`; None for what can't be.

    The lowest and the highest note take each other along.
    """
    if name == KEEP:
        return replace(limits, keeping=Keeping(value)) if value in _KEEPINGS else None
    if value == UNLIMITED:
        return replace(limits, **{_FIELDS[name]: getattr(NO_LIMITS, _FIELDS[name])})
    number = pitch_named(value) if isinstance(value, str) and name in (LOWEST_NOTE, HIGHEST_NOTE) else value
    lowest, highest = LIMITS[name]
    if isinstance(number, str) or number is None or not lowest <= number <= highest or number != int(number):
        return None
    stands: dict[str, Any] = {_FIELDS[name]: int(number)}
    changed = replace(limits, **stands)
    if changed.lowest <= changed.highest:
        return changed
    return replace(changed, lowest=int(number), highest=int(number))


def limits_of(limits: Limits) -> dict[str, float | str]:
    """Every limit by its name, as `with_limit` takes it."""
    numbers = {name: getattr(limits, field) for name, field in _FIELDS.items()}
    said = {name: UNLIMITED if value is None else value for name, value in numbers.items()}
    return {**said, KEEP: limits.keeping.value}


def limit_at(name: str, place: int) -> float | str:
    """What a controller's place from 0 to 127 sets a limit to."""
    if name == KEEP:
        return list(Keeping)[place * len(Keeping) // (LAST_PLACE + 1)].value
    if name not in _TURNED_TO:
        return max(place, LIMITS[name][0])
    return UNLIMITED if place == LAST_PLACE else 1 + place * _TURNED_TO[name] // LAST_PLACE


_KEEPINGS = frozenset(keeping.value for keeping in Keeping)


@dataclass(frozen=True, slots=True)
class Down:
    """A note that is down: the pitch that was drawn, the one that it became, and since when."""

    drawn: int
    pitch: int
    since: float


@dataclass(frozen=True, slots=True)
class Bent:
    """What has been bent so far of one answer, and the pitch classes that it keeps to; none: all of them."""

    classes: frozenset[int] = frozenset()
    down: tuple[Down, ...] = ()
    onsets: tuple[float, ...] = ()  # of the last second


def begun(call: Sequence[KeyEvent], limits: Limits) -> Bent:
    """Before an answer to this call."""
    return Bent(_classes_of(call[-REMEMBERED:], limits.keeping))


def _classes_of(call: Sequence[KeyEvent], keeping: Keeping) -> frozenset[int]:
    if keeping is Keeping.FREE or not any(isinstance(event, NoteOn) for event in call):
        return frozenset()
    if keeping is Keeping.CALL:
        return frozenset(event.pitch % 12 for event in call if isinstance(event, NoteOn))
    key = detect_key(phrase_of(tuple(call)).notes)
    leading = {(key.tonic + _LEADING) % 12} if key.is_minor else set()
    return frozenset({*scale_of(key), *leading})


def bent(
    before: Bent, events: Iterable[NoteOn | NoteOff], limits: Limits
) -> tuple[Bent, tuple[NoteOn | NoteOff, ...]]:
    """The next events of an answer as the limits let them be."""
    if limits.are_none:
        return before, tuple(events)
    after, done = before, []
    for event in events:
        after, played = _struck(after, event, limits) if isinstance(event, NoteOn) else _let_go(after, event)
        done += played
    return after, tuple(done)


def _let_go(before: Bent, event: NoteOff) -> tuple[Bent, list[NoteOn | NoteOff]]:
    """The release of what the note became; none for one that was left out or has been let go."""
    found = next((one for one in before.down if one.drawn == event.pitch), None)
    if found is None:
        return before, []
    return _without(before, found), [NoteOff(event.at, found.pitch)]


def _struck(before: Bent, event: NoteOn, limits: Limits) -> tuple[Bent, list[NoteOn | NoteOff]]:
    onsets = tuple(at for at in before.onsets if event.at - at < 1.0)
    before, releases = _let_go(replace(before, onsets=onsets), NoteOff(event.at, event.pitch))
    pitch = nearest_allowed(event.pitch, before.classes, limits)
    twin = next((one for one in before.down if one.pitch == pitch), None)
    if _is_too_dense(onsets, limits) or (twin is not None and event.at - twin.since < CHORD_S):
        return before, releases
    if twin is not None:
        before, releases = _without(before, twin), [*releases, NoteOff(event.at, pitch)]
    if limits.voices is not None and len(before.down) >= limits.voices:
        oldest = before.down[0]
        if event.at - oldest.since < CHORD_S:
            return before, releases
        before, releases = _without(before, oldest), [*releases, NoteOff(event.at, oldest.pitch)]
    down = (*before.down, Down(event.pitch, pitch, event.at))
    note = NoteOn(event.at, pitch, min(event.velocity, limits.loudest))
    return replace(before, down=down, onsets=(*onsets, event.at)), [*releases, note]


def _is_too_dense(onsets: Sequence[float], limits: Limits) -> bool:
    return limits.notes_in_a_second is not None and len(onsets) >= limits.notes_in_a_second


def _without(before: Bent, one: Down) -> Bent:
    return replace(before, down=tuple(other for other in before.down if other is not one))


def nearest_allowed(pitch: int, classes: frozenset[int], limits: Limits) -> int:
    """The pitch that a note becomes: within the range, and there the nearest of the keys that are kept to."""
    inside = _within_range(pitch, limits)
    if not classes or inside % 12 in classes:
        return inside
    allowed = [one for one in range(limits.lowest, limits.highest + 1) if one % 12 in classes]
    return min(allowed, key=lambda one: (abs(one - inside), one), default=inside)


def _within_range(pitch: int, limits: Limits) -> int:
    moved = pitch
    while moved < limits.lowest:
        moved += 12
    while moved > limits.highest:
        moved -= 12
    return moved if moved >= limits.lowest else min(max(pitch, limits.lowest), limits.highest)
