"""What can be turned while it plays: temperature, length, loudness, channel, and the two buttons.

One value at a time is the rules that the performer goes by; a knob, a page or an option makes another. Knows rules and controller
messages. Must not know pages, ports or options.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from realtime.engine.row_kinds import CHANNEL_COUNT, NEXT, SAME
from realtime.midi import wire
from realtime.performer.events import HandOverNow, Panic
from realtime.performer.rules import DEFAULT_RULES, Rules

MOD_WHEEL = 1
LIMITS: Mapping[str, tuple[float, float]] = {
    "temperature": (0.0, 2.0),
    "length": (0.1, 8.0),
    "loudness": (0.25, 4.0),
}
CONTROLS = (*LIMITS, "channel")
BUTTONS = ("hand-over", "panic")
DEFAULT_CONTROLLERS: Mapping[str, int] = {"temperature": MOD_WHEEL}

_HALF = 64  # of 127: the middle of a knob, and from where a switch is on
_MOST = 127


@dataclass(frozen=True, slots=True)
class ControlMoved:
    """Somebody set a control: `value` is a number, or `next`, `same` or 1 to 16 for the channel."""

    at: float
    name: str
    value: float | str


Wish = ControlMoved | HandOverNow | Panic


class Controls:
    """The controls as they stand. Moved on the loop's thread alone; `controllers` says which MIDI controller moves which."""

    def __init__(
        self, rules: Rules = DEFAULT_RULES, controllers: Mapping[str, int] = DEFAULT_CONTROLLERS
    ) -> None:
        self.rules = rules
        self._of_controller = {number: name for name, number in controllers.items()}

    def told(self) -> dict[str, float | str]:
        """Each control by name, as it stands."""
        return told(self.rules)

    def move(self, moved: ControlMoved) -> bool:
        """Set a control; whether that was possible."""
        changed = with_control(self.rules, moved.name, moved.value)
        if changed is None:
            return False
        self.rules = changed
        return True

    def wish_of(self, message: bytes, at: float) -> Wish | None:
        """What a controller's message wishes, if it is one of ours; all notes off, from a keyboard, is a panic."""
        if not wire.is_for_the_instrument(message) or message[0] & 0xF0 != wire.CONTROL:
            return None
        _, number, value = message
        if number in (wire.ALL_SOUND_OFF, wire.ALL_NOTES_OFF):
            return Panic(at)
        name = self._of_controller.get(number)
        if name is None:
            return None
        if name in BUTTONS:
            button: Callable[[float], Wish] = HandOverNow if name == "hand-over" else Panic
            return button(at) if value >= _HALF else ControlMoved(at, name, value)  # let go: nothing
        return ControlMoved(at, name, at_knob(name, value))


def told(rules: Rules) -> dict[str, float | str]:
    """The controls that rules come from, by name."""
    channel: float | str = NEXT if rules.channel is None else rules.channel + 1
    return {
        "temperature": rules.temperature,
        "length": rules.length_share,
        "loudness": rules.loudness,
        "channel": SAME if rules.shares_channel else channel,
    }


def with_control(rules: Rules, name: str, value: float | str) -> Rules | None:
    """The rules with a control set, its number brought within its limits; None for what is no control or no value of it."""
    if name == "channel":
        return _with_channel(rules, value)
    if name not in LIMITS or isinstance(value, str) or value != value:
        return None
    lowest, highest = LIMITS[name]
    number = float(min(max(value, lowest), highest))
    if name == "temperature":
        return replace(rules, temperature=number)
    if name == "loudness":
        return replace(rules, loudness=number)
    return _with_length(rules, number)


def answer_bounds_s(rules: Rules) -> list[float]:
    """How long an answer is at least and at most, in seconds, whatever share of the call it takes."""
    return [rules.shortest_answer_s, rules.longest_answer_s]


def _with_length(rules: Rules, share: float) -> Rules:
    """Where one length was fixed in seconds, the share of the call takes its place."""
    if rules.shortest_answer_s < rules.longest_answer_s:
        return replace(rules, length_share=share)
    return replace(
        rules,
        length_share=share,
        shortest_answer_s=DEFAULT_RULES.shortest_answer_s,
        longest_answer_s=DEFAULT_RULES.longest_answer_s,
    )


def _with_channel(rules: Rules, value: float | str) -> Rules | None:
    if value in (NEXT, SAME):
        return replace(rules, channel=None, shares_channel=value == SAME)
    if isinstance(value, str) or not 1 <= value <= CHANNEL_COUNT or value != int(value):
        return None
    return replace(rules, channel=int(value) - 1, shares_channel=False)


def steps_of(name: str) -> list[float]:
    """The values that a slider of a control goes through: those of a knob, from end to end with 1 in the middle."""
    return [round(at_knob(name, position), 3) for position in range(_MOST + 1)]


def at_knob(name: str, position: int) -> float:
    """What a knob's position from 0 to 127 sets; in its middle, 64, each control is at 1."""
    if name == "channel":
        return 1 + position * CHANNEL_COUNT // (_MOST + 1)
    lowest, highest = LIMITS[name]
    if name == "temperature":
        side = (position - _HALF) / (_HALF if position < _HALF else _MOST - _HALF)
        return 1.0 + side * (1.0 - lowest if side < 0 else highest - 1.0)
    if position < _HALF:
        return float(lowest ** ((_HALF - position) / _HALF))
    return float(highest ** ((position - _HALF) / (_MOST - _HALF)))
