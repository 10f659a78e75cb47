"""What the player holds, by hand and foot, on each keyboard; and what of it is waited for.

A release or the lift of a pedal may be lost on its way, and then a key is down for ever, as far as we know.
So what is held while nothing else happens can be *set aside*: it still sounds, and nobody waits for it. A key
that is set aside is waited for again once it is struck again, a pedal once it moves.

Two keyboards may hold the same key on the same channel, where a synth knows one key alone: of the releases,
all but the last are kept back. Must not know turns.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from music.changed import changed
from music.notes import KeyEvent, NoteOff, NoteOn, Pedal
from music.pedal import SILENT_KEYBOARD, Keyboard, fold, pitches_of
from realtime.performer.events import PEDAL_IS_DOWN_FROM, KeyDown, KeyUp, PedalMoved, PlayerEvent

Place = tuple[int, int]  # (source, channel)


@dataclass(frozen=True, slots=True)
class Held:
    """Keys, as pitches from low to high, and whether a pedal holds notes."""

    pitches: tuple[int, ...] = ()
    by_pedal: bool = False

    def exceeds(self, other: "Held") -> bool:
        """Whether anything is held here that is not held there."""
        return self.by_pedal > other.by_pedal or bool(set(self.pitches) - set(other.pitches))


@dataclass(frozen=True)
class Hands:
    """The player's keyboards by source and channel, as they are after all that came."""

    keyboards: Mapping[Place, Keyboard] = field(default_factory=dict)
    depths: Mapping[Place, int] = field(default_factory=dict)  # of the pedals
    set_aside: Mapping[Place, Keyboard] = field(default_factory=dict)  # keys and pedals not waited for
    channels: int = 0  # that the player ever played or pedalled on, as bits
    passing: Mapping[Place, int] = field(default_factory=dict)  # keys, as bits, that only pass through
    moved_at: float = 0.0  # when a key or a pedal that is waited for last moved
    kept_back: tuple[KeyUp, ...] = ()  # releases that the outputs have not had

    @property
    def sounds(self) -> bool:
        """Whether anything is held, by key or pedal, that is waited for."""
        return any(_waited_for(self, place).sounding for place in self.keyboards)

    @property
    def held(self) -> Held:
        """What is waited for."""
        views = [_waited_for(self, place) for place in self.keyboards]
        keys = _union(view.held for view in views)
        return Held(tuple(pitches_of(keys)), any(view.sustained for view in views))

    @property
    def left_alone(self) -> Held:
        """What is held and not waited for any more."""
        keys = _union(aside.held for aside in self.set_aside.values())
        return Held(tuple(pitches_of(keys)), any(aside.pedal_down for aside in self.set_aside.values()))

    def sounding_on(self, channel: int) -> int:
        """The keys, as bits, that sound on a channel by hand or pedal."""
        return _union(keyboard.sounding for keyboard in self._on(channel))

    def held_on(self, channel: int) -> int:
        """The keys, as bits, that are held by hand on a channel."""
        return _union(keyboard.held for keyboard in self._on(channel))

    def depth_on(self, channel: int) -> int:
        """How deep the deepest pedal of a channel stands, from 0 to 127."""
        return max((depth for (_, on), depth in self.depths.items() if on == channel), default=0)

    def has_used(self, channel: int) -> bool:
        """Whether the player ever played or pedalled on a channel."""
        return bool(self.channels >> channel & 1)

    def _on(self, channel: int) -> list[Keyboard]:
        return [keyboard for (_, on), keyboard in self.keyboards.items() if on == channel]


AT_REST = Hands()


def plain(event: PlayerEvent) -> KeyEvent:
    """The event as music alone."""
    if isinstance(event, KeyDown):
        return NoteOn(event.at, event.pitch, event.velocity)
    if isinstance(event, KeyUp):
        return NoteOff(event.at, event.pitch)
    return Pedal(event.at, event.down)


def moved(hands: Hands, event: PlayerEvent) -> Hands:
    """The hands after an event."""
    place = (event.source, event.channel)
    keyboard, _ = fold(hands.keyboards.get(place, SILENT_KEYBOARD), plain(event))
    plays = isinstance(event, KeyDown) or (isinstance(event, PedalMoved) and event.down)
    return Hands(
        keyboards={**hands.keyboards, place: keyboard},
        depths={**hands.depths, place: event.depth} if isinstance(event, PedalMoved) else hands.depths,
        set_aside=_touched(hands.set_aside, place, event) if hands.set_aside else hands.set_aside,
        channels=hands.channels | plays << event.channel,
        passing=_called(hands.passing, place, event) if hands.passing else hands.passing,
        moved_at=event.at,
        kept_back=hands.kept_back,
    )


def passed(before: Hands, after: Hands, event: KeyDown | KeyUp) -> Hands:
    """The hands after a key that only passes through: neither it nor what the pedal keeps of it is waited
    for."""
    place = (event.source, event.channel)
    keys = before.passing.get(place, 0) | 1 << event.pitch
    return changed(after, passing={**before.passing, place: keys}, moved_at=before.moved_at)


def is_passing(hands: Hands, event: KeyUp) -> bool:
    """Whether the key that is let go only passed through."""
    return bool(hands.passing.get((event.source, event.channel), 0) >> event.pitch & 1)


def no_longer_waited_for(hands: Hands) -> Hands:
    """With all that is held set aside."""
    aside = {
        place: Keyboard(held=keyboard.held, pedal_down=keyboard.pedal_down)
        for place, keyboard in hands.keyboards.items()
        if keyboard.held or keyboard.pedal_down
    }
    return changed(hands, set_aside=aside)


def releases(hands: Hands, at: float, source: int | None = None) -> list[PlayerEvent]:
    """What would let go everything that is held, on one keyboard or on all."""
    done: list[PlayerEvent] = []
    for (of, channel), keyboard in sorted(hands.keyboards.items()):
        if source is not None and of != source:
            continue
        done.extend(KeyUp(at, pitch, channel, of) for pitch in pitches_of(keyboard.held))
        if keyboard.pedal_down:
            done.append(PedalMoved(at, 0, channel, of))
    return done


def is_held_elsewhere(hands: Hands, event: PlayerEvent) -> bool:
    """Whether the key or pedal that is let go here is down on another keyboard of the same channel."""
    others = (
        keyboard
        for (source, channel), keyboard in hands.keyboards.items()
        if channel == event.channel and source != event.source
    )
    if isinstance(event, PedalMoved):
        return event.depth < PEDAL_IS_DOWN_FROM and any(keyboard.pedal_down for keyboard in others)
    return isinstance(event, KeyUp) and any(keyboard.held >> event.pitch & 1 for keyboard in others)


def with_kept_back(hands: Hands, release: KeyUp) -> Hands:
    """With a release kept back, for as long as another keyboard holds its key."""
    return changed(hands, kept_back=(*hands.kept_back, release))


def without_kept_back(hands: Hands, release: KeyUp) -> tuple[Hands, list[KeyUp]]:
    """At the last release of a key, those that were kept back: as many strikes as releases reach a synth."""
    if not hands.kept_back:
        return hands, []
    of_key = [one for one in hands.kept_back if (one.channel, one.pitch) == (release.channel, release.pitch)]
    if not of_key:
        return hands, []
    left = tuple(one for one in hands.kept_back if one not in of_key)
    return changed(hands, kept_back=left), [changed(one, at=release.at) for one in of_key]


def _touched(
    set_aside: Mapping[Place, Keyboard], place: Place, event: PlayerEvent
) -> Mapping[Place, Keyboard]:
    """What moves is waited for again."""
    aside = set_aside.get(place)
    if aside is None:
        return set_aside
    if isinstance(event, PedalMoved):
        return {**set_aside, place: changed(aside, pedal_down=False)}
    return {**set_aside, place: changed(aside, held=aside.held & ~(1 << event.pitch))}


def _called(passing: Mapping[Place, int], place: Place, event: PlayerEvent) -> Mapping[Place, int]:
    """A key that is struck as part of the call passes no longer."""
    if not isinstance(event, KeyDown) or place not in passing:
        return passing
    return {**passing, place: passing[place] & ~(1 << event.pitch)}


def _waited_for(hands: Hands, place: Place) -> Keyboard:
    keyboard, aside = hands.keyboards[place], hands.set_aside.get(place)
    passing = hands.passing.get(place, 0)
    if passing:
        held, sustained = keyboard.held & ~passing, keyboard.sustained & ~passing
        keyboard = changed(keyboard, held=held, sustained=sustained)
    if aside is None:
        return keyboard
    sustained = 0 if aside.pedal_down else keyboard.sustained
    return changed(keyboard, held=keyboard.held & ~aside.held, sustained=sustained)


def _union(sets: Iterable[int]) -> int:
    keys = 0
    for each in sets:
        keys |= each
    return keys
