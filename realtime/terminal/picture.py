"""The picture in the terminal.

Whose turn it is, the silence filling up, and the last seconds as a piano roll.

`Scene` gathers what the loop did; `drawn` makes lines of it. Pure: must not know the terminal, the loop or
the time but by arguments.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from music.notes import NoteOff, NoteOn
from music.pedal import SILENT_KEYBOARD, Keyboard, fold
from realtime.knobs import Mode
from realtime.performer.actions import KeepBack, PassOn, PlayNote, StopNote, TurnChanged
from realtime.performer.offers import Offer, offer_in
from realtime.performer.pace import silence_needed
from realtime.performer.phases import Phase
from realtime.performer.player.hands import plain
from realtime.performer.rules import Rules
from realtime.performer.state import State
from realtime.rows.turned import Turned

SECONDS_PER_COLUMN = 0.1
LOWEST, SEMITONES_PER_HALF_ROW, ROWS = 28, 3, 12
MOST_COLUMNS = 100
_PLAYER, _MODEL, _QUIET, _BOLD, _PLAIN = "38;5;215", "38;5;80", "38;5;240", "1", "0"
_BACK = {"38;5;215": "48;5;215", "38;5;80": "48;5;80"}
_WORDS = {
    Phase.WAITING: "listening: play a phrase",
    Phase.CALLING: "you play",
    Phase.ASKING: "taking a breath",
    Phase.ANSWERING: "Antiphon answers",
    Phase.CLOSED: "good night",
}
_OFFERED_WHILE_WAITING = {Offer.ANSWER: "Enter: its answer", Offer.ANOTHER: "Enter: another answer"}


@dataclass
class Stroke:
    """A note to be drawn; `until` is None while it sounds."""

    pitch: int
    at: float
    is_model: bool
    until: float | None = None


@dataclass
class Scene:
    """What there is to see. Fed on the drawing thread, in the order of the loop."""

    has_keys: bool = False  # whether Enter can be pressed here
    phase: Phase = Phase.WAITING
    offer: Offer = Offer.NO_CALL
    standing: str = ""  # what makes it play otherwise than usual
    waits_for: str | None = None  # in words, what is held for long
    strokes: deque[Stroke] = field(default_factory=lambda: deque(maxlen=600))
    _keyboards: dict[tuple[int, int], Keyboard] = field(default_factory=dict)
    _sounding: dict[tuple[str, int], Stroke] = field(default_factory=dict)

    def take(self, turned: Turned) -> None:
        """One turn of the loop."""
        self.offer = offer_in(turned.state)
        self.standing = standing_of(turned.state, turned.rules)
        for action in turned.actions:
            if isinstance(action, PassOn | KeepBack):
                place = (action.event.source, action.event.channel)
                self._keyboards[place], changes = fold(
                    self._keyboards.get(place, SILENT_KEYBOARD), plain(action.event)
                )
                for change in changes:
                    self._follow(f"{place}", change)
            elif isinstance(action, PlayNote):
                self._begin("model", action.pitch, action.at)
            elif isinstance(action, StopNote):
                self._end("model", action.pitch, action.at)
            elif isinstance(action, TurnChanged):
                self.phase = action.phase

    def _follow(self, who: str, change: NoteOn | NoteOff) -> None:
        if isinstance(change, NoteOn):
            self._begin(who, change.pitch, change.at)
        else:
            self._end(who, change.pitch, change.at)

    def _begin(self, who: str, pitch: int, at: float) -> None:
        self._end(who, pitch, at)
        stroke = Stroke(pitch, at, who == "model")
        self._sounding[(who, pitch)] = stroke
        self.strokes.append(stroke)

    def _end(self, who: str, pitch: int, at: float) -> None:
        stroke = self._sounding.pop((who, pitch), None)
        if stroke is not None:
            stroke.until = at


def standing_of(state: State, rules: Rules) -> str:
    """What makes it play otherwise than usual, in words: another mode, muted, frozen."""
    words = [
        *([rules.mode.value] if rules.mode is not Mode.CALL else []),
        *(["muted"] if rules.is_muted else []),
        *(["frozen"] if state.is_frozen else []),
    ]
    return f" [{', '.join(words)}]" if words else ""


def silence_share(state: State, rules: Rules, now: float) -> float | None:
    """How much of the silence that ends the phrase has passed, 0 to 1; None while there is none."""
    if state.phase is not Phase.CALLING or state.quiet_since is None:
        return None
    return min(max((now - state.quiet_since) / silence_needed(state.pace, rules), 0.0), 1.0)


def drawn(scene: Scene, now: float, silence: float | None, columns: int, *, colours: bool) -> list[str]:
    """The picture as lines no wider than `columns`."""
    width = max(min(columns - 1, MOST_COLUMNS), 20)
    return [_heading(scene, silence, width, colours), *_roll(scene.strokes, now, width, colours)]


def _heading(scene: Scene, silence: float | None, width: int, colours: bool) -> str:
    colour = {Phase.CALLING: _PLAYER, Phase.ANSWERING: _MODEL}.get(scene.phase, _QUIET)
    words = _words(scene, width - 4)
    room = max(width - len(words) - 4, 0)
    length = min(24, room)
    bar = "" if silence is None else "━" * round(silence * length)
    rest = "" if silence is None else "─" * (length - len(bar))
    return f"{_in(colour, '● ' + words, colours)}  {_in(_PLAYER, bar, colours)}{_in(_QUIET, rest, colours)}"


def _words(scene: Scene, room: int) -> str:
    """Whose turn it is, and what is waited for, or what Enter would give, where there is room for both."""
    words = f"{_WORDS[scene.phase]}{scene.standing}"
    if scene.waits_for is not None:
        return scene.waits_for[:room]
    if not scene.has_keys or scene.phase is not Phase.WAITING or not scene.offer.is_open:
        return words
    with_offer = f"{words}   {_OFFERED_WHILE_WAITING[scene.offer]}"
    return with_offer if len(with_offer) <= room else words


def _roll(strokes: Iterable[Stroke], now: float, width: int, colours: bool) -> list[str]:
    """Two half rows a line, the newest column at the right."""
    cells: list[list[str | None]] = [[None] * width for _ in range(2 * ROWS)]
    for stroke in strokes:
        _paint(cells, stroke, now, width)
    return [_line(cells[2 * row], cells[2 * row + 1], colours) for row in range(ROWS)]


def _paint(cells: list[list[str | None]], stroke: Stroke, now: float, width: int) -> None:
    # Columns are cells of a grid that stands still in time, so that notes move without shimmering.
    newest = int(now / SECONDS_PER_COLUMN)
    first = width - 1 - newest + int(stroke.at / SECONDS_PER_COLUMN)
    last_at = now if stroke.until is None else stroke.until
    last = width - 1 - newest + int(last_at / SECONDS_PER_COLUMN)
    half_row = len(cells) - 1 - (stroke.pitch - LOWEST) // SEMITONES_PER_HALF_ROW
    row = cells[min(max(half_row, 0), len(cells) - 1)]
    for column in range(max(first, 0), min(max(last, first + 1), width)):
        row[column] = _MODEL if stroke.is_model else _PLAYER


def _line(upper: list[str | None], lower: list[str | None], colours: bool) -> str:
    return "".join(_cell(above, below, colours) for above, below in zip(upper, lower, strict=True)).rstrip()


def _cell(above: str | None, below: str | None, colours: bool) -> str:
    if above is None and below is None:
        return " "
    if not colours:
        letters = {_PLAYER: "o", _MODEL: "x"}
        return letters[above or below or _PLAYER]
    if above is None:
        return _in(below or "", "▄", True)
    if below is None:
        return _in(above, "▀", True)
    if above == below:
        return _in(above, "█", True)
    return _in(f"{above};{_BACK[below]}", "▀", True)


def _in(colour: str, text: str, colours: bool) -> str:
    return f"\x1b[{colour}m{text}\x1b[{_PLAIN}m" if colours and text else text
