"""What is answered where there was no time to think: the call as it stood when its last key had gone down.

Whatever the player does from then on, short of another key, changes such an answer no more. So it can be
drawn while that key is still held, and a take that is played again has it whenever it was drawn. The key
counts as held for as long as the gap before it, and the answer goes on from there in time; if that moment
has passed, it begins at once. Knows requests. Must not know who answers.
"""

from collections.abc import Sequence
from dataclasses import replace

from music.manner.chords import TOGETHER_S
from music.notes import KeyEvent, NoteOn
from realtime.answerers.answerer import AnswerEvents
from realtime.performer.actions import Request
from realtime.performer.player.place import let_go

_SHORTEST_S, _LONGEST_S = 0.05, 0.5
_OF_A_SINGLE_KEY_S = 0.25


def at_last_key(request: Request) -> Request:
    """What would be asked for at the moment at which the last key is let go, as far as can be known when it
    goes down."""
    struck = struck_of(request.call)
    if not struck:
        return request
    at = struck[-1].at + _held_s(struck)
    return replace(request, call=(*struck, *let_go(struck, at)), gap_at_least_s=0.0, starts_after=at)


def struck_of(call: tuple[KeyEvent, ...]) -> tuple[KeyEvent, ...]:
    """A call up to its last key that went down, and with it."""
    end = len(call)
    while end and not isinstance(call[end - 1], NoteOn):
        end -= 1
    return call[:end]


def later_s(first_at: float, drawn_after: float, starts_after: float) -> float:
    """By how much an answer is moved that was drawn to begin after one moment, its first note at `first_at`,
    and begins after another: that note keeps its time unless the moment is earlier, or the time has
    passed."""
    return max(starts_after, min(first_at, first_at + starts_after - drawn_after)) - first_at


def begun_after(starts_after: float, drawn: AnswerEvents, drawn_after: float) -> AnswerEvents:
    """The events, moved so that they begin after a moment."""
    by_s, turned = None, None
    while True:
        try:
            event = drawn.send(turned)  # a generator takes None at first
        except StopIteration:
            return
        if by_s is None:
            by_s = later_s(event.at, drawn_after, starts_after)
        turned = yield replace(event, at=event.at + by_s)


def _held_s(struck: Sequence[KeyEvent]) -> float:
    """For how long the last key is taken to be held."""
    last_at = struck[-1].at
    for event in reversed(struck):
        if isinstance(event, NoteOn) and last_at - event.at >= TOGETHER_S:
            return min(max(last_at - event.at, _SHORTEST_S), _LONGEST_S)
    return _OF_A_SINGLE_KEY_S
