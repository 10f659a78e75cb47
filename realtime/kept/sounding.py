"""The notes of a take as messages at their moments, and the playing of them in real time.

Knows bytes and outputs. Must not know drivers, or where a take lies.
"""

from collections.abc import Callable, Iterable, Iterator

from music.notes import NoteOn, Pedal
from music.phrase import Phrase, events_of
from realtime.engine.clock import Clock
from realtime.engine.outputs import Outputs
from realtime.midi import wire
from realtime.rows.take import MODEL, PARTS

CHANNELS = {part.voice: part.channel for part in PARTS}
Wait = Callable[[float], bool]  # so many seconds; whether somebody asked to stop

_PEDAL_DOWN, _PEDAL_UP = 127, 0


def messages_of(phrase: Phrase) -> Iterator[tuple[float, bytes]]:
    """What a take sounds like as messages, in seconds from its beginning; each side on its own channel."""
    sides = []
    for voice, channel in CHANNELS.items():
        notes = [note for note in phrase.notes if note.voice == voice]
        pedals = () if voice == MODEL else phrase.pedals
        sides += [(event.at, _message(event, channel)) for event in events_of(Phrase.of(notes, pedals))]
    yield from sorted(sides, key=lambda stamped: stamped[0])


def _message(event: object, channel: int) -> bytes:
    if isinstance(event, Pedal):
        depth = _PEDAL_DOWN if event.down else _PEDAL_UP
        return bytes((wire.CONTROL | channel, wire.SUSTAIN, depth))
    assert hasattr(event, "pitch")
    if isinstance(event, NoteOn):
        return wire.struck(channel, event.pitch, event.velocity)
    return wire.released(channel, event.pitch)


def sound(messages: Iterable[tuple[float, bytes]], outputs: Outputs, clock: Clock, wait: Wait) -> bool:
    """Send messages at their moments, from now on; whether all were sent. At the end nothing is held."""
    begun = clock.now()
    try:
        for at, message in messages:
            if wait(max(begun + at - clock.now(), 0.0)):
                return False
            outputs.send(message)
        return True
    finally:
        outputs.let_go()
