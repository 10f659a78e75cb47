"""The sustain pedal folded into what sounds, one event at a time.

This is the only place that knows the rule, live and offline alike:

- a key released under the pedal goes on sounding until the pedal lifts or the key is struck again;
- striking a key that still sounds ends the old note at that moment;
- a release of a key that is not held changes nothing;
- when the pedal lifts, the keys that only it held go up, low to high.

A `Keyboard` is a value: what is held and what only the pedal sustains, as bits by pitch.
"""

from dataclasses import dataclass

from music.notes import KeyEvent, NoteOff, NoteOn, Pedal


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Which keys are held, which sound by the pedal alone, and whether the pedal is down."""

    held: int = 0
    sustained: int = 0
    pedal_down: bool = False

    @property
    def sounding(self) -> int:
        """Every key that sounds, as bits by pitch."""
        return self.held | self.sustained


SILENT_KEYBOARD = Keyboard()


def pitches_of(keys: int) -> list[int]:
    """The pitches, low to high, of a set of keys given as bits."""
    pitches = []
    while keys:
        lowest = keys & -keys
        pitches.append(lowest.bit_length() - 1)
        keys ^= lowest
    return pitches


def fold(keyboard: Keyboard, event: KeyEvent) -> tuple[Keyboard, tuple[NoteOn | NoteOff, ...]]:
    """The keyboard after an event, and what began or stopped sounding by it."""
    if isinstance(event, NoteOn):
        return _strike(keyboard, event)
    if isinstance(event, NoteOff):
        return _release(keyboard, event)
    return _tread(keyboard, event)


def silence(keyboard: Keyboard, at: float) -> tuple[Keyboard, tuple[NoteOff, ...]]:
    """Everything that still sounds is ended at `at`, and the pedal is up."""
    return SILENT_KEYBOARD, _ends(keyboard.sounding, at)


def _strike(keyboard: Keyboard, event: NoteOn) -> tuple[Keyboard, tuple[NoteOn | NoteOff, ...]]:
    key = 1 << event.pitch
    after = Keyboard(keyboard.held | key, keyboard.sustained & ~key, keyboard.pedal_down)
    if keyboard.sounding & key:
        return after, (NoteOff(event.at, event.pitch), event)
    return after, (event,)


def _release(keyboard: Keyboard, event: NoteOff) -> tuple[Keyboard, tuple[NoteOff, ...]]:
    key = 1 << event.pitch
    if not keyboard.held & key:
        return keyboard, ()
    held = keyboard.held & ~key
    if keyboard.pedal_down:
        return Keyboard(held, keyboard.sustained | key, True), ()
    return Keyboard(held, keyboard.sustained, False), (event,)


def _tread(keyboard: Keyboard, event: Pedal) -> tuple[Keyboard, tuple[NoteOff, ...]]:
    if event.down:
        return Keyboard(keyboard.held, keyboard.sustained, True), ()
    return Keyboard(keyboard.held, 0, False), _ends(keyboard.sustained, event.at)


def _ends(keys: int, at: float) -> tuple[NoteOff, ...]:
    return tuple(NoteOff(at, pitch) for pitch in pitches_of(keys))
