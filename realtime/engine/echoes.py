"""Our own messages that come back: from a loop of cables, a synth that echoes, a DAW's track with monitoring.

How this works:

- Passed on again, what comes back would go round for ever. But a player may well play what was sent a moment
  ago: a switch bounces, a key is struck twice. So only what no hand can do is left out at once
  (`_impossible`); a controller, a bend or a program never is, for its last value must stand.
- A key that is struck just as hard on two inputs at once may be an echo, one keyboard that comes in twice, or
  two keyboards that know but one velocity. An input that repeats hardly anything of what is struck elsewhere
  is played by somebody (`_is_played`): there it passes, and a probe says at once whether that was right.
- A loop is *suspected* where messages come in that were sent a moment before, in the order of sending. Then a
  *probe* goes out: two messages that nobody hears and nobody plays. If one comes back, it is proven: whatever
  goes out comes in there, just once, and that is how it is left out from then on (`_expected`).
- Where a loop was and nothing comes back any more, it is over.

Knows bytes and moments. Must not know ports, turns or the player's hands; what is held is asked of others.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from random import Random

from music.pedal import Keyboard
from realtime.midi import wire

AT_ONCE_S = 0.03  # what comes back sooner, and can't be played, is left out without proof
LONGEST_LOOP_S = 2.0
FEWEST_IN_ORDER = 4  # messages that came back, before a loop is suspected
FIRST_PAUSE_S, LONGEST_PAUSE_S = 4.0, 300.0  # after a probe that did not come back
LEAST_SLACK_S = 0.06  # by so much, and half of itself, a loop's delay may change
MISSED_BEFORE_OVER = 24  # messages that did not come back, one after the other
REMEMBERED = 1024
STRIKES_COMPARED, FEWEST_COMPARED = 8, 4  # that went out for others, before an input is taken for played
CLOCK_WITHIN_S = 0.008  # a clock says the same again and again, but never so soon
BELOW_THE_PIANO = 12  # keys that nobody plays
PROBE_CONTROLLER = 119  # that the standard leaves undefined
MODEL = -1  # the source of what the model plays

KeyboardOn = Callable[[int, int], Keyboard | None]  # that of an input and a channel, if it was ever played


@dataclass(slots=True)
class _Sent:
    """A message that went out: when, for whom, and how many went before it."""

    at: float
    source: int
    number: int


@dataclass(frozen=True, slots=True)
class LoopNews:
    """A loop was proven on an input, with its delay in seconds, or is over.

    `struck` are keys (channel, pitch) that are held there by what came back before: their releases will be
    left out.
    """

    source: int
    delay_s: float | None
    struck: frozenset[tuple[int, int]] = frozenset()


@dataclass(slots=True)
class _Port:
    """What is known of one input."""

    in_order: int = 0  # messages that seem to have come back, less those that don't
    last_number: int = -1
    probe: tuple[bytes, ...] = ()
    probed_at: float = -inf
    not_before: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    delay_s: float | None = None  # of a proven loop
    expected: deque[tuple[float, bytes]] = field(default_factory=deque)  # sent, and not come back yet
    missed: int = 0
    repeated: deque[int] = field(default_factory=lambda: deque(maxlen=4 * STRIKES_COMPARED))  # by number
    is_doubted: bool = False  # whether a strike passed that may be an echo, and no probe went out since
    struck: set[tuple[int, int]] = field(default_factory=set)  # keys (channel, pitch), perhaps by an echo


class Echoes:
    """What was sent of late, and which inputs it comes back on."""

    def __init__(self, random: Random | None = None) -> None:
        self.count = 0
        self._random = random or Random()
        self._last: dict[bytes, _Sent] = {}
        self._log: deque[tuple[float, bytes]] = deque(maxlen=REMEMBERED)
        self._strikes: deque[_Sent] = deque(maxlen=REMEMBERED)
        self._number = 0
        self._ports: dict[int, _Port] = {}
        self._loops: list[_Port] = []
        self._news: list[LoopNews] = []

    def sent(self, message: bytes, at: float, source: int) -> None:
        """A message went out, for an input or for the model."""
        self._number += 1
        self._last.pop(message, None)  # so that the messages stand in the order of their last sending
        self._last[message] = _Sent(at, source, self._number)
        if len(self._last) > REMEMBERED:
            del self._last[next(iter(self._last))]
        self._log.append((at, message))
        if _is_strike(message):
            self._strikes.append(self._last[message])
        for port in self._loops:
            port.expected.append((at, message))

    def is_echo(self, message: bytes, at: float, source: int, keyboard_on: KeyboardOn) -> bool:
        """Whether a message is one of ours that came back on this input, to be left out."""
        port = self._ports.get(source)
        if port is None:
            port = self._ports[source] = _Port()
        if self._is_probe(message, at, source, port) or self._comes_back(message, at, source, port):
            self.count += 1
            return True
        last = self._last.get(message)
        age_s = LONGEST_LOOP_S if last is None else at - last.at
        if last is None or age_s >= LONGEST_LOOP_S:
            port.in_order = max(port.in_order - 1, 0)
            _note_key(port, message, may_be_echo=False)
            return False
        self._suspect(port, message, last, age_s)
        is_doubtful = _is_strike(message) and last.source != source and abs(age_s) < AT_ONCE_S
        is_repeated = is_doubtful and not self._is_played(source, port, at)
        if is_doubtful:
            port.repeated.append(last.number)
        if is_repeated or _impossible(message, age_s, last.source, source, keyboard_on):
            self.count += 1
            return True
        port.is_doubted |= is_doubtful
        _note_key(port, message, may_be_echo=True)
        return False

    def is_news(self, message: bytes, at: float, source: int) -> bool:
        """Whether a message can be none of ours, whatever is held: nothing like it was sent of late, and no
        loop is known or looked for on this input."""
        port = self._ports.get(source)
        if port is not None and (port.probe or port.delay_s is not None):
            return False
        last = self._last.get(message)
        return last is None or at - last.at >= LONGEST_LOOP_S

    def suspects(self, source: int, at: float) -> bool:
        """Whether what comes in on an input looks like a loop, and it is time to probe it."""
        port = self._ports.get(source)
        if port is None or port.delay_s is not None:
            return False
        is_doubted = port.is_doubted and at >= port.probed_at + FIRST_PAUSE_S
        return is_doubted or (port.in_order >= FEWEST_IN_ORDER and at >= port.not_before)

    def probe(self, source: int, at: float, channel: int) -> tuple[bytes, ...]:
        """Messages to be sent on a channel of the model's, if what comes in there looks like a loop."""
        if not self.suspects(source, at):
            return ()
        port = self._ports[source]
        if port.is_doubted:
            port.not_before = max(port.not_before, at + FIRST_PAUSE_S)
        else:
            port.not_before = at + port.pause_s
            port.pause_s = min(2 * port.pause_s, LONGEST_PAUSE_S)
        port.in_order, port.is_doubted, port.probed_at = 0, False, at
        any_of = self._random.randrange
        release = wire.released(channel, any_of(BELOW_THE_PIANO), any_of(1, 128))
        port.probe = (release, bytes((wire.CONTROL | channel, PROBE_CONTROLLER, any_of(128))))
        return port.probe

    @property
    def has_news(self) -> bool:
        """Whether there is any."""
        return bool(self._news)

    def news(self) -> list["LoopNews"]:
        """Inputs on which a loop was proven or is over."""
        news, self._news = self._news, []
        return news

    def _is_played(self, source: int, port: _Port, at: float) -> bool:
        """Whether an input has repeated less than half of what was struck elsewhere of late: somebody plays
        there. What an echo had no time for yet doesn't count."""
        elsewhere = (sent for sent in reversed(self._strikes) if sent.source != source)
        numbers = [
            sent.number
            for sent in islice((one for one in elsewhere if at - one.at >= AT_ONCE_S), STRIKES_COMPARED)
        ]
        repeated = sum(number in port.repeated for number in numbers)
        return len(numbers) >= FEWEST_COMPARED and 2 * repeated < len(numbers)

    def _suspect(self, port: _Port, message: bytes, last: _Sent, age_s: float) -> None:
        if message[0] >= wire.FIRST_REAL_TIME:
            port.in_order = port.in_order + 1 if age_s < CLOCK_WITHIN_S else max(port.in_order - 1, 0)
        elif last.number > port.last_number:
            port.in_order += 1
            port.last_number = last.number

    def _is_probe(self, message: bytes, at: float, source: int, port: _Port) -> bool:
        if message not in port.probe:
            return False
        port.probe = tuple(one for one in port.probe if one != message)
        if port.delay_s is None and at - port.probed_at < LONGEST_LOOP_S:
            self._prove(source, port, at)
        return True

    def _prove(self, source: int, port: _Port, at: float) -> None:
        delay_s = max(at - port.probed_at, 0.0)
        port.delay_s, port.missed, port.pause_s = delay_s, 0, FIRST_PAUSE_S
        # What was sent since then is still on its way.
        under_way = [row for row in self._log if row[0] >= at - delay_s and row[1] not in port.probe]
        port.expected = deque(under_way, maxlen=REMEMBERED)
        self._loops.append(port)
        self._news.append(LoopNews(source, delay_s, frozenset(port.struck)))
        port.struck.clear()

    def _comes_back(self, message: bytes, at: float, source: int, port: _Port) -> bool:
        """In a proven loop: whether it is the return of something that was sent, each just once."""
        if port.delay_s is not None:
            self._miss_overdue(at, source, port)
        if port.delay_s is None:
            return False
        within_s = _slack_s(port.delay_s)
        for place, (sent_at, sent) in enumerate(port.expected):
            if sent == message and abs(at - sent_at - port.delay_s) <= within_s:
                del port.expected[place]
                port.missed = 0
                return True
        return False

    def _miss_overdue(self, at: float, source: int, port: _Port) -> None:
        assert port.delay_s is not None
        while port.expected and port.expected[0][0] < at - port.delay_s - _slack_s(port.delay_s):
            port.expected.popleft()
            port.missed += 1
        if port.missed >= MISSED_BEFORE_OVER:
            self._loops.remove(port)
            self._ports[source] = _Port()
            port.delay_s = None
            self._news.append(LoopNews(source, None))


def _is_strike(message: bytes) -> bool:
    return message[0] & 0xF0 == wire.NOTE_ON and message[2] > 0


def _note_key(port: _Port, message: bytes, *, may_be_echo: bool) -> None:
    if message[0] & 0xF0 in (wire.NOTE_ON, wire.NOTE_OFF):
        change = port.struck.add if _is_strike(message) and may_be_echo else port.struck.discard
        change((message[0] & 0x0F, message[1]))


def _slack_s(delay_s: float) -> float:
    return LEAST_SLACK_S + delay_s / 2


def _impossible(message: bytes, age_s: float, sent_for: int, source: int, keyboard_on: KeyboardOn) -> bool:
    """Whether no hand can have played it so soon after it was sent.

    Where a key is held it can't be struck, where it isn't it can't be let go. And where the player has never
    played, what the model has just played is the model's, however long the way was.
    """
    kind = message[0] & 0xF0
    if message[0] >= wire.FIRST_SYSTEM_STATUS or kind not in (wire.NOTE_ON, wire.NOTE_OFF):
        return False
    keyboard = keyboard_on(source, message[0] & 0x0F)
    if keyboard is None and sent_for == MODEL:
        return True
    if abs(age_s) >= AT_ONCE_S:
        return False
    is_held = keyboard is not None and bool(keyboard.held >> message[1] & 1)
    return is_held if _is_strike(message) else not is_held
