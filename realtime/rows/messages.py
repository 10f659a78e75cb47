"""What goes over the pipe and the websockets, as values and as lines of JSON (`docs/protocol.md`).

Rows come from the engine and are trusted; wishes come from a browser and are not: of those, only what is
listed here gets through, rebuilt from the names that were checked. Knows no pipe, socket or clock.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from sys import float_info
from typing import Any, TypeGuard

from realtime.knobs import CHANNEL, CHANNEL_COUNT, CONTROLS, MODE, MUTE, NEXT, SAME, UNLEARN, Mode
from realtime.rows.kinds import FOR_DISPLAY, FOR_THE_TAKE

PROTOCOL = 1  # the version: another where a client that knew this one would misunderstand
MOST_WISH_BYTES = 4096
MOST_NAME = 40  # letters of a preset's
KNOWN = FOR_DISPLAY | FOR_THE_TAKE
HAPPENED = "happened"
LONGEST_NAME = 100  # of a take

_MODES = frozenset(mode.value for mode in Mode)

Limits = Mapping[str, Sequence[float]]  # of each control: lowest, highest


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row of the engine's: its kind, all its names, and the line itself, to be passed on as it is."""

    kind: str
    fields: Mapping[str, Any]
    text: str

    @property
    def at(self) -> float:
        """When, in seconds on the engine's clock."""
        return float(self.fields["at"])


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the page went down, or up where the velocity is 0."""

    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class PedalDepth:
    """The page's pedal stands at a depth from 0 to 127."""

    depth: int


@dataclass(frozen=True, slots=True)
class LeftPedal:
    """The page's left pedal, of a keyboard that the browser hears, stands at a depth from 0 to 127."""

    depth: int


@dataclass(frozen=True, slots=True)
class Control:
    """A control is to be set."""

    name: str
    value: float | str


@dataclass(frozen=True, slots=True)
class Model:
    """Another model is to answer, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """The answer now, or another one."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button is pressed, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Learn:
    """The next MIDI controller that is moved is to move this control, or press this button."""

    name: str


@dataclass(frozen=True, slots=True)
class KeepPreset:
    """Where the controls stand is to be kept, by this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Panic:
    """Silence."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The page's keyboard is gone."""


@dataclass(frozen=True, slots=True)
class NewTake:
    """The take so far is saved, and another begins; the engine doesn't hear of it."""


@dataclass(frozen=True, slots=True)
class PlayOn:
    """The player goes on from a place in a take, in seconds; the engine gets what was played before it."""

    take: str
    place: float


Moment = tuple[float, int | None, int]  # seconds from the place on; a pitch, or None for the pedal; how hard


@dataclass(frozen=True, slots=True)
class TakeUp:
    """What was played before a place counts as just played: a phrase, and what had come of its answer."""

    call: tuple[Moment, ...]
    answered: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class RenameTake:
    """A finished take is to have another name; the engine doesn't hear of it."""

    take: str
    name: str


@dataclass(frozen=True, slots=True)
class TakeSound:
    """The browser that says so sounds from now on, and no other; that is no matter of the engine's."""


@dataclass(frozen=True, slots=True)
class Look:
    """Whether what is thought of is wanted: of one browser, or of all of them together."""

    wanted: bool


Wish = (
    Key
    | PedalDepth
    | LeftPedal
    | Control
    | Model
    | HandOver
    | Press
    | Learn
    | KeepPreset
    | Panic
    | Gone
    | NewTake
    | RenameTake
    | PlayOn
    | TakeUp
    | TakeSound
    | Look
)

_KINDS: Mapping[type[Wish], str] = {
    Key: "key",
    PedalDepth: "pedal",
    LeftPedal: "left_pedal",
    Control: "control",
    Model: "model",
    HandOver: "hand_over",
    Press: "press",
    Learn: "learn",
    KeepPreset: "keep_preset",
    Panic: "panic",
    Gone: "gone",
    NewTake: "new_take",
    RenameTake: "rename_take",
    PlayOn: "play_on",
    TakeUp: "take_up",
    TakeSound: "take_sound",
    Look: "look",
}


def row_of(line: bytes) -> RowLine | None:
    """A line of the engine; None for what is no row, or of a kind that we don't know."""
    text = line.decode(errors="replace")
    record = _object(text)
    kind = record.get("kind")
    if not isinstance(kind, str) or kind not in KNOWN or not _is_number(record.get("at")):
        return None
    return RowLine(kind, record, text)


def by_hand(row: RowLine, hand: int) -> RowLine:
    """A row of a key that a page struck, with which of the pages it was."""
    return _with(row, {"hand": hand})


def from_place(row: RowLine, take: str, place: float) -> RowLine:
    """The row of going on from a place, with which take it is in, and where."""
    return _with(row, {"take": take, "place": place})


def by_word(row: RowLine, word: str) -> RowLine:
    """The row `begin`, with the word that the page's address has by now."""
    return _with(row, {"token": word})


def _with(row: RowLine, more: Mapping[str, Any]) -> RowLine:
    fields = {**row.fields, **more}
    return RowLine(row.kind, fields, _json(fields))


def wish_of(text: str | bytes, limits: Limits) -> Wish | None:
    """What a browser wishes; None for anything that is not a wish in every respect."""
    if not isinstance(text, str) or len(text) > MOST_WISH_BYTES:
        return None
    record = _object(text)
    kind = record.get("kind")
    read = _READERS.get(kind) if isinstance(kind, str) else None
    return None if read is None else read(record, limits)


def _key(record: Mapping[str, Any], _: Limits) -> Wish | None:
    pitch, velocity = record.get("pitch"), record.get("velocity")
    return Key(pitch, velocity) if _is_seven_bits(pitch) and _is_seven_bits(velocity) else None


def _pedal(record: Mapping[str, Any], _: Limits) -> Wish | None:
    depth = record.get("depth")
    return PedalDepth(depth) if _is_seven_bits(depth) else None


def _left_pedal(record: Mapping[str, Any], _: Limits) -> Wish | None:
    depth = record.get("depth")
    return LeftPedal(depth) if _is_seven_bits(depth) else None


def _control(record: Mapping[str, Any], limits: Limits) -> Wish | None:
    name, value = record.get("name"), record.get("value")
    if name == CHANNEL:
        if isinstance(value, str):
            return Control(name, value) if value in (NEXT, SAME) else None
        return Control(name, value) if type(value) is int and 1 <= value <= CHANNEL_COUNT else None
    if name == MODE:
        return Control(name, value) if isinstance(value, str) and value in _MODES else None
    if name == MUTE:
        return Control(name, value) if type(value) is int and value in (0, 1) else None
    if not isinstance(name, str) or name not in limits or not _is_number(value):
        return None
    lowest, highest = limits[name]
    return Control(name, value) if lowest <= value <= highest else None


def _model(record: Mapping[str, Any], _: Limits) -> Wish | None:
    name = record.get("name")
    return Model(name) if isinstance(name, str) and name else None


def _press(record: Mapping[str, Any], _: Limits) -> Wish | None:
    """A button or a preset; the engine knows which presets there are."""
    name = record.get("name")
    return Press(name) if isinstance(name, str) and name else None


def _look(record: Mapping[str, Any], _: Limits) -> Wish | None:
    wanted = record.get("wanted")
    return Look(wanted) if isinstance(wanted, bool) else None


def _rename(record: Mapping[str, Any], _: Limits) -> Wish | None:
    """Whether the name can be had is found out where the files are."""
    take, name = record.get("take"), record.get("name")
    if not isinstance(take, str) or not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME:
        return None
    return RenameTake(take, name.strip())


def _play_on(record: Mapping[str, Any], _: Limits) -> Wish | None:
    """Whether there is such a take is found out where they are."""
    take, place = record.get("take"), record.get("place")
    return PlayOn(take, place) if isinstance(take, str) and _is_number(place) and place >= 0 else None


def _learn(record: Mapping[str, Any], _: Limits) -> Wish | None:
    name = record.get("name")
    return Learn(name) if isinstance(name, str) and name in (*CONTROLS, UNLEARN) else None


def _keep_preset(record: Mapping[str, Any], _: Limits) -> Wish | None:
    name = record.get("name")
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name.strip()) <= MOST_NAME:
        return None
    return KeepPreset(name.strip())


_READERS: Mapping[str, Callable[[Mapping[str, Any], Limits], Wish | None]] = {
    "key": _key,
    "pedal": _pedal,
    "left_pedal": _left_pedal,
    "control": _control,
    "model": _model,
    "press": _press,
    "learn": _learn,
    "look": _look,
    "keep_preset": _keep_preset,
    "hand_over": lambda *_: HandOver(),
    "panic": lambda *_: Panic(),
    "new_take": lambda *_: NewTake(),
    "rename_take": _rename,
    "play_on": _play_on,
    "take_sound": lambda *_: TakeSound(),
}


def written(wish: Wish) -> str:
    """A wish as a line for the engine."""
    return _json({"kind": _KINDS[type(wish)]} | asdict(wish))


def ready(url: str, reach: str | None = None, code: Sequence[str] = ()) -> str:
    """The page can be opened on this machine, and from a network at `reach`, with its QR code's rows."""
    return _json({"kind": "ready", "url": url, "reach": reach, "code": list(code)})


def refused(reason: str) -> str:
    """There is no page, and why."""
    return _json({"kind": "refused", "reason": reason})


def line(text: str) -> str:
    """Something worth reading, for the engine."""
    return _json({"kind": "line", "text": text})


def line_row(at: float, text: str) -> str:
    """The same for browsers."""
    return _json({"kind": "line", "at": at, "text": text})


def happened(at: float, text: str) -> str:
    """Something for the log of browsers alone."""
    return _json({"kind": HAPPENED, "at": at, "text": text})


def sound(browser: int | None) -> str:
    """Which browser sounds."""
    return _json({"kind": "sound", "browser": browser})


def ending() -> str:
    """The end has been heard; the take is being saved."""
    return _json({"kind": "ending"})


def saved(path: str | None) -> str:
    """Where the newest take lies."""
    return _json({"kind": "saved", "path": path})


@dataclass(frozen=True, slots=True)
class ListedTake:
    """A take in the list.

    `player` and `model` are numbers of notes, `now` says that it is the one being played.
    """

    name: str
    seconds: float
    player: int
    model: int
    now: bool
    starred: int = 0  # answers


def takes(listed: Sequence[ListedTake]) -> str:
    """The list of takes, newest first."""
    return _json({"kind": "takes", "takes": [asdict(take) for take in listed]})


@dataclass(frozen=True, slots=True)
class Welcome:
    """The first object that a browser gets. Rows are the engine's own lines."""

    you: int
    hand: int
    sound: int | None
    now: float
    begin: str
    recent: Sequence[str]
    log: Sequence[str]
    turn: str | None
    quiet: str | None
    ports: str | None
    model: str | None
    controls: Mapping[str, Any]
    answer_within_s: Sequence[float] | None
    takes: Sequence[ListedTake]
    presets: str | None = None

    def text(self) -> str:
        """As one object.

        The rows are put in as they are, since reading them again would take milliseconds.
        """
        listed = _json([asdict(take) for take in self.takes])
        return (
            f'{{"kind":"welcome","protocol":{PROTOCOL},"you":{self.you},"hand":{self.hand},"sound":{_json(self.sound)},"now":{_json(self.now)},'
            f'"begin":{self.begin},"recent":[{",".join(self.recent)}],"log":[{",".join(self.log)}],'
            f'"turn":{self.turn or "null"},"quiet":{self.quiet or "null"},"ports":{self.ports or "null"},'
            f'"model":{self.model or "null"},"presets":{self.presets or "null"},'
            f'"controls":{_json(self.controls)},"answer_within_s":{_json(self.answer_within_s)},'
            f'"takes":{listed}}}'
        )


def _object(text: str) -> Mapping[str, Any]:
    """The JSON object that a text is; an empty one for every other text."""
    try:
        record = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):  # not JSON, or brackets a thousand deep
        return {}
    return record if isinstance(record, dict) else {}


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")  # Python writes and reads NaN, browsers don't


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _is_seven_bits(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= 127  # True is an int, too: `type`, not `isinstance`


def _is_number(value: object) -> TypeGuard[float]:
    # Compared, not converted: an integer of four hundred digits is no float.
    return (type(value) is int or type(value) is float) and abs(value) <= float_info.max
