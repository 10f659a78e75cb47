"""The silences of a piece as its player hears them: what was played before each, how long it lasts, and
whether a phrase is over there.

A phrase is over with the piece, and where the gap from chord to chord, with a silence in it, is long beside
those around it: the clearest such breath first, none within the shortest phrase of another. Must not know who
listens, nor how.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from music.notes import KeyEvent, NoteOn
from music.pedal import SILENT_KEYBOARD, fold
from music.phrase import Phrase, events_of
from music.phrase_ends.cues import ONE_CHORD_S, Playing

SHORTEST_PHRASE_S = 3.0
BREATH = 1.8  # times the usual gap: a gap so long, from chord to chord, may end a phrase
BREATH_S = 0.25  # and no shorter one does
LEAST_S = 0.05  # what is shorter is no silence, but two notes that don't quite meet
_AROUND = 12  # gaps before and after that say what is usual

Held = tuple[KeyEvent, bool]  # what was played, and whether anything is held after it


@dataclass(frozen=True, slots=True)
class Silence:
    """A moment when all has been let go: the playing until then, and for how long nothing comes.

    `lasts_s` is None where the phrase is over: there nothing comes until somebody answers.
    """

    playing: Playing
    lasts_s: float | None


@dataclass(frozen=True, slots=True)
class Heard:
    """A piece: its silences, and how many seconds were played, the rests after its phrases left out."""

    silences: tuple[Silence, ...]
    played_s: float


@dataclass(frozen=True, slots=True)
class _Rest:
    """A silence as it lies in its piece, and the place among all gaps of the one between its two chords."""

    from_s: float
    until_s: float
    gap: int


def heard(phrase: Phrase, shortest_s: float = SHORTEST_PHRASE_S) -> Heard:
    """A piece as its player hears it, in phrases no shorter than this."""
    played = list(_held(phrase))
    over = _ends(played, shortest_s)
    silences: list[Silence] = []
    playing, played_s = Playing(), 0.0
    for event, sounds in played:
        quiet_at = playing.quiet_at
        if isinstance(event, NoteOn) and quiet_at is not None and event.at - quiet_at >= LEAST_S:
            is_over = quiet_at in over
            silences.append(Silence(playing, None if is_over else event.at - quiet_at))
            if is_over:
                played_s += _played_s(playing)
                playing = playing.resting()
        playing = playing.after(event, sounds)
    if playing.quiet_at is not None:
        silences.append(Silence(playing, None))
    return Heard(tuple(silences), played_s + _played_s(playing))


def _held(phrase: Phrase) -> Iterator[Held]:
    keyboard = SILENT_KEYBOARD
    for event in events_of(phrase):
        keyboard, _ = fold(keyboard, event)
        yield event, keyboard.sounding != 0


def _played_s(playing: Playing) -> float:
    if playing.begun_at is None or playing.quiet_at is None:
        return 0.0
    return playing.quiet_at - playing.begun_at


def _ends(played: Sequence[Held], shortest_s: float) -> Collection[float]:
    """When all has been let go at the end of each phrase but the last."""
    gaps, rests = _gaps_and_rests(played)
    breaths = [(_breath(gaps, rest), rest.from_s) for rest in rests]
    kept: list[float] = []
    for breath, at in sorted(breaths, reverse=True):
        bounds = (played[0][0].at, played[-1][0].at, *kept)
        if breath >= 1 and all(abs(at - other) >= shortest_s for other in bounds):
            kept.append(at)
    return frozenset(kept)


def _gaps_and_rests(played: Sequence[Held]) -> tuple[list[float], list[_Rest]]:
    """Seconds from chord to chord, and the silences between chords."""
    gaps: list[float] = []
    rests: list[_Rest] = []
    last_at: float | None = None
    quiet_at: float | None = None
    for event, sounds in played:
        if not isinstance(event, NoteOn):
            quiet_at = quiet_at if sounds or quiet_at is not None else event.at
            continue
        if quiet_at is not None and last_at is not None and event.at - quiet_at >= LEAST_S:
            rests.append(_Rest(quiet_at, event.at, len(gaps)))
        quiet_at = None
        if last_at is None or event.at - last_at >= ONE_CHORD_S:
            gaps += [event.at - last_at] if last_at is not None else []
            last_at = event.at
    return gaps, rests


def _breath(gaps: Sequence[float], rest: _Rest) -> float:
    """How clear a breath is: its gap in the shortest ones that would be a breath here."""
    around = gaps[max(rest.gap - _AROUND, 0) : rest.gap + _AROUND + 1]
    return gaps[rest.gap] / max(BREATH * median(around), BREATH_S)
