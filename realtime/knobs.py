"""The knobs: what can be turned while it plays, each declared once, as a field of `Knobs`.

The options of `antiphon play`, its `--cc` and its settings file, the engine's controls, the page's sliders
and the table in docs/protocol.md are all made from here. To add a knob, add a field, and use it where the
answer is thought up or played. Standard library alone. Must not know who turns a knob, or by what.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Any

LAST_PLACE, MIDDLE_PLACE = 127, 64  # of a MIDI controller: its places count from 0
MOD_WHEEL = 1

CHANNEL = "channel"  # of the model: a choice, and no knob
CHANNEL_COUNT = 16
NEXT, SAME = "next", "same"  # the model's channel, by the player's

BUTTONS = ("hand-over", "panic")


class KnobScale(Enum):
    """How a knob's values lie between its ends and its default, which is in its middle."""

    EVEN = "even"  # equal steps add the same amount
    RATIO = "ratio"  # equal steps multiply by the same amount


@dataclass(frozen=True, slots=True)
class Knob:
    """What a knob is called, where it goes from and to, and what it does to the music."""

    name: str
    lowest: float
    highest: float
    default: float
    scale: KnobScale
    unit: str  # behind a value: empty for a bare number
    about: str  # what it sets, in a few words
    effect: str  # what it does to the music
    low: str  # what its lower end does, in a few words
    high: str  # what its upper end does
    controller: int | None  # the MIDI controller that turns it unless another is chosen

    def within(self, value: float) -> float:
        """The value, brought between the ends."""
        return float(min(max(value, self.lowest), self.highest))

    def at(self, place: int) -> float:
        """What a place from 0 to 127 sets: the ends at both ends, the default in the middle, 64."""
        if place < MIDDLE_PLACE:
            return self._towards(self.lowest, (MIDDLE_PLACE - place) / MIDDLE_PLACE)
        return self._towards(self.highest, (place - MIDDLE_PLACE) / (LAST_PLACE - MIDDLE_PLACE))

    def steps(self) -> list[float]:
        """The values that a slider goes through: those of a knob, in order."""
        return [round(self.at(place), 3) for place in range(LAST_PLACE + 1)]

    def _towards(self, end: float, share: float) -> float:
        if self.scale is KnobScale.EVEN:
            return float(self.default + share * (end - self.default))
        return float(self.default * (end / self.default) ** share)


def _knob(lowest: float, highest: float, *, default: float = 1.0, **described: Any) -> Any:
    """A field of `Knobs` that is a knob."""
    about = {"unit": "", "controller": None} | described
    return field(default=default, metadata={"lowest": lowest, "highest": highest, "default": default} | about)


@dataclass(frozen=True, slots=True)
class Knobs:
    """Where each knob stands: what an answerer is given, and what the performer plays by."""

    temperature: float = _knob(
        0.0,
        2.0,
        scale=KnobScale.EVEN,
        controller=MOD_WHEEL,
        about="how daring the answer is",
        effect="at 0 a model keeps to your notes and the rule hardly varies them, at 2 it goes its own way",
        low="keeps to your notes",
        high="goes its own way",
    )
    length: float = _knob(
        0.1,
        8.0,
        scale=KnobScale.RATIO,
        unit="×",
        about="how long the answer is, as a share of your phrase",
        effect="0.5 is half as long as the call; the answer's bounds in seconds hold at every share",
        low="shorter",
        high="longer",
    )
    loudness: float = _knob(
        0.25,
        4.0,
        scale=KnobScale.RATIO,
        unit="×",
        about="how loud the answer is",
        effect="soft and loud stay apart, as what is multiplied is velocity / (128 − velocity)",
        low="softer",
        high="louder",
    )

    def turned(self, name: str, value: float) -> "Knobs":
        """With one knob turned as far towards a value as it goes."""
        return replace(self, **{name: KNOBS[name].within(value)})


KNOBS: Mapping[str, Knob] = {one.name: Knob(one.name, **one.metadata) for one in fields(Knobs)}
DEFAULT_KNOBS = Knobs()
CONTROLS = (*KNOBS, CHANNEL, *BUTTONS)  # what a MIDI controller can move
DEFAULT_CONTROLLERS: Mapping[str, int] = {
    name: knob.controller for name, knob in KNOBS.items() if knob.controller is not None
}


def channel_at(place: int) -> int:
    """The channel, from 1, that a controller's place from 0 to 127 chooses."""
    return 1 + place * CHANNEL_COUNT // (LAST_PLACE + 1)
