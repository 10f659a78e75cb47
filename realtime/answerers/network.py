"""Answers by a model: the best of many that it thought of in the silence, or else one as it is drawn.

How this works:

- `hear`: while the player plays, what has come so far is read already, so that an answer starts from a state
  that is ready. A call that is unlike the music that the model knows is heard as if it were like it
  (`likeness`); a model that listens hears it in the call's own beat, and knows how the player plays.
- `expect` and `think`: many passages are drawn side by side (`candidates`), fitted and ranked (`thinking`).
- `answer`: the passage that was ranked best is played, and the next one thought of meanwhile. If the thinking
  isn't done, or a knob was turned since, the answer is drawn event by event (`line`).

Knows a session and the encoding of its events. Must not know threads, ports, clocks or whose turn it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from music.encodings.event import EventState
from music.listening.portrait import portrait_of
from music.notes import KeyEvent, Note, NoteOff, NoteOn, Pedal
from music.phrase import Phrase, events_of, pedal_folded, phrase_of
from music.tokens.encoding import EncodingError, LiveEncoding
from music.tokens.scales import CELLS_PER_S
from realtime.answerers.answerer import AnswerEvents
from realtime.answerers.bounds import CallSoFar
from realtime.answerers.candidates import TOP_P, Candidates
from realtime.answerers.daring import heats, outside_of
from realtime.answerers.likeness import Likeness, in_its_own_beat, is_near, likeness_of, newest
from realtime.answerers.line import Line, Start
from realtime.answerers.thinking import Thought
from realtime.inference.bundle import Bundle, ModelFileError
from realtime.inference.chance import chances
from realtime.inference.session import EventToken, Inputs, ModelSession, ModelState
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import Request

LANES = 16  # passages that are thought of side by side
LONGEST_PASSAGE_S = 8.0  # a phrase; of a longer answer the next one is thought of while this one sounds
SHORTEST_PASSAGE_S = 1.5  # what is left of an answer is another passage only if it is as long
REMEMBERED_S = 30.0  # the end of a long call is what is answered
JOINED = 6  # notes of a passage that bound how the next begins
FEWEST_TO_LOOK_AT = 8  # events in which a beat can be found
LOOKS_AGAIN = 1.5  # times as many as before
MOST_STEPS = 1 << 20  # more than there ever are
STEPS_AN_EVENT = 3  # of thinking of the next passage, for each event played: it is complete in time


@dataclass(frozen=True, slots=True)
class _Heard:
    """A call as far as it was heard: how, as written, its last event, and the state from before that event.

    Written time begins with the call and runs as the likeness says.
    """

    call: tuple[KeyEvent, ...]
    likeness: Likeness
    written: EventState
    last: EventToken
    before: ModelState
    so_far: CallSoFar


@dataclass(frozen=True, slots=True)
class _Expected:
    """What is expected to be asked for, and what is thought of for it."""

    request: Request
    knobs: Knobs
    heard: _Heard
    thought: Thought

    def is_of(self, request: Request, knobs: Knobs) -> bool:
        """Whether it is of this phrase, for as long an answer, with the temperature where it stood."""
        ours, theirs = (
            (asked.call, asked.length_s, turned.temperature)
            for asked, turned in ((self.request, self.knobs), (request, knobs))
        )
        return ours == theirs


@dataclass
class Network:
    """A model's answers: the best of many, if there was time to think of them, or else one as it is drawn."""

    session: ModelSession
    seed: int
    lanes: int = (
        LANES  # answers that are thought of side by side; 0: none, so that each is given as it is drawn
    )
    _encoding: LiveEncoding[EventState] = field(init=False, repr=False)
    _heard: _Heard | None = field(default=None, init=False)
    _looked_at: int = field(default=FEWEST_TO_LOOK_AT, init=False, repr=False)  # so many events of a call
    _expected: _Expected | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._encoding = _playable(self.session.bundle)

    @property
    def name(self) -> str:
        """What it is, for the line at start and for the take."""
        return self.session.bundle.summary

    @property
    def device(self) -> str:
        """What runs the model."""
        return self.session.device

    def hear(self, call: tuple[KeyEvent, ...]) -> None:
        """Read what is new of a call; 0.1 ms an event. One that listens looks for its beat again from time to
        time."""
        if not call:
            return
        if self.session.listens and len(call) >= LOOKS_AGAIN * self._looked_at:
            self._looked_at = max(len(call), FEWEST_TO_LOOK_AT)
            self._heard = self._read_on(call, self._likeness_now(call))
        else:
            self._heard = self._read_on(call)
            if len(call) < self._looked_at / LOOKS_AGAIN:  # another call
                self._looked_at = FEWEST_TO_LOOK_AT

    def expect(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> None:
        """Begin to think of answers to this request, if it is one that isn't thought of already."""
        if self.lanes and not (self._expected and self._expected.is_of(request, knobs)):
            call = _remembered(request.call)
            self._expected = self._expect(request, knobs, call) if call else None

    def think(self) -> bool:
        """A draw of each passage that is thought of, or the judging of one."""
        if self._expected is None or self._expected.thought.is_complete:
            return False
        self._expected.thought.step()
        return True

    def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
        """The answer's events in order of time: passages that were thought of, or drawn one by one as they
        are taken.

        Where a knob is turned meanwhile, what follows is drawn anew, from what has been played.
        """
        expected = self._expected
        if expected is None or not expected.thought.is_complete or not expected.is_of(request, knobs):
            yield from self._drawn(request, knobs)
            return
        played: list[NoteOn | NoteOff] = []
        thought: Thought | None = expected.thought
        starts_after = request.starts_after
        while thought is not None and (notes := thought.taken(request.attempt, starts_after)):
            begun_at = played[0].at if played else notes[0].at
            starts_after = thought.next_place(notes)
            left_s = begun_at + request.length_s - starts_after
            goes_on = left_s >= SHORTEST_PASSAGE_S
            notes = _let_go_by(starts_after, notes) if goes_on else notes
            events = _events_of(notes)
            rest = replace(
                request, call=(*request.call, *played, *events), starts_after=starts_after, length_s=left_s
            )
            call, thought = thought.call, None
            for event in events:
                turned = yield event
                played.append(event)
                if turned is not None and turned.temperature != knobs.temperature:
                    yield from self._go_on(request, played, turned)
                    return
                if thought is not None:
                    _think(thought, STEPS_AN_EVENT)
                elif goes_on:  # not before the first event is taken: that one is waited for
                    heard = self._listened_to(rest.call, call)
                    thought = self._think_of(heard, rest, knobs, call, notes[-JOINED:])
            if thought is not None:
                _think(thought)
        if not played:
            yield from self._drawn(request, knobs)

    def _expect(self, request: Request, knobs: Knobs, call: Sequence[Note]) -> _Expected:
        heard = self._listened_to(request.call, call)
        return _Expected(request, knobs, heard, self._think_of(heard, request, knobs, call))

    def _drawn(self, request: Request, knobs: Knobs) -> AnswerEvents:
        """An answer drawn event by event."""
        expected = self._expected
        if expected is not None and expected.request.call == request.call and not request.attempt:
            heard = expected.heard  # whoever hands over waits for nothing that has been done already
        else:
            self._heard = self._read_on(request.call)
            heard = self._knowing(self._heard, _remembered(request.call))
        yield from self._drawn_on(self._line(heard, request), heard.before, request, knobs)

    def _go_on(self, request: Request, played: Sequence[NoteOn | NoteOff], knobs: Knobs) -> AnswerEvents:
        """The rest of an answer of which this has been played."""
        heard = self._read_on((*request.call, *played))
        begun_at, at = played[0].at, played[-1].at
        rest = replace(
            request, call=heard.call, starts_after=at, length_s=max(begun_at + request.length_s - at, 0.0)
        )
        line = self._line(heard, rest)
        for event in played:
            line.has_played(event)
        yield from self._drawn_on(line, heard.before, request, knobs)

    def _drawn_on(self, line: Line, before: ModelState, request: Request, knobs: Knobs) -> AnswerEvents:
        """What a line comes to from here on; `before` is the state from before the event just past."""
        while not line.is_over:
            drawn, after = self.session.step(self._inputs(request, line, knobs.temperature), before)
            happened = line.take(drawn.event, drawn.cells)
            if happened is not None:
                before = after
                knobs = (yield happened) or knobs

    def _think_of(
        self,
        heard: _Heard,
        request: Request,
        knobs: Knobs,
        call: Sequence[Note],
        before: Sequence[Note] = (),
    ) -> Thought:
        """Begin to think of the first passage of what is asked for here, which follows these notes."""
        passage = replace(request, length_s=_passage_s(request.length_s))
        lines = [self._line(heard, passage) for _ in range(self.lanes)]
        attempt = self.lanes * len(request.call)  # other numbers for each passage
        candidates = Candidates(
            self.session, lines, heard.before, self.seed, request.turn, attempt, knobs.temperature
        )
        return Thought(call, request.starts_after, passage.length_s, candidates, before)

    def _line(self, heard: _Heard, request: Request) -> Line:
        outside = outside_of(heard.so_far.pitches)
        return Line(_start(heard, request), heard.so_far.bounds, heard.likeness, outside)

    def _read_on(self, call: tuple[KeyEvent, ...], likeness: Likeness | None = None) -> _Heard:
        """The call heard to its end, from where it was heard to if it is the same call, heard alike."""
        heard = self._heard
        goes_on = heard is not None and call[: len(heard.call)] == heard.call
        if likeness is None:
            likeness = heard.likeness if goes_on and heard and self.session.listens else self._likeness(call)
        if heard is None or not goes_on or heard.likeness != likeness:
            begin = self.session.begin_in_beats if likeness.in_beats else self.session.begin
            heard = _Heard(
                (), likeness, self._encoding.start(), begin, self.session.silent_state(), CallSoFar()
            )
        written, last, state = heard.written, heard.last, heard.before
        for happened in call[len(heard.call) :]:
            at = likeness.heard_s(happened.at - call[0].at) + likeness.begins_s
            written, made = self._encoding.feed(written, replace(happened, at=at))
            for gap, key, velocity in made:
                state = self.session.feed(last, state)
                last = (gap, key, likeness.heard_velocity(velocity))
                heard.so_far.take(happened.at, key)
        return _Heard(call, likeness, written, last, state, heard.so_far)

    def _likeness(self, call: Sequence[KeyEvent]) -> Likeness:
        """How a call is to be heard."""
        header = self.session.bundle.header
        if not self.session.listens:
            return likeness_of(call, header.loudness, header.density)
        late = newest(call, REMEMBERED_S)
        return in_its_own_beat(late, call[0].at) or likeness_of(late, None, header.density)

    def _listened_to(self, events: tuple[KeyEvent, ...], call: Sequence[Note]) -> _Heard:
        """Everything heard so far; a model that listens knows from here on how the call was played, and hears
        it in its beat as it is found now."""
        likeness = self._likeness_now(events) if self.session.listens else None
        heard = self._heard = self._read_on(events, likeness)
        return self._knowing(heard, call)

    def _likeness_now(self, events: Sequence[KeyEvent]) -> Likeness:
        """How this is best heard; as before, where that is nearly the same, so that nothing is heard
        twice."""
        likeness, heard = self._likeness(events), self._heard
        return heard.likeness if heard is not None and is_near(heard.likeness, likeness) else likeness

    def _knowing(self, heard: _Heard, call: Sequence[Note]) -> _Heard:
        """The same, with a portrait of the player for a model that listens."""
        if not self.session.listens:
            return heard
        portrait = portrait_of(call, slower=heard.likeness.slower)
        return replace(heard, before=self.session.knowing(portrait, heard.before))

    def _inputs(self, request: Request, line: Line, knob: float) -> Inputs:
        return Inputs(
            event=line.event,
            chance=chances(self.seed, request.turn, request.attempt, line.draws),
            temperature=heats(knob),
            top_p=TOP_P,
            key_mask=line.mask(knob),
            gap_at_least=line.passed,
        )


def _remembered(call: tuple[KeyEvent, ...]) -> Sequence[Note]:
    """The notes of the end of a call, which is what is answered; the pedal folded in."""
    return pedal_folded(phrase_of(newest(call, REMEMBERED_S))).notes


def _think(thought: Thought, steps: int = MOST_STEPS) -> None:
    """So many steps, or as many as there are."""
    for _ in range(steps):
        if thought.is_complete:
            return
        thought.step()


def _passage_s(length_s: float) -> float:
    """How long the first passage of an answer is: equal parts, none longer than a phrase."""
    return length_s / ceil(length_s / LONGEST_PASSAGE_S) if length_s > 0 else 0.0


def _let_go_by(moment: float, notes: Sequence[Note]) -> list[Note]:
    """The notes, none sounding after a moment."""
    return [replace(note, length_s=min(note.length_s, max(moment - note.at, 0.0))) for note in notes]


def _events_of(notes: Sequence[Note]) -> tuple[NoteOn | NoteOff, ...]:
    return tuple(event for event in events_of(Phrase.of(notes)) if not isinstance(event, Pedal))


def _start(heard: _Heard, request: Request) -> Start:
    begins = request.call[0].at if request.call else request.starts_after
    silent_s = heard.likeness.heard_s(request.starts_after - begins) + heard.likeness.begins_s
    silent_cells = int(silent_s * CELLS_PER_S) - heard.written.cell  # up to the cell of this very moment
    return Start(heard.last, request.starts_after, max(silent_cells, 0), request.length_s)


def _playable(bundle: Bundle) -> LiveEncoding[EventState]:
    """The encoding that the model's file names, if music can be played in it as it comes."""
    try:
        return bundle.encoding.as_live()
    except EncodingError as error:
        remedy = "export a run that is written as 'event' (pedal=False)"
        raise ModelFileError(f"{bundle.path}: {error}; {remedy}") from None
