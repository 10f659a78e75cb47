"""Answers by a model of rows: whole notes, symbols, steps, rolls.

How this works:

- `expect`: the call, as a hand steers it (`steering`), is written down as the model's encoding writes it
  (`hearing`).
- `think`: the call is heard, and rows are drawn (`drawing`) and decoded (`certain`) ahead while the silence
  lasts.
- `answer`: a note is given once nothing that may still be drawn can change it or anything before it, so the
  first one sounds while the rest isn't known. It keeps within the call's bounds (`keeping`).
- `sketch` and `ready`, where somebody looks: rows drawn for the call as it stands, from their beginning, and
  the notes that are certain by now. A row says too much at once for it to be said which keys are expected.
- A call of which the encoding can write nothing down, and rows that come to no note, are answered by rule,
  and counted.

Must not know threads, ports, clocks or whose turn it is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from music.continuing.continuation import Length
from music.notes import KeyEvent, Note, NoteOff, NoteOn
from music.phrase import pedal_folded, phrase_of
from realtime.answerers.answerer import AnswerEvents
from realtime.answerers.families.certain import Certain
from realtime.answerers.families.drawing import Drawing
from realtime.answerers.families.hearing import Heard, heard_by
from realtime.answerers.families.keeping import Keeping
from realtime.answerers.likeness import newest
from realtime.answerers.rule.imitation import Imitation
from realtime.answerers.steering import Steering
from realtime.inference.bundle import check_answers
from realtime.inference.rows.row_session import RowSession
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import Request

REMEMBERED_S = 30.0  # the end of a long call is what is answered


@dataclass(frozen=True, slots=True)
class _Expected:
    """What is expected to be asked for, what was heard, and what has been drawn for it."""

    request: Request
    steering: Steering
    heard: Heard
    certain: Certain

    def is_of(self, request: Request, knobs: Knobs) -> bool:
        """Whether it is of this call, for as long an answer, with the knobs where they stood."""
        ours = (self.request.call, self.request.turn, self.request.length_s, _attempt(self.request))
        theirs = (request.call, request.turn, request.length_s, _attempt(request))
        is_steered_alike = self.steering == Steering.of(knobs, request.already)
        drawing = self.certain.drawing
        is_as_daring = drawing.knob == knobs.temperature
        return ours == theirs and is_steered_alike and is_as_daring and not drawing.taken


@dataclass
class RowNetwork:
    """A model's answers, drawn row by row; the answer by rule stands in where there are none."""

    session: RowSession
    seed: int
    stood_in: int = field(default=0, init=False)
    _rule: Imitation = field(init=False, repr=False)
    _expected: _Expected | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        check_answers(self.session.bundle)
        self._rule = Imitation(self.seed)

    @property
    def name(self) -> str:
        """What it is, for the line at start and for the take."""
        return self.session.bundle.summary

    @property
    def device(self) -> str:
        """What runs the model."""
        return self.session.device

    def hear(self, call: tuple[KeyEvent, ...]) -> None:
        """Nothing to get ready: a grid lies on the beat of the whole call, which isn't known yet."""

    def expect(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> None:
        """Begin to draw an answer to this request, if it isn't the one that is drawn already."""
        expected = self._expected
        if expected is None or not expected.is_of(request, knobs):
            self._expected = self._begun(request, knobs)

    def think(self) -> bool:
        """Hear a little more of the call, draw a row, or decode what was drawn."""
        expected = self._expected
        return expected is not None and expected.certain.think()

    def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
        """The answer's events in order of time. Where the temperature is turned, what isn't played yet is
        drawn anew."""
        self.expect(request, knobs)
        expected, has_begun = self._expected, False
        if expected is not None:
            for event in _events_of(self._notes(expected, request)):
                has_begun = True
                turned = yield event
                if turned is not None and turned.temperature != expected.certain.drawing.knob:
                    expected.certain.turn(turned.temperature)
        if not has_begun and request.call:
            self.stood_in += 1
            yield from self._rule.answer(request, knobs)

    def sketch(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Iterator[NoteOn | NoteOff | None]:
        """An answer drawn from the call as it stands; what was expected stays as it is."""
        begun = self._begun(request, knobs)
        if begun is None:
            yield from self._rule.sketch(request, knobs)
            return
        while not begun.certain.known and begun.certain.think():
            yield None
        yield from _events_of(self._notes(begun, request))

    def ready(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Sequence[Note]:
        """The notes of the expected answer that are certain by now, as they would be played."""
        expected = self._expected
        if expected is None or not expected.is_of(request, knobs):
            return ()
        return list(self._kept([expected.certain.known], expected, request))

    def likely_keys(self) -> Mapping[int, float]:
        """None that can be said: one row says when and what at once."""
        return {}

    def _begun(self, request: Request, knobs: Knobs) -> _Expected | None:
        steering = Steering.of(knobs, request.already)
        call = steering.of_call(pedal_folded(phrase_of(newest(request.call, REMEMBERED_S))).notes)
        encoding = self.session.bundle.encoding
        heard = heard_by(encoding, call) if call else None
        if heard is None or not encoding.decode(heard.rows).notes:
            return None
        chance = (self.seed, request.turn, _attempt(request))
        drawing = Drawing(self.session, heard.rows, chance, knobs.temperature)
        ahead_s, most = request.length_s / heard.played_s, Length(request.length_s).most_rows
        return _Expected(request, steering, heard, Certain(encoding, heard.rows, drawing, ahead_s, most))

    def _notes(self, expected: _Expected, request: Request) -> Iterator[Note]:
        """The notes as they are played, as soon as they are certain."""
        return self._kept(expected.certain, expected, request)

    def _kept(self, looks: Iterable[Sequence[Note]], expected: _Expected, request: Request) -> Iterator[Note]:
        """Ever more notes, as they are played."""
        heard = expected.heard
        each_s = self.session.bundle.encoding.seconds_per_token
        keeping = Keeping(
            heard.call, request.starts_after, request.length_s, (each_s or 0.0) * heard.played_s
        )
        given = 0
        for notes in looks:
            for note in notes[given:]:
                kept = keeping.take(heard.played(note))
                if keeping.is_over:
                    return
                if kept is not None:
                    yield kept
            given = max(given, len(notes))


def _attempt(request: Request) -> int:
    return max(request.attempt, 0)


def _events_of(notes: Iterator[Note]) -> Iterator[NoteOn | NoteOff]:
    """Notes by onset as keys going down and up, in order of time; a key struck again goes up first."""
    ends: list[tuple[float, int]] = []
    sounding: dict[int, float] = {}
    for note in notes:
        while ends and ends[0][0] <= note.at:
            until, pitch = heappop(ends)
            if sounding.get(pitch) == until:
                del sounding[pitch]
                yield NoteOff(until, pitch)
        if sounding.pop(note.pitch, None) is not None:
            yield NoteOff(note.at, note.pitch)
        yield NoteOn(note.at, note.pitch, note.velocity)
        sounding[note.pitch] = note.until
        heappush(ends, (note.until, note.pitch))
    for until, pitch in sorted(ends):
        if sounding.get(pitch) == until:
            del sounding[pitch]
            yield NoteOff(until, pitch)
