"""What was lost, out of order, left sounding, unanswered or out of turn: from what was handed over and what
arrived.

Three links are kept apart: from the player to the instrument and from the instrument to whoever listens, both
JACK's, and the one between, which is the instrument itself. Must not know how anything was noted.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

NOTE_OFF, NOTE_ON, CONTROL = 0x80, 0x90, 0xB0
PEDAL, ALL_SOUND_OFF, ALL_NOTES_OFF = 64, 120, 123
PEDAL_IS_DOWN_FROM = 64
PLAYER_CHANNEL = 0
AT_ONCE_S = 0.2  # two of JACK's longest periods
PASSED_ON_S = 1.0  # a busy machine takes so long at most to pass a key on
WITHIN = 400  # messages: so far behind another one may be overtaken
ANSWERED, NOTHING, UNHEARD = "answered", "nothing came", "no key of it arrived"
IN_TURN = ("asking", "answering")
MODEL_GIVES_UP = (
    "no answer: the answerer failed",
    "no answer: none came in time",
    "the answer is silence",
    "the keyboard is gone",
    "the output is gone",
    "silenced by hand",
)


@dataclass(frozen=True, slots=True)
class Passage:
    """What became of messages on one link; `more` are those that nobody had handed over."""

    handed: int
    lost: int
    reordered: int
    more: int


def compared(handed: Sequence[bytes], arrived: Sequence[bytes]) -> Passage:
    """Messages that were handed over beside those that arrived."""
    astray = paired(handed, arrived)
    return Passage(len(handed), len(astray.lost), len(astray.reordered), astray.more)


@dataclass(frozen=True, slots=True)
class Astray:
    """Which of the messages handed over, by their places, didn't arrive, and which did too late."""

    lost: list[int]
    reordered: list[int]
    more: int


def paired(handed: Sequence[bytes], arrived: Sequence[bytes]) -> Astray:
    """Each message that arrived with the next one of its kind that was handed over."""
    overtaken: dict[bytes, list[int]] = {}
    reordered: list[int] = []
    place = more = 0
    for message in arrived:
        ahead = _place_of(message, handed, place)
        if ahead is not None:
            for passed in range(place, ahead):
                overtaken.setdefault(handed[passed], []).append(passed)
            place = ahead + 1
        elif overtaken.get(message):
            reordered.append(overtaken[message].pop(0))
        else:
            more += 1
    lost = sorted(number for numbers in overtaken.values() for number in numbers)
    return Astray([*lost, *range(place, len(handed))], reordered, more)


def passed_on(came: Sequence[tuple[float, bytes]], sent: Sequence[tuple[float, bytes]]) -> Astray:
    """Each message that came, in order of time, with the first one alike that was sent since, and soon: what
    the instrument lets go of by itself is like a release of the player's, seconds before or after."""
    unpaired: dict[bytes, deque[tuple[float, int]]] = {}
    for place, (at, message) in enumerate(sent):
        unpaired.setdefault(message, deque()).append((at, place))
    lost: list[int] = []
    reordered: list[int] = []
    furthest = -1
    for number, (at, message) in enumerate(came):
        place_sent = _sent_since(at, unpaired.get(message, deque()))
        if place_sent is None:
            lost.append(number)
        elif place_sent < furthest:
            reordered.append(number)
        furthest = furthest if place_sent is None else max(furthest, place_sent)
    return Astray(lost, reordered, len(sent) - (len(came) - len(lost)))


def _sent_since(at: float, alike: deque[tuple[float, int]]) -> int | None:
    """The place of the first of them that was sent at that moment or soon after it, which then is paired."""
    while alike and alike[0][0] < at:
        alike.popleft()
    return alike.popleft()[1] if alike and alike[0][0] <= at + PASSED_ON_S else None


def _place_of(message: bytes, handed: Sequence[bytes], place: int) -> int | None:
    try:
        return handed.index(message, place, place + WITHIN)
    except ValueError:
        return None


def without_doubles(stamped: Sequence[tuple[float, bytes]]) -> list[tuple[float, bytes]]:
    """Without what comes twice at once, with nothing of the same key or controller in between, as no hand can
    play it: a driver that is overtaken by the next period says some message again in place of those that it
    has missed, the last one or one before."""
    kept: list[tuple[float, bytes]] = []
    newest: dict[bytes, tuple[float, bytes]] = {}
    for at, message in stamped:
        before_at, before = newest.get(_of(message), (-AT_ONCE_S, b""))
        if message != before or at - before_at >= AT_ONCE_S:
            kept.append((at, message))
        newest[_of(message)] = (at, message)
    return kept


def _of(message: bytes) -> bytes:
    """Which key it is of, struck or let go, or which controller."""
    if message[0] & 0xF0 in (NOTE_ON, NOTE_OFF):
        return bytes((NOTE_ON | message[0] & 0x0F, message[1]))
    return message[:2]


def is_played(message: bytes) -> bool:
    """Whether it is a key of the player's, struck or let go by the player's own hand."""
    return message[0] in (NOTE_ON | PLAYER_CHANNEL, NOTE_OFF | PLAYER_CHANNEL)


def sounding_after(messages: Sequence[bytes]) -> set[tuple[int, int]]:
    """(channel, pitch) of all that sounds on a synth that has heard these messages, its pedals obeyed."""
    down: set[tuple[int, int]] = set()
    ringing: set[tuple[int, int]] = set()
    pedals: set[int] = set()
    for message in messages:
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if kind == NOTE_ON and message[2]:
            down.add((channel, message[1]))
        elif kind in (NOTE_OFF, NOTE_ON):
            _let_go({(channel, message[1])}, down, ringing, pedals)
        elif kind == CONTROL and message[1] == PEDAL:
            _move_pedal(channel, message[2], ringing, pedals)
        elif kind == CONTROL and message[1] in (ALL_SOUND_OFF, ALL_NOTES_OFF):
            _let_go({key for key in down if key[0] == channel}, down, ringing, pedals)
            if message[1] == ALL_SOUND_OFF:
                ringing.difference_update([key for key in ringing if key[0] == channel])
    return down | ringing


def _let_go(
    keys: set[tuple[int, int]], down: set[tuple[int, int]], ringing: set[tuple[int, int]], pedals: set[int]
) -> None:
    ringing.update(key for key in keys & down if key[0] in pedals)
    down.difference_update(keys)


def _move_pedal(channel: int, depth: int, ringing: set[tuple[int, int]], pedals: set[int]) -> None:
    if depth >= PEDAL_IS_DOWN_FROM:
        pedals.add(channel)
        return
    pedals.discard(channel)
    ringing.difference_update([key for key in ringing if key[0] == channel])


@dataclass(frozen=True, slots=True)
class Phrase:
    """When a phrase of the player's began, and when the next one did; `excuse` says what kept it from an
    answer."""

    began_at: float
    next_at: float
    excuse: str | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """What one instrument noted, in order: (moment, message) that came, that it sent, and its turns."""

    came: Sequence[tuple[float, bytes]]
    sent: Sequence[tuple[float, bytes]]
    turns: Sequence[tuple[float, str, str]]  # moment, phase, reason


def outcome(phrase: Phrase, noted: Noted) -> str:
    """What came of a phrase: an answer, the reason why not that was said, or nothing at all."""
    if phrase.excuse is not None:
        return phrase.excuse
    if any(_is_answer(message) for at, message in noted.sent if phrase.began_at <= at < phrase.next_at):
        return ANSWERED
    for at, _, reason in noted.turns:
        if phrase.began_at <= at < phrase.next_at and reason in MODEL_GIVES_UP:
            return reason
    has_come = any(
        message[0] == NOTE_ON for at, message in noted.came if phrase.began_at <= at < phrase.next_at
    )
    return NOTHING if has_come else UNHEARD


def _is_answer(message: bytes) -> bool:
    return message[0] & 0xF0 == NOTE_ON and message[0] & 0x0F != PLAYER_CHANNEL and message[2] > 0


def struck_out_of_turn(noted: Noted) -> int:
    """How many notes of the model's began after it had lost the turn, as by a cut-in, and before it was asked
    again."""
    rows = [(at, 1, "") for at, message in noted.sent if _is_answer(message)]
    rows += [(at, 0, phase) for at, phase, _ in noted.turns]
    count, is_in_turn = 0, True
    for _, is_strike, phase in sorted(rows):
        if is_strike:
            count += not is_in_turn
        else:
            is_in_turn = phase in IN_TURN
    return count
