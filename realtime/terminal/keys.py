"""A computer's keys as a piano's: two rows, like the black and white keys of two octaves.

A terminal says that a key was pressed, never that it was let go, so each note sounds for a set time. Knows
characters and moments; must not know the terminal itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from realtime.performer.events import Event, HandOverNow, KeyDown, KeyUp, Panic, PedalMoved, Stopped
from realtime.rows.turned import Pressed

SOUNDS_FOR_S = 0.35
REPEATS_WITHIN_S = 0.07  # a held key repeats every 30 to 50 ms; no finger does
VELOCITY, ACCENT = 76, 108
LOWEST_C, HIGHEST_C, MIDDLE_C = 24, 84, 60

LOWER_ROW = "zsxdcvgbhnjm,l.;/"
UPPER_ROW = "q2w3er5t6y7ui9o0p"
_SHIFTED = dict(zip("<L>:?", ",l.;/", strict=True)) | dict(zip("@#%^&()", "23567" + "90", strict=True))
OCTAVE_DOWN, OCTAVE_UP = ("[", "\x1b[D", "\x1b[B"), ("]", "\x1b[C", "\x1b[A")
HAND_OVER, PEDAL, PANIC, QUIT = ("\r", "\n"), (" ",), ("\x1b", "\x7f", "\b"), ("\x03", "\x04")
COMMANDS = {
    "\t": "next-model",
    "a": "again",
    "f": "freeze",
    "k": "mute",
    "-": "calmer",
    "=": "bolder",
    "+": "bolder",
    "1": "next-mode",
    "4": "star",
    "8": "forget",
}

# What terminals send for F1 to F8; the first four of them send one thing or another.
FUNCTION_KEYS = {
    **dict.fromkeys(("\x1bOP", "\x1b[11~"), "sparser"),
    **dict.fromkeys(("\x1bOQ", "\x1b[12~"), "denser"),
    **dict.fromkeys(("\x1bOR", "\x1b[13~"), "lower"),
    **dict.fromkeys(("\x1bOS", "\x1b[14~"), "higher"),
    "\x1b[15~": "shorter-notes",
    "\x1b[17~": "longer-notes",
    "\x1b[18~": "softer",
    "\x1b[19~": "louder",
}
PRESSED = COMMANDS | FUNCTION_KEYS
ANOTHER_LINK = "\x1b[24~"  # F12, far from all that is pressed while playing

HELP = (
    "lower row  z s x d c v g b h n j m   a C and up, black keys above  [ ]    octave\n"
    "upper row  q 2 w 3 e r 5 t 6 y 7 u   an octave higher              Shift  louder\n"
    "space  pedal   Enter  hand over, or another answer   Esc  silence   Ctrl-C  stop\n"
    "Tab  the next model: its answers come from the next one on\n"
    "F1 F2  sparser, denser   F3 F4  lower, higher   F5 F6  shorter, longer notes\n"
    "F7 F8  softer, louder   F12  another link to the page: the old one ends\n"
    "a  another  f  freeze  k  mute  - =  calmer, bolder  1  mode  8  forget  4  star"
)


@dataclass
class ComputerKeys:
    """The piano under the computer's keys.

    `put` takes what it plays, `source` is its number among keyboards.
    """

    put: Callable[[Event | Pressed], None]
    source: int = 0
    lowest: int = MIDDLE_C - 12
    pedal_down: bool = False
    on_another_link: Callable[[], None] = lambda: None
    _until: dict[int, float] = field(default_factory=dict)  # pitch -> when it is let go
    _pressed_at: dict[int, float] = field(default_factory=dict)

    def press(self, key: str, at: float) -> None:
        """A key of the computer was pressed at `at` seconds; what isn't on this piano does nothing."""
        pitch = self._pitch_of(key)
        if pitch is not None:
            self._strike(pitch, ACCENT if key.isupper() or key in _SHIFTED else VELOCITY, at)
        elif key in HAND_OVER:
            self._let_go_all(at)
            self.put(HandOverNow(at))
        elif key in PEDAL:
            self.pedal_down = not self.pedal_down
            self.put(PedalMoved(at, 127 if self.pedal_down else 0, source=self.source))
        elif key in PANIC:
            self._silence(at)
        elif key in OCTAVE_DOWN:
            self.lowest = max(self.lowest - 12, LOWEST_C)
        elif key in OCTAVE_UP:
            self.lowest = min(self.lowest + 12, HIGHEST_C)
        elif key in PRESSED:
            self.put(Pressed(at, PRESSED[key]))
        elif key == ANOTHER_LINK:
            self.on_another_link()
        elif key in QUIT:
            self.put(Stopped(at))

    def pass_time(self, now: float) -> None:
        """Let go the notes whose time is over, each at its own moment."""
        for pitch, until in sorted(self._until.items(), key=lambda item: item[1]):
            if until <= now:
                self._let_go(pitch, until)

    @property
    def next_release(self) -> float | None:
        """When the next note is to be let go, in seconds."""
        return min(self._until.values(), default=None)

    def _pitch_of(self, key: str) -> int | None:
        plain = _SHIFTED.get(key, key.lower())
        if len(plain) == 1 and plain in LOWER_ROW:
            return min(self.lowest + LOWER_ROW.index(plain), 127)
        if len(plain) == 1 and plain in UPPER_ROW:
            return min(self.lowest + 12 + UPPER_ROW.index(plain), 127)
        return None

    def _strike(self, pitch: int, velocity: int, at: float) -> None:
        held = pitch in self._until and at - self._pressed_at[pitch] < REPEATS_WITHIN_S
        self._pressed_at[pitch] = at
        if not held:
            if pitch in self._until:
                self._let_go(pitch, at)
            self.put(KeyDown(at, pitch, velocity, source=self.source))
        self._until[pitch] = at + SOUNDS_FOR_S

    def _let_go(self, pitch: int, at: float) -> None:
        del self._until[pitch]
        self.put(KeyUp(at, pitch, source=self.source))

    def _let_go_all(self, at: float) -> None:
        for pitch in sorted(self._until):
            self._let_go(pitch, at)

    def _silence(self, at: float) -> None:
        self._let_go_all(at)
        if self.pedal_down:
            self.pedal_down = False
            self.put(PedalMoved(at, 0, source=self.source))
        self.put(Panic(at))
