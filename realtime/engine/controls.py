"""What is turned and pressed while it plays: the knobs, the channel, the mode, and the buttons.

One value at a time is the rules that the performer goes by; a knob, a page or an option makes another. Knows
rules and controllers. Must not know pages, ports or options.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from realtime.knobs import (
    BUTTONS,
    CHANNEL,
    CHANNEL_COUNT,
    CONTROLS,
    DEFAULT_CONTROLLERS,
    FASTEST,
    KEEP,
    KNOBS,
    LAST_PLACE,
    LIMITS,
    MIDDLE_PLACE,
    MODE,
    MODEL,
    MUTE,
    NEXT,
    OCTAVE,
    PAUSE,
    SAME,
    SLOWEST,
    SPLIT,
    STEP,
    TEMPO,
    TIMES,
    Mode,
    Pause,
    channel_at,
    first_place_of,
    mode_at,
)
from realtime.midi import wire
from realtime.performer.events import AskedAnew, Forgot, Froze, HandOverNow, Panic
from realtime.performer.player.split import split_said
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.sound.limits import limit_at, limits_of, with_limit
from realtime.rows.turned import ControlMoved, Learnt, ModelWished, Starred

NEVER_LEARNT = frozenset({wire.SUSTAIN, *range(120, 128)})  # the pedal, and what speaks to a whole channel
PRESSED_FROM = MIDDLE_PLACE  # of 127: from here on, a button is down


Wish = ControlMoved | HandOverNow | AskedAnew | Forgot | Froze | Panic | ModelWished | Starred

_EVENTS: Mapping[str, Callable[[float], Wish]] = {
    "hand-over": HandOverNow,
    "panic": Panic,
    "again": AskedAnew,
    "freeze": Froze,
    "forget": Forgot,
    "next-model": lambda at: ModelWished(at, NEXT),
    "star": Starred,
}
_MOVES: Mapping[str, Callable[[Rules], tuple[str, float | str]]] = {
    "calmer": lambda rules: ("temperature", rules.knobs.temperature - STEP),
    "bolder": lambda rules: ("temperature", rules.knobs.temperature + STEP),
    "sparser": lambda rules: ("density", rules.knobs.density / TIMES),
    "denser": lambda rules: ("density", rules.knobs.density * TIMES),
    "lower": lambda rules: ("register", rules.knobs.register - OCTAVE),
    "higher": lambda rules: ("register", rules.knobs.register + OCTAVE),
    "shorter-notes": lambda rules: ("articulation", rules.knobs.articulation / TIMES),
    "longer-notes": lambda rules: ("articulation", rules.knobs.articulation * TIMES),
    "softer": lambda rules: ("loudness", rules.knobs.loudness / TIMES),
    "louder": lambda rules: ("loudness", rules.knobs.loudness * TIMES),
    "mute": lambda rules: (MUTE, float(not rules.is_muted)),
    "next-mode": lambda rules: (MODE, rules.mode.next.value),
}
assert {*_EVENTS, *_MOVES} == BUTTONS.keys()


ANSWERED_BY = f"{MODEL}:"  # before a model's name, where commands stand as well
_PAUSES = frozenset(pause.value for pause in Pause)
_MODES = frozenset(mode.value for mode in Mode)
NO_PROGRAMS: Mapping[int, str] = {}
Moves = tuple[tuple[str, float | str], ...]  # controls by name, and where to
NO_PRESETS: Mapping[str, Moves] = {}
NONE_LEARNT: Mapping[str, int] = {}


class Controls:
    """The controls as they stand.

    Moved on the loop's thread alone; `controllers` says which MIDI controller moves which, and `programs`
    which program change, counted from 0, is which command, mode, preset or model; `presets` say by name which
    controls they move, and where to. What was `learnt` goes before `controllers`.
    """

    def __init__(
        self,
        rules: Rules = DEFAULT_RULES,
        controllers: Mapping[str, int] = DEFAULT_CONTROLLERS,
        programs: Mapping[int, str] = NO_PROGRAMS,
        presets: Mapping[str, Moves] = NO_PRESETS,
        learnt: Mapping[str, int] = NONE_LEARNT,
    ) -> None:
        self.rules = rules
        self._programs = dict(programs)
        self._presets = dict(presets)
        self._as_said, self._learnt = dict(controllers), dict(learnt)
        self._of_controller = self._standing()
        self._learning: str | None = None

    @property
    def controllers(self) -> Mapping[int, str]:
        """Which controller moves which control, by its number."""
        return self._of_controller

    def move(self, moved: ControlMoved) -> bool:
        """Set a control; whether that was possible."""
        changed = with_control(self.rules, moved.name, moved.value)
        if changed is None:
            return False
        self.rules = changed
        return True

    def keep(self, name: str, moves: Moves, program: int | None) -> None:
        """Another preset, or one in place of the one with this name, and the program that recalls it."""
        self._presets[name] = moves
        if program is not None:
            self._programs[program] = name

    def learn(self, name: str) -> None:
        """Let the next controller that is moved be that of a control or a button."""
        self._learning = name if name in CONTROLS else None

    def learnt(self, turned: wire.ControllerTurned) -> Learnt | None:
        """What this controller moves from here on, if one was to be learnt; the pedal's is never learnt."""
        name = self._learning
        if name is None or turned.number in NEVER_LEARNT:
            return None
        self._learning = None
        moved_before = self._of_controller.get(turned.number)
        others = {other: number for other, number in self._learnt.items() if number != turned.number}
        self._learnt = {**others, name: turned.number}
        self._of_controller = self._standing()
        instead_of = moved_before if moved_before != name else None
        return Learnt(turned.at, name, turned.number, instead_of)

    def unlearn(self) -> None:
        """Forget what was learnt, this evening or before."""
        self._learnt, self._learning = {}, None
        self._of_controller = self._standing()

    def _standing(self) -> dict[int, str]:
        """What was learnt, and what was said but for that."""
        learnt = {number: name for name, number in self._learnt.items()}
        said = {number: name for name, number in self._as_said.items() if name not in self._learnt}
        return {**said, **learnt}

    def turns_a_knob(self, message: bytes) -> bool:
        """Whether a message sets a knob or the channel: of those that wait, the newest counts alone."""
        if len(message) != 3 or message[0] & 0xF0 != wire.CONTROL:
            return False
        return self.turns(message[1])

    def turns(self, number: int) -> bool:
        """Whether a controller sets a knob or makes a choice, and is no button."""
        name = self._of_controller.get(number)
        return name is not None and name not in BUTTONS

    def wishes_of(self, turned: wire.ControllerTurned) -> tuple[Wish, ...] | None:
        """What a controller wishes: nothing when a button is let go; None for one that is none of ours.

        All sound off, from a keyboard, is a panic.
        """
        if turned.number == wire.ALL_SOUND_OFF:
            return (Panic(turned.at),)
        name = self._of_controller.get(turned.number)
        if name is None:
            return None
        if name in BUTTONS:
            return (self.pressed(name, turned.at),) if turned.value >= PRESSED_FROM else ()
        return (ControlMoved(turned.at, name, value_at(name, turned.value)),)

    def pressed(self, name: str, at: float) -> Wish:
        """What a button wishes, by its name, as the controls stand."""
        if name in _EVENTS:
            return _EVENTS[name](at)
        return ControlMoved(at, *_MOVES[name](self.rules))

    def wishes_of_program(self, program: int, at: float) -> tuple[Wish, ...] | None:
        """What a program change wishes, counted from 0; None for one that is none of ours."""
        name = self._programs.get(program)
        return None if name is None else self.called(name, at)

    def called(self, name: str, at: float) -> tuple[Wish, ...]:
        """What a command, a preset, a mode or a model wishes, by its name; nothing for any other name."""
        if name in BUTTONS:
            return (self.pressed(name, at),)
        if name in self._presets:
            return tuple(_wish(at, *move) for move in self._presets[name])
        if name.startswith(ANSWERED_BY):
            return (ModelWished(at, name.removeprefix(ANSWERED_BY)),)
        return (ControlMoved(at, MODE, name),) if name in _MODES else ()


def _wish(at: float, name: str, value: float | str) -> Wish:
    """A move of a preset's: a control's, or to another model."""
    return ModelWished(at, str(value)) if name == MODEL else ControlMoved(at, name, value)


def value_at(name: str, place: int) -> float | str:
    """What a controller's place, from 0 to 127, sets a control to."""
    if name == CHANNEL:
        return channel_at(place)
    if name in LIMITS or name == KEEP:
        return limit_at(name, place)
    return mode_at(place).value if name == MODE else KNOBS[name].at(place)


def place_of(rules: Rules, name: str) -> int | None:
    """The place of a controller, from 0 to 127, that sets a control to where it stands; None if none does."""
    if name == CHANNEL:
        return None if rules.channel is None else first_place_of(rules.channel, CHANNEL_COUNT)
    if name == MODE:
        return first_place_of(list(Mode).index(rules.mode), len(Mode))
    if name in LIMITS or name == KEEP:
        stands = limits_of(rules.limits)[name]
        return next((place for place in range(LAST_PLACE + 1) if limit_at(name, place) == stands), None)
    return KNOBS[name].place_of(getattr(rules.knobs, name)) if name in KNOBS else None


def with_control(rules: Rules, name: str, value: float | str) -> Rules | None:
    """The rules with a control set, its number brought within its limits.

    None for what is no control or no value of it.
    """
    if name == CHANNEL:
        return _with_channel(rules, value)
    if name == MODE:
        return replace(rules, mode=Mode(value)) if value in _MODES else None
    if name == MUTE:
        return replace(rules, is_muted=bool(value)) if value in (0, 1) else None
    if name == PAUSE:
        return replace(rules, pause=Pause(value)) if value in _PAUSES else None
    if name == SPLIT:
        split = split_said(str(value))
        return None if split is None else replace(rules, split=split)
    if name == TEMPO and not isinstance(value, str):
        fits = SLOWEST <= value <= FASTEST
        return replace(rules, tempo=float(value), follows_playing=False) if fits else None
    if name in LIMITS or name == KEEP:
        limits = with_limit(rules.limits, name, value)
        return None if limits is None else replace(rules, limits=limits)
    if name not in KNOBS or isinstance(value, str) or value != value:
        return None
    turned = replace(rules, knobs=rules.knobs.turned(name, value))
    frees = _FREES.get(name)
    return turned if frees is None else frees(turned)


def _with_free_length(rules: Rules) -> Rules:
    """Where one length was fixed in seconds, the share of the call takes its place."""
    if rules.shortest_answer_s < rules.longest_answer_s:
        return rules
    return replace(
        rules,
        shortest_answer_s=DEFAULT_RULES.shortest_answer_s,
        longest_answer_s=DEFAULT_RULES.longest_answer_s,
    )


def _with_free_silence(rules: Rules) -> Rules:
    """Where the silence was fixed in seconds, the playing says again how long it is."""
    return replace(rules, fixed_silence_s=None)


# Knobs that, turned, take the place of what was fixed in seconds.
_FREES: Mapping[str, Callable[[Rules], Rules]] = {
    "length": _with_free_length,
    "eagerness": _with_free_silence,
}


def _with_channel(rules: Rules, value: float | str) -> Rules | None:
    if value in (NEXT, SAME):
        return replace(rules, channel=None, shares_channel=value == SAME)
    if isinstance(value, str) or not 1 <= value <= CHANNEL_COUNT or value != int(value):
        return None
    return replace(rules, channel=int(value) - 1, shares_channel=False)
