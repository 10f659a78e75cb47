"""What is turned and pressed while it plays: the knobs, the channel, and the two buttons.

One value at a time is the rules that the performer goes by; a knob, a page or an option makes another. Knows
rules and controllers. Must not know pages, ports or options.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from realtime.knobs import (
    BUTTONS,
    CHANNEL,
    CHANNEL_COUNT,
    DEFAULT_CONTROLLERS,
    KNOBS,
    MIDDLE_PLACE,
    NEXT,
    SAME,
    channel_at,
)
from realtime.midi import wire
from realtime.performer.events import HandOverNow, Panic
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.rows.turned import ControlMoved

PRESSED_FROM = MIDDLE_PLACE  # of 127: from here on, a button is down


Wish = ControlMoved | HandOverNow | Panic

_PRESSED: Mapping[str, Callable[[float], Wish]] = dict(zip(BUTTONS, (HandOverNow, Panic), strict=True))


class Controls:
    """The controls as they stand.

    Moved on the loop's thread alone; `controllers` says which MIDI controller moves which.
    """

    def __init__(
        self, rules: Rules = DEFAULT_RULES, controllers: Mapping[str, int] = DEFAULT_CONTROLLERS
    ) -> None:
        self.rules = rules
        self._of_controller = {number: name for name, number in controllers.items()}

    def move(self, moved: ControlMoved) -> bool:
        """Set a control; whether that was possible."""
        changed = with_control(self.rules, moved.name, moved.value)
        if changed is None:
            return False
        self.rules = changed
        return True

    def wishes_of(self, turned: wire.ControllerTurned) -> tuple[Wish, ...] | None:
        """What a controller wishes: nothing when a button is let go; None for one that is none of ours.

        All notes off, from a keyboard, is a panic.
        """
        if turned.number in (wire.ALL_SOUND_OFF, wire.ALL_NOTES_OFF):
            return (Panic(turned.at),)
        name = self._of_controller.get(turned.number)
        if name is None:
            return None
        if name in BUTTONS:
            return (_PRESSED[name](turned.at),) if turned.value >= PRESSED_FROM else ()
        value = channel_at(turned.value) if name == CHANNEL else KNOBS[name].at(turned.value)
        return (ControlMoved(turned.at, name, value),)


def with_control(rules: Rules, name: str, value: float | str) -> Rules | None:
    """The rules with a control set, its number brought within its limits.

    None for what is no control or no value of it.
    """
    if name == CHANNEL:
        return _with_channel(rules, value)
    if name not in KNOBS or isinstance(value, str) or value != value:
        return None
    turned = replace(rules, knobs=rules.knobs.turned(name, value))
    return _with_free_length(turned) if name == "length" else turned


def _with_free_length(rules: Rules) -> Rules:
    """Where one length was fixed in seconds, the share of the call takes its place."""
    if rules.shortest_answer_s < rules.longest_answer_s:
        return rules
    return replace(
        rules,
        shortest_answer_s=DEFAULT_RULES.shortest_answer_s,
        longest_answer_s=DEFAULT_RULES.longest_answer_s,
    )


def _with_channel(rules: Rules, value: float | str) -> Rules | None:
    if value in (NEXT, SAME):
        return replace(rules, channel=None, shares_channel=value == SAME)
    if isinstance(value, str) or not 1 <= value <= CHANNEL_COUNT or value != int(value):
        return None
    return replace(rules, channel=int(value) - 1, shares_channel=False)
