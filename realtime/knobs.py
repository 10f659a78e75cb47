"""The knobs: what can be turned while it plays, each declared once, as a field of `Knobs`.

The options of `antiphon play`, its `--cc` and its settings file, the engine's controls, the page's sliders
and the table in docs/protocol.md are all made from here. To add a knob, add a field, and use it where the
answer is thought up or played. Standard library alone. Must not know who turns a knob, or by what.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from math import log
from typing import Any

LAST_PLACE, MIDDLE_PLACE = 127, 64  # of a MIDI controller: its places count from 0
MOD_WHEEL = 1

CHANNEL = "channel"  # of the model: a choice, and no knob
CHANNEL_COUNT = 16
NEXT, SAME = "next", "same"  # the model's channel, by the player's

MODE = "mode"  # how turns pass: a choice, too
TEMPO = "tempo"  # in beats a minute, by which bars are counted
SLOWEST, FASTEST = 20.0, 300.0
SPLIT = "split"  # of the keys: which are the call
MODEL = "model"  # by its name: who answers
PAUSE = "pause"  # when a clock stops
ROUTE, DELAY = "route", "delay"  # which way messages go, and which outputs wait
MUTE = "mute"  # 1: the answer is not heard

# The limits of an answer, with what each may be; KEEP is a choice.
LOWEST_NOTE, HIGHEST_NOTE, LOUDEST = "lowest-note", "highest-note", "loudest"
VOICES, NOTES_IN_A_SECOND, KEEP = "voices", "notes-in-a-second", "keep"
LIMITS: Mapping[str, tuple[int, int]] = {
    LOWEST_NOTE: (0, 127),
    HIGHEST_NOTE: (0, 127),
    LOUDEST: (1, 127),
    VOICES: (1, 64),
    NOTES_IN_A_SECOND: (1, 100),
}
UNLIMITED = "none"

# What can be commanded in a moment, by a button of any sort: what each does, in a few words.
BUTTONS: Mapping[str, str] = {
    "hand-over": "the answer at once, or another one",
    "panic": "silence",
    "again": "another answer, in place of the one that sounds or stands ready",
    "calmer": "a step less daring",
    "bolder": "a step more daring",
    "sparser": "a step fewer notes",
    "denser": "a step more notes",
    "lower": "an octave lower",
    "higher": "an octave higher",
    "shorter-notes": "a step nearer to staccato",
    "longer-notes": "a step nearer to legato",
    "softer": "a step softer",
    "louder": "a step louder",
    "freeze": "the answer goes on, whatever you play; once more, and you can cut in again",
    "mute": "the answer is not heard; once more, and it is",
    "forget": "the last phrase and your pace forgotten",
    "next-mode": "the next mode",
    "next-model": "the next model, from the next answer on",
    "star": "the newest answer gets a star, to be found again; once more, and it has none",
}
STEP = 0.2  # of the temperature, calmer or bolder
TIMES = 2**0.5  # of a knob by ratio, up or down a step: two of them double it
OCTAVE = 12.0
PROGRAMS = 128  # of MIDI, counted from 1 as keyboards show them


class Mode(Enum):
    """How turns pass between the player and the model."""

    CALL = "call"
    BARS = "bars"
    ENDLESS = "endless"
    TOGETHER = "together"
    LISTEN = "listen"
    THRU = "thru"

    @property
    def about(self) -> str:
        """What it does, in a few words."""
        return _MODES[self]

    @property
    def next(self) -> "Mode":
        """The one after it, round and round."""
        modes = list(Mode)
        return modes[(modes.index(self) + 1) % len(modes)]


_MODES = {
    Mode.CALL: "you play a phrase, and it answers",
    Mode.BARS: "you trade bars, so many each",
    Mode.ENDLESS: "it answers itself, on and on, until you cut in",
    Mode.TOGETHER: "it plays while you play, in another register",
    Mode.LISTEN: "it listens, and answers only when asked to",
    Mode.THRU: "it passes on what you play, and nothing else",
}


class Pause(Enum):
    """What becomes of an answer when the clock that is followed stops."""

    END = "end"
    REST = "rest"
    FROZEN = "frozen"
    CAUGHT_UP = "caught-up"

    @property
    def about(self) -> str:
        """What it does, in a few words."""
        return _PAUSES[self]


_PAUSES = {
    Pause.END: "the answer is over",
    Pause.REST: "it goes its way unheard until the clock goes on",
    Pause.FROZEN: "it waits, and goes on where it was",
    Pause.CAUGHT_UP: "it waits, and hurries to where it would have been",
}


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
    word: str  # what it is called where music is spoken; empty: as its name

    @property
    def called(self) -> str:
        """Its name for those who play."""
        return self.word or self.name

    def within(self, value: float) -> float:
        """The value, brought between the ends."""
        return float(min(max(value, self.lowest), self.highest))

    def at(self, place: int) -> float:
        """What a place from 0 to 127 sets: the ends at both ends, the default in the middle, 64."""
        if place < MIDDLE_PLACE:
            return self._towards(self.lowest, (MIDDLE_PLACE - place) / MIDDLE_PLACE)
        return self._towards(self.highest, (place - MIDDLE_PLACE) / (LAST_PLACE - MIDDLE_PLACE))

    def place_of(self, value: float) -> int:
        """The place from 0 to 127 that is nearest to a value."""
        if value < self.default:
            return round(MIDDLE_PLACE * (1 - self._share(value, self.lowest)))
        return round(MIDDLE_PLACE + (LAST_PLACE - MIDDLE_PLACE) * self._share(value, self.highest))

    def _share(self, value: float, end: float) -> float:
        """How far from the default to an end a value lies."""
        if self.scale is KnobScale.EVEN:
            return (value - self.default) / (end - self.default)
        return log(value / self.default) / log(end / self.default)

    def steps(self) -> list[float]:
        """The values that a slider goes through: those of a knob, in order."""
        return [round(self.at(place), 3) for place in range(LAST_PLACE + 1)]

    def _towards(self, end: float, share: float) -> float:
        if self.scale is KnobScale.EVEN:
            return float(self.default + share * (end - self.default))
        return float(self.default * (end / self.default) ** share)


def _knob(lowest: float, highest: float, *, default: float = 1.0, **described: Any) -> Any:
    """A field of `Knobs` that is a knob."""
    about = {"unit": "", "controller": None, "word": ""} | described
    return field(default=default, metadata={"lowest": lowest, "highest": highest, "default": default} | about)


@dataclass(frozen=True, slots=True)
class Knobs:
    """Where each knob stands: what an answerer is given, and what the performer plays by."""

    temperature: float = _knob(
        0.0,
        2.0,
        scale=KnobScale.EVEN,
        controller=MOD_WHEEL,
        word="daring",
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
    density: float = _knob(
        0.25,
        4.0,
        scale=KnobScale.RATIO,
        unit="×",
        about="how many notes the answer has for each of yours",
        effect="at 2 it plays twice as many in the same time, at 0.5 half as many, as far as hands can",
        low="sparser",
        high="denser",
    )
    register: float = _knob(
        -24.0,
        24.0,
        default=0.0,
        scale=KnobScale.EVEN,
        unit="semitones",
        about="how much higher than your phrase the answer lies",
        effect="12 is an octave up, -12 an octave down, in your key and no further than the piano goes",
        low="lower",
        high="higher",
    )
    articulation: float = _knob(
        0.25,
        4.0,
        scale=KnobScale.RATIO,
        unit="×",
        about="how long the answer holds its notes",
        effect="0.5 is half as long as you hold yours, towards staccato; 2 twice as long, one into another",
        low="shorter notes",
        high="longer notes",
    )
    eagerness: float = _knob(
        0.125,
        8.0,
        scale=KnobScale.RATIO,
        unit="×",
        about="how soon the answer comes once you stop",
        effect="at 2 it takes half the certainty that your phrase is over, at 0.5 twice",
        low="rather waits",
        high="rather jumps in",
    )

    def turned(self, name: str, value: float) -> "Knobs":
        """With one knob turned as far towards a value as it goes."""
        return replace(self, **{name: KNOBS[name].within(value)})


KNOBS: Mapping[str, Knob] = {one.name: Knob(one.name, **one.metadata) for one in fields(Knobs)}
DEFAULT_KNOBS = Knobs()
CONTROLS = (*KNOBS, CHANNEL, MODE, *LIMITS, KEEP, *BUTTONS)  # what a MIDI controller can move
UNLEARN = "none"  # in place of a control: what was learnt is forgotten
DEFAULT_CONTROLLERS: Mapping[str, int] = {
    name: knob.controller for name, knob in KNOBS.items() if knob.controller is not None
}


def controllers_of(said: Iterable[tuple[str, int | None]]) -> dict[str, int]:
    """Which MIDI controller moves which control.

    Of what is said of a control the last counts, None for no controller; a default gives way to it.
    """
    chosen = dict(said)
    taken = set(chosen.values())
    defaults = {name: number for name, number in DEFAULT_CONTROLLERS.items() if number not in taken}
    return {name: number for name, number in {**defaults, **chosen}.items() if number is not None}


def learnt_beside(said: Iterable[tuple[str, int | None]], learnt: Mapping[str, int]) -> dict[str, int]:
    """What was learnt before, but for what is said otherwise now."""
    chosen = dict(said)
    taken = set(chosen.values())
    return {name: number for name, number in learnt.items() if name not in chosen and number not in taken}


def channel_at(place: int) -> int:
    """The channel, from 1, that a controller's place from 0 to 127 chooses."""
    return 1 + place * CHANNEL_COUNT // (LAST_PLACE + 1)


def mode_at(place: int) -> Mode:
    """The mode that a controller's place from 0 to 127 chooses."""
    modes = list(Mode)
    return modes[place * len(modes) // (LAST_PLACE + 1)]


def first_place_of(choice: int, choices: int) -> int:
    """The first place from 0 to 127 that chooses one of so many, which count from 0."""
    return -(-choice * (LAST_PLACE + 1) // choices)
