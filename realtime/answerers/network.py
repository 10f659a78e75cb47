"""Answers by a model: the best of many that it thought of in the silence, or else one as it is drawn.

How this works:

- `hear`: while the player plays, what has come so far is read already, so that an answer starts from a state
  that is ready. A call that is unlike the music that the model knows is heard as if it were like it
  (`likeness`); a model that listens hears it in the call's own beat, and knows how the player plays.
- `expect` and `think`: many passages are drawn side by side (`candidates`), fitted and ranked (`thinking`).
- `answer`: the passage that was ranked best is played, and the next one thought of meanwhile. If there was
  only time for a part of it, that part is played. If there was less, or a knob was turned since, the answer
  is drawn event by event (`line`), from where the call's last key went down (`openings/last_key.py`). Where
  nothing that was thought of is an answer to this call, the rule answers.
- `opening` and `opening_thought_of`: how either begins, ready to be taken before it is asked for.

Knows a session and the encoding of its events. Must not know threads, ports, clocks or whose turn it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import ceil

from music.encodings.event import EventState
from music.listening.portrait import portrait_of
from music.notes import KeyEvent, Note, NoteOff, NoteOn
from music.phrase import Phrase, pedal_folded, phrase_of
from music.tokens.encoding import EncodingError, LiveEncoding
from music.tokens.scales import CELLS_PER_S
from realtime.answerers.accents import Accents
from realtime.answerers.answerer import AnswerEvents
from realtime.answerers.bounds import CallSoFar, so_far_of
from realtime.answerers.daring import heats, outside_of
from realtime.answerers.foretelling import likely_keys
from realtime.answerers.likeness import (
    Likeness,
    in_its_own_beat,
    is_near,
    likeness_of,
    looks_within,
    newest,
)
from realtime.answerers.line import Line, Start
from realtime.answerers.openings.drawn import Drawn
from realtime.answerers.openings.last_key import at_last_key, begun_after, struck_of
from realtime.answerers.openings.opening import Opening
from realtime.answerers.openings.thought_of import ThoughtOf
from realtime.answerers.passages.candidates import TOP_P, Candidates
from realtime.answerers.passages.part import SHORTEST_PASSAGE_S, Part
from realtime.answerers.passages.thinking import Thought
from realtime.answerers.rule.imitation import Imitation
from realtime.answerers.steering import Steering
from realtime.inference.bundle import Bundle, ModelFileError, check_answers
from realtime.inference.chance import chances
from realtime.inference.session import EventToken, Inputs, ModelSession, ModelState
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import Request

LANES = 16  # passages that are thought of side by side
LONGEST_PASSAGE_S = 8.0  # a phrase; of a longer answer the next one is thought of while this one sounds
MOST_NOTES = 64  # of a passage that is thought of in a silence: 128 draws of 1.6 ms
REMEMBERED_S = 30.0  # the end of a long call is what is answered
JOINED = 24  # notes of a passage that bound how the next begins
SHORT_CALL = 256  # events, that are heard anew in the silence: each takes 0.1 ms
MOST_STEPS = 1 << 20  # more than there ever are
HEAD_START_S = 0.8  # of an answer, that is handed over before the next passage is thought of
STEPS_AN_EVENT = 3  # of thinking of the next passage, for each event played: it is complete in time


# The call that is answered, and what its answer is to be like: the same notes, where no hand steers.
_Answered = tuple[Sequence[Note], Sequence[Note]]


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
        """Whether it is of this phrase, for as long an answer, with what shapes it where it stood."""
        ours, theirs = (
            (asked.call, asked.length_s, turned.temperature, Steering.of(turned, asked.already))
            for asked, turned in ((self.request, self.knobs), (request, knobs))
        )
        return ours == theirs


@dataclass
class Network:
    """A model's answers: the best of many, if there was time to think of them, or else one as it is drawn.

    If all that was thought of is nonsense beside the call, the answer by rule stands in, and is counted.
    """

    session: ModelSession
    seed: int
    lanes: int = (
        LANES  # answers that are thought of side by side; 0: none, so that each is given as it is drawn
    )
    stood_in: int = field(
        default=0, init=False
    )  # answers that the rule gave, as nothing better was thought of
    _encoding: LiveEncoding[EventState] = field(init=False, repr=False)
    _heard: _Heard | None = field(default=None, init=False)
    _struck: _Heard | None = field(default=None, init=False)  # the same, up to the last key that went down
    _rule: Imitation = field(init=False, repr=False)
    _looked: tuple[tuple[KeyEvent, ...], Likeness] = field(default=((), Likeness()), init=False, repr=False)
    _expected: _Expected | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._encoding = _playable(self.session.bundle)
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
        """Read what is new of a call; 0.1 ms an event. One that listens looks for its beat again from time to
        time."""
        if call:
            self._strike(struck_of(call))
            self._heard = self._read_on(call)

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
        if expected is None or not expected.is_of(request, knobs) or not expected.thought.hurry():
            yield from self._drawn(request, knobs)
        elif expected.thought.is_nonsense:
            self.stood_in += 1
            yield from self._rule.answer(request, knobs)
        else:
            first = expected.thought.taken(request.attempt, request.starts_after)
            yield from self._played(expected, first, request, knobs)

    def sketch(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Iterator[NoteOn | NoteOff]:
        """An answer drawn event by event, from what has been heard; what was thought of stays as it is."""
        return self.opening(request, knobs).draw()

    def ready(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Sequence[Note]:
        """The passage of the request's rank, or the rule's answer where all is nonsense; none while nothing
        has been thought of."""
        expected = self._expected
        if expected is None or not expected.is_of(request, knobs) or not expected.thought.ranked:
            return ()
        if expected.thought.is_nonsense:
            return self._rule.ready(request, knobs) if expected.thought.is_complete else ()
        return expected.thought.standing(request.attempt, request.starts_after)

    def opening(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Drawn:
        """The answer as it is drawn, from where the last key of the call went down."""
        return Drawn(request, knobs, self._drawn_from, self._drawn)

    def is_nearly_ready(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> bool:
        """Whether a passage that was thought of is played, be it only as far as it has come."""
        expected = self._expected
        return expected is not None and expected.is_of(request, knobs) and expected.thought.is_nearly_ready

    def opening_thought_of(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Opening | None:
        """The passage of the request's rank; none where all is nonsense so far, or not all is ranked that
        counts."""
        expected = self._expected
        if expected is None or not expected.is_of(request, knobs):
            return None
        thought = expected.thought
        if thought.is_nonsense or (request.attempt and not thought.is_complete):
            return None
        passage = thought.ranked[request.attempt % len(thought.ranked)]
        return ThoughtOf(request, thought, passage, expected.is_of, partial(self._played, expected))

    def likely_keys(self) -> Mapping[int, float]:
        """By the model, from where the call has come to."""
        return {} if self._heard is None else likely_keys(self.session, self._heard.before, self._heard.last)

    def _passage_after(
        self, notes: Sequence[Note], rest: Request, knobs: Knobs, before: _Expected
    ) -> _Expected:
        """Begin to think of how an answer goes on after these notes of the passage before."""
        of = before.thought.call, before.thought.like
        heard = self._listened_to(rest.call, of, before.heard.likeness)
        return _Expected(rest, knobs, heard, self._think_of(heard, rest, knobs, of, notes[-JOINED:]))

    def _expect(self, request: Request, knobs: Knobs, call: Sequence[Note]) -> _Expected:
        of = call, Steering.of(knobs, request.already).of_call(call)
        heard = self._listened_to(request.call, of)
        return _Expected(request, knobs, heard, self._think_of(heard, request, knobs, of))

    def _played(
        self, begun: _Expected, first: Sequence[Note], request: Request, knobs: Knobs
    ) -> AnswerEvents:
        """An answer that begins with these notes of a passage, and goes on with others."""
        played: list[NoteOn | NoteOff] = []
        going: _Expected | None = begun
        notes = first
        while going is not None and notes:
            begun_at = played[0].at if played else notes[0].at
            part = Part.of(going.thought, notes, begun_at + request.length_s)
            call = (*request.call, *played, *part.events)
            rest = replace(request, call=call, starts_after=part.next_after, length_s=part.left_s)
            before, going = going, None
            for event in part.events:
                turned = yield event
                played.append(event)
                if turned is not None and is_shaped_otherwise(turned, knobs):
                    yield from self._go_on(request, played, turned)
                    return
                if going is not None:
                    _think(going.thought, STEPS_AN_EVENT)
                elif part.goes_on and event.at >= begun_at + HEAD_START_S:  # what comes first is waited for
                    going = self._passage_after(part.notes, rest, knobs, before)
            if part.goes_on:
                going = going or self._passage_after(part.notes, rest, knobs, before)
                _think(going.thought)
                notes = going.thought.taken(request.attempt, part.next_after)

    def _drawn(self, request: Request, knobs: Knobs) -> AnswerEvents:
        """An answer drawn event by event: of the call as its last key went down, moved to where it begins."""
        basis = at_last_key(request)
        return begun_after(request.starts_after, self._drawn_from(basis, knobs), basis.starts_after)

    def _drawn_from(self, basis: Request, knobs: Knobs) -> AnswerEvents:
        """The same at its own moments; `basis` is a request as it stands at its last key."""
        struck = self._strike(struck_of(basis.call))
        likeness = None if struck is None else struck.likeness
        heard = self._knowing(self._read_on(basis.call, likeness), _answered(basis, knobs))
        yield from self._drawn_on(self._line(heard, basis), heard, basis, knobs)

    def _go_on(self, request: Request, played: Sequence[NoteOn | NoteOff], knobs: Knobs) -> AnswerEvents:
        """The rest of an answer of which this has been played."""
        heard = self._knowing(self._read_on((*request.call, *played)), _answered(request, knobs))
        begun_at, at = played[0].at, played[-1].at
        rest = replace(
            request, call=heard.call, starts_after=at, length_s=max(begun_at + request.length_s - at, 0.0)
        )
        line = self._line(heard, rest)
        for event in played:
            line.has_played(event)
        yield from self._drawn_on(line, heard, request, knobs)

    def _drawn_on(self, line: Line, heard: _Heard, request: Request, knobs: Knobs) -> AnswerEvents:
        """What a line comes to from here on, where this has been heard."""
        accents, before = self._accents(heard, request, knobs), heard.before
        while not line.is_over:
            luck = chances(self.seed, request.turn, request.attempt, line.draws)
            inputs = self._inputs(line, knobs.temperature, (*luck[:2], accents.for_model(luck[2])))
            drawn, after = self.session.step(inputs, before)
            gap, key, velocity = drawn.event
            happened = line.take((gap, key, accents.velocity(key, velocity, luck[2])), drawn.cells)
            if happened is not None:
                turned = yield happened
                before = after
                if turned is not None:
                    before = self._steered(after, heard, request, knobs, turned)
                    knobs = turned

    def _think_of(
        self,
        heard: _Heard,
        request: Request,
        knobs: Knobs,
        of: _Answered,
        before: Sequence[Note] = (),
    ) -> Thought:
        """Begin to think of the first passage of what is asked for here, which follows these notes."""
        call, like = of
        passage = replace(request, length_s=_passage_s(request.length_s, like))
        lines = [self._line(heard, passage) for _ in range(self.lanes)]
        attempt = self.lanes * len(request.call)  # other numbers for each passage
        candidates = Candidates(
            self.session,
            lines,
            heard.before,
            self.seed,
            request.turn,
            attempt,
            knobs.temperature,
            Accents.of(like, heard.likeness, heats(knobs.temperature)[2]),
        )
        ends = passage.length_s == request.length_s
        return Thought(call, like, request.starts_after, passage.length_s, candidates, before, ends)

    def _accents(self, heard: _Heard, request: Request, knobs: Knobs) -> Accents:
        """How loud the player has been, as it was heard."""
        return Accents.of(_answered(request, knobs)[1], heard.likeness, heats(knobs.temperature)[2])

    def _line(self, heard: _Heard, request: Request) -> Line:
        outside = outside_of(heard.so_far.pitches)
        return Line(_start(heard, request), heard.so_far.bounds, heard.likeness, outside)

    def _read_on(self, call: tuple[KeyEvent, ...], likeness: Likeness | None = None) -> _Heard:
        """The call heard to its end, from where it was heard to if it is the same call, heard alike: as this
        says, or else as it is heard while it grows."""
        if likeness is None:
            likeness = self._likeness_so_far(call) if self.session.listens else self._likeness(call)
        heard = self._furthest(call, likeness)
        if heard is None:
            begin = self.session.begin_in_beats if likeness.in_beats else self.session.begin
            heard = _Heard(
                (), likeness, self._encoding.start(), begin, self.session.silent_state(), CallSoFar()
            )
        if len(heard.call) == len(call):
            return heard
        written, last, state, so_far = heard.written, heard.last, heard.before, heard.so_far.copy()
        for happened in call[len(heard.call) :]:
            at = likeness.heard_s(happened.at - call[0].at) + likeness.begins_s
            written, made = self._encoding.feed(written, replace(happened, at=at))
            for gap, key, velocity in made:
                state = self.session.feed(last, state)
                last = (gap, key, likeness.heard_velocity(velocity))
                so_far.take(happened.at, key)
        return _Heard(call, likeness, written, last, state, so_far)

    def _furthest(self, call: tuple[KeyEvent, ...], likeness: Likeness) -> _Heard | None:
        """The most of a call that has been heard already, heard alike."""
        heard = [one for one in (self._heard, self._struck) if one is not None and one.likeness == likeness]
        begun = [one for one in heard if call[: len(one.call)] == one.call]
        return max(begun, key=lambda one: len(one.call), default=None)

    def _strike(self, struck: tuple[KeyEvent, ...]) -> _Heard | None:
        """Read a call up to its last key that went down, from where an answer is drawn."""
        if struck and (self._struck is None or self._struck.call != struck):
            self._struck = self._read_on(struck)
        return self._struck if struck else None

    def _likeness(self, call: Sequence[KeyEvent]) -> Likeness:
        """How a call is to be heard."""
        header = self.session.bundle.header
        if not self.session.listens:
            return likeness_of(call, header.loudness, header.density)
        late = newest(call, REMEMBERED_S)
        return in_its_own_beat(late, call[0].at) or likeness_of(late, None, header.density)

    def _listened_to(
        self, events: tuple[KeyEvent, ...], of: _Answered, before: Likeness | None = None
    ) -> _Heard:
        """Everything heard so far; a model that listens knows from here on how the call was played, and hears
        it in its beat as it is found now."""
        likeness = self._likeness_now(events, before) if self.session.listens else None
        heard = self._heard = self._read_on(events, likeness)
        return self._knowing(heard, of)

    def _likeness_so_far(self, call: tuple[KeyEvent, ...]) -> Likeness:
        """How a call is heard while it grows: as it was best heard at one of its looks, if that is nearly
        what it is at the last. It says the same however often it is asked on the way."""
        looked, likeness = self._looked
        if call[: len(looked)] != looked:  # another call
            looked, likeness = (), Likeness()
        for look in looks_within(len(call)):
            if look > len(looked):
                found = self._likeness(call[:look])
                likeness = likeness if looked and is_near(likeness, found) else found
                looked = call[:look]
        self._looked = looked, likeness
        return likeness

    def _likeness_now(self, events: tuple[KeyEvent, ...], before: Likeness | None) -> Likeness:
        """How this is best heard; after another passage, or if it is long, as it was before, where that is
        nearly the same, so that little is heard twice. It follows from what was played alone, and not from
        when it was asked."""
        likeness = self._likeness(events)
        if before is None and len(events) > SHORT_CALL:
            before = self._likeness_so_far(events)
        return before if before is not None and is_near(before, likeness) else likeness

    def _knowing(self, heard: _Heard, of: _Answered) -> _Heard:
        """The same, with a portrait of the player for a model that listens; where a hand steers, of the
        player as it would have the answer, who also says what that is bound by."""
        call, like = of
        if like is not call:
            heard = replace(heard, so_far=so_far_of(like))
        return replace(heard, before=self._portrayed(heard.before, like, heard.likeness))

    def _portrayed(self, state: ModelState, like: Sequence[Note], likeness: Likeness) -> ModelState:
        if not self.session.listens:
            return state
        return self.session.knowing(portrait_of(like, slower=likeness.slower), state)

    def _steered(
        self, state: ModelState, heard: _Heard, request: Request, before: Knobs, turned: Knobs
    ) -> ModelState:
        """The state from which an answer goes on being drawn where knobs were turned."""
        if Steering.of(turned) == Steering.of(before):
            return state
        return self._portrayed(state, _answered(request, turned)[1], heard.likeness)

    def _inputs(self, line: Line, knob: float, luck: tuple[float, float, float]) -> Inputs:
        return Inputs(
            event=line.event,
            chance=luck,
            temperature=heats(knob),
            top_p=TOP_P,
            key_mask=line.mask(knob),
            gap_at_least=line.passed,
        )


def is_shaped_otherwise(turned: Knobs, knobs: Knobs) -> bool:
    """Whether an answer would be thought of otherwise by these knobs."""
    return turned.temperature != knobs.temperature or Steering.of(turned) != Steering.of(knobs)


def _answered(request: Request, knobs: Knobs) -> _Answered:
    """The end of a call, and what its answer is to be like."""
    call = _remembered(request.call)
    return call, Steering.of(knobs, request.already).of_call(call)


def _remembered(call: tuple[KeyEvent, ...]) -> Sequence[Note]:
    """The notes of the end of a call, which is what is answered; the pedal folded in."""
    return pedal_folded(phrase_of(newest(call, REMEMBERED_S))).notes


def _think(thought: Thought, steps: int = MOST_STEPS) -> None:
    """So many steps, or as many as there are."""
    for _ in range(steps):
        if thought.is_complete:
            return
        thought.step()


def _passage_s(length_s: float, call: Sequence[Note]) -> float:
    """How long the first passage of an answer is: equal parts, none longer than a phrase, nor so full, if it
    is as dense as the call, that the silence is too short to think of it."""
    if length_s <= 0:
        return 0.0
    notes_a_second = len(call) / max(Phrase.of(call).until - call[0].at, SHORTEST_PASSAGE_S)
    longest_s = min(LONGEST_PASSAGE_S, max(MOST_NOTES / notes_a_second, SHORTEST_PASSAGE_S))
    return length_s / ceil(length_s / longest_s)


def _start(heard: _Heard, request: Request) -> Start:
    begins = request.call[0].at if request.call else request.starts_after
    silent_s = heard.likeness.heard_s(request.starts_after - begins) + heard.likeness.begins_s
    silent_cells = int(silent_s * CELLS_PER_S) - heard.written.cell  # up to the cell of this very moment
    return Start(heard.last, request.starts_after, max(silent_cells, 0), request.length_s)


def _playable(bundle: Bundle) -> LiveEncoding[EventState]:
    """The encoding that the model's file names, if music can be played in it as it comes."""
    check_answers(bundle)
    try:
        return bundle.encoding.as_live()
    except EncodingError as error:
        remedy = "export a run that is written as 'event' (pedal=False)"
        raise ModelFileError(f"{bundle.path}: {error}; {remedy}") from None
