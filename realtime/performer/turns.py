"""Whose turn it is: what each event does in each phase.

How this works:

- The performer is a value, `State`, and one function: `step(state, event, rules) -> (state, actions)`. It
  never waits and never reads a clock; the moment is a number inside the event. Whoever calls it carries the
  actions out at once.
- A turn goes round four phases: WAITING (nobody plays) → CALLING (the player does) → ASKING (an answer was
  asked for) → ANSWERING (the model plays) → WAITING. A key that goes down while the model plays cuts in, back
  to CALLING.
- `TABLE`, at the end, has a transition for every phase and every event: what happens in words, the phases
  that may follow, and the handler. `step` looks the handler up and calls it. All else in this file is
  handlers, in the order of a turn, and what they share. The diagram in docs/performer.md is drawn from the
  table.
- To act later, a state has a deadline (`next_deadline` in state.py): `step` compares it with the alarm that
  is set and asks for a new one with `WakeAt`. When it rings, as the event `Woke`, the handler looks at what
  is due by then, so an alarm that rings early, late or twice does no harm.
- An answer comes in stretches. `AskForAnswer` has a ticket, one higher each time; what comes back with an
  older ticket changes nothing, so nothing is ever cancelled. The notes of a stretch are put on the agenda
  (agenda.py), and `_performed` plays what is due, asks for the next stretch before the agenda runs dry, and
  ends the turn.

It knows events, values and the rules; it must not know clocks, ports, threads, files or models.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from music.notes import KeyEvent, NoteOff, NoteOn
from music.pedal import pitches_of
from realtime.performer.actions import (
    NOT_ASKED,
    Action,
    AskForAnswer,
    AskForMore,
    PassOn,
    PlayNote,
    Request,
    Silence,
    TurnChanged,
    WakeAt,
)
from realtime.performer.agenda import caught_up, closed, performed, queued, silenced
from realtime.performer.events import (
    EVENTS,
    AnswerCame,
    AnswerFailed,
    Event,
    HandOverNow,
    InputLost,
    KeyDown,
    KeyUp,
    OutputLost,
    Panic,
    PedalMoved,
    PlayerEvent,
    Stopped,
    Woke,
)
from realtime.performer.pace import silence_needed
from realtime.performer.phases import Phase, Reason
from realtime.performer.rules import Rules
from realtime.performer.state import (
    Answer,
    State,
    answer_length_s,
    ask_again_at,
    ends_at,
    keys_sounding_on,
    manner,
    model_channel,
    next_deadline,
    releases_of,
    sounds,
    tracked,
    with_call,
)

Outcome = tuple[State, list[Action]]


def step(state: State, event: Event, rules: Rules) -> tuple[State, tuple[Action, ...]]:
    """The performer after an event, and what to do at once, in this order.

    An event that was stamped before one that has already been taken counts as happening now.
    """
    now = max(event.at, state.now)
    if event.at != now:
        event = replace(event, at=now)
    wake_at = None if isinstance(event, Woke) else state.wake_at  # rung; were it early, it is set again
    transition = TABLE[state.phase][type(event)]
    after, actions = transition.handler(replace(state, now=now, wake_at=wake_at), event, rules)
    after, alarm = _with_alarm(after, rules)
    return after, (*actions, *alarm)


def _with_alarm(state: State, rules: Rules) -> Outcome:
    deadline = next_deadline(state, rules)
    if deadline is None or deadline == state.wake_at:
        return replace(state, wake_at=deadline), []
    deadline = max(deadline, state.now)
    return replace(state, wake_at=deadline), [WakeAt(deadline)]


# The player's turn.


def _passed_on(state: State, event: PlayerEvent, _: Rules) -> Outcome:
    return tracked(state, event), [PassOn(event.at, event)]


def _call_begins(state: State, event: KeyDown, rules: Rules) -> Outcome:
    fresh = replace(state, phase=Phase.CALLING, call=(), quiet_since=None, pace=state.pace.resting())
    after = with_call(tracked(fresh, event), event, rules)
    turned = TurnChanged(event.at, Phase.CALLING, Reason.CALL_BEGAN)
    return after, [PassOn(event.at, event), turned]


def _call_grows(state: State, event: PlayerEvent, rules: Rules) -> Outcome:
    return with_call(tracked(state, event), event, rules), [PassOn(event.at, event)]


def _silence_heard(state: State, event: Woke, rules: Rules) -> Outcome:
    if state.quiet_since is None or event.at < state.quiet_since + silence_needed(state.pace, rules):
        return state, []
    return _turn_passed(state, rules, Reason.SILENCE_LASTED)


def _handed_over(state: State, _: HandOverNow, rules: Rules) -> Outcome:
    return _turn_passed(state, rules, Reason.HANDED_OVER)


def _turn_passed(state: State, rules: Rules, reason: Reason) -> Outcome:
    after = replace(state, turn=state.turn + 1)
    return _asked(after, _request_of(after, rules), rules, reason)


def _asked_again(state: State, _: HandOverNow, rules: Rules) -> Outcome:
    if state.request is None:
        return state, []
    reason = Reason.ASKED_AGAIN if state.request.was_asked else Reason.HANDED_OVER
    return _asked(state, replace(state.request, attempt=state.request.attempt + 1), rules, reason)


def _request_of(state: State, rules: Rules) -> Request:
    now = state.now
    last = state.call[-1].at if state.quiet_since is None else state.quiet_since
    return Request(
        ticket=state.ticket,
        turn=state.turn,
        attempt=0,
        call=_with_all_released(state.call, now),
        gap_at_least_s=now - last,
        starts_after=now,
        length_s=answer_length_s(state, rules),
    )


def foreseen(state: State, rules: Rules) -> AskForAnswer | None:
    """What will be asked for if the player goes on doing nothing; none while something is held, or nothing
    was played."""
    if state.phase is not Phase.CALLING or state.quiet_since is None or not state.call:
        return None
    silence_s = silence_needed(state.pace, rules)
    starts_after = state.quiet_since + silence_s
    handed_over = replace(state, turn=state.turn + 1)
    request = replace(_request_of(handed_over, rules), gap_at_least_s=silence_s, starts_after=starts_after)
    return AskForAnswer(state.now, request, starts_after + rules.first_stretch_s, rules.knobs)


def _asked(state: State, request: Request, rules: Rules, reason: Reason) -> Outcome:
    now, ticket = state.now, state.ticket + 1
    request = replace(request, ticket=ticket, starts_after=now)
    until = now + rules.first_stretch_s
    answer = Answer(request.length_s, now, asked_at=now, asked_until=until, covers_until=now)
    after = replace(state, phase=Phase.ASKING, ticket=ticket, request=request, answer=answer)
    return after, [
        TurnChanged(now, Phase.ASKING, reason),
        AskForAnswer(now, request, until, rules.knobs),
    ]


def _with_all_released(call: tuple[KeyEvent, ...], now: float) -> tuple[KeyEvent, ...]:
    held = 0
    for event in call:
        if isinstance(event, NoteOn):
            held |= 1 << event.pitch
        elif isinstance(event, NoteOff):
            held &= ~(1 << event.pitch)
    return (*call, *(NoteOff(now, pitch) for pitch in pitches_of(held)))


# Waiting for the answer.


def _phrase_goes_on(state: State, event: KeyDown, rules: Rules) -> Outcome:
    """Nothing of the answer has sounded, so the phrase was not over."""
    after = replace(state, phase=Phase.CALLING, answer=None, agenda=silenced(state.agenda, event.at)[0])
    after = with_call(tracked(after, event), event, rules)
    return after, [PassOn(event.at, event), TurnChanged(event.at, Phase.CALLING, Reason.CALL_GOES_ON)]


def _first_stretch_came(state: State, event: AnswerCame, rules: Rules) -> Outcome:
    if event.ticket != state.ticket or state.answer is None:
        return state, []
    heard = _with_stretch(state, event)
    onsets = [note.at for note in event.events if isinstance(note, NoteOn)]
    if onsets:
        late = replace(heard, agenda=caught_up(heard.agenda, event.at, 0.0))
        return _performed(late, rules)
    if event.is_over or event.covers_until > state.answer.starts_after + rules.patience_s:
        return _back_to_waiting(heard, Reason.ANSWER_EMPTY)
    return _performed(heard, rules)


def _with_stretch(state: State, event: AnswerCame) -> State:
    assert state.answer is not None
    agenda = queued(state.agenda, event.events)
    if event.is_over:
        agenda = closed(agenda, event.covers_until)
    first_at = state.answer.first_at
    if first_at is None:
        first_at = next((note.at for note in event.events if isinstance(note, NoteOn)), None)
    covers_until = max(event.covers_until, state.answer.covers_until)
    answer = replace(
        state.answer,
        covers_until=covers_until,
        asked_until=min(state.answer.asked_until, covers_until),
        asked_at=event.at,
        first_at=first_at,
        is_over=event.is_over,
    )
    return replace(state, agenda=agenda, answer=answer)


def _nothing_came(state: State, event: AnswerFailed, _: Rules) -> Outcome:
    if event.ticket != state.ticket:
        return state, []
    return _back_to_waiting(state, Reason.ANSWER_FAILED)


# The model's turn.


def _next_stretch_came(state: State, event: AnswerCame, rules: Rules) -> Outcome:
    if event.ticket != state.ticket or state.answer is None or state.answer.is_over:
        return state, []
    return _performed(_with_stretch(state, event), rules)


def _time_passed(state: State, _: Woke, rules: Rules) -> Outcome:
    return _performed(state, rules)


def _performed(state: State, rules: Rules) -> Outcome:
    """Everything due is done, the next stretch asked for, and the turn passed back at the end."""
    now = state.now
    state = replace(state, agenda=caught_up(state.agenda, now, rules.late_s))
    agenda, sent = performed(state.agenda, now, manner(state, rules), rules)
    after = replace(state, agenda=agenda)
    actions: list[Action] = list(sent)
    if state.phase is Phase.ASKING and any(isinstance(action, PlayNote) for action in sent):
        after = replace(after, phase=Phase.ANSWERING)
        actions.append(TurnChanged(now, Phase.ANSWERING, Reason.ANSWER_BEGAN))
    ending = _reason_to_end(after, rules)
    if ending is not None:
        after, last = _back_to_waiting(after, ending)
        return after, actions + last
    after, asked = _more_asked(after, rules)
    return after, actions + asked


def _reason_to_end(state: State, rules: Rules) -> Reason | None:
    answer, agenda, now = state.answer, state.agenda, state.now
    assert answer is not None
    ending = ends_at(state)
    nothing_left = not agenda.sounding and (now >= ending or (answer.is_over and not agenda.queue))
    if nothing_left or now >= ending + rules.closing_s:
        return Reason.ANSWER_ENDED
    if answer.waits_for_more and now >= answer.asked_at + rules.patience_s:
        return Reason.ANSWER_OVERDUE
    return None


def _more_asked(state: State, rules: Rules) -> Outcome:
    answer, now = state.answer, state.now
    assert answer is not None
    again_at = ask_again_at(state, answer, rules)
    if again_at is None or now < again_at:
        return state, []
    until = max(now - state.agenda.delay_s, answer.covers_until) + rules.look_ahead_s
    asked = replace(answer, asked_at=now, asked_until=until)
    return replace(state, answer=asked), [AskForMore(now, state.ticket, until, rules.knobs)]


def _cut_in(state: State, event: KeyDown, rules: Rules) -> Outcome:
    """The model's notes end first: on a shared channel, the player's note must not be the one that is cut."""
    agenda, stops = silenced(state.agenda, event.at)
    after = replace(state, phase=Phase.CALLING, agenda=agenda, answer=None, quiet_since=None)
    if _came_too_soon(state, rules):
        after = replace(after, pace=state.pace.interrupted())
    else:
        after = replace(after, call=(), pace=state.pace.resting())
    after = with_call(tracked(after, event), event, rules)
    turned = TurnChanged(event.at, Phase.CALLING, Reason.CUT_IN)
    return after, [*stops, PassOn(event.at, event), turned]


def _came_too_soon(state: State, rules: Rules) -> bool:
    if state.answer is None or state.answer.first_at is None:
        return False
    return state.now - (state.answer.first_at + state.agenda.delay_s) < rules.too_soon_s


def _answer_broke(state: State, event: AnswerFailed, _: Rules) -> Outcome:
    if event.ticket != state.ticket:
        return state, []
    return _back_to_waiting(state, Reason.ANSWER_FAILED)


# From any turn.


def _back_to_waiting(state: State, reason: Reason) -> Outcome:
    agenda, stops = silenced(state.agenda, state.now)
    pace = state.pace.welcomed() if reason is Reason.ANSWER_ENDED else state.pace
    after = replace(state, phase=Phase.WAITING, agenda=agenda, answer=None, pace=pace)
    return after, [*stops, TurnChanged(state.now, Phase.WAITING, reason)]


def _panicked(state: State, _: Panic, rules: Rules) -> Outcome:
    """The model's notes end; on both channels whatever hangs is ended, but for what the player holds.

    Whoever asks for silence often wants another answer: the last phrase can still be handed over, by hand.
    """
    if state.phase is Phase.CALLING:
        state = _with_call_kept(state, rules)
    after, actions = _back_to_waiting(replace(state, call=()), Reason.PANIC)
    channels = sorted({state.player_channel, model_channel(state, rules)})
    return after, actions + [Silence(state.now, on, keys_sounding_on(state, on)) for on in channels]


def _with_call_kept(state: State, rules: Rules) -> State:
    after = replace(state, turn=state.turn + 1)
    return replace(after, request=replace(_request_of(after, rules), attempt=NOT_ASKED))


def _input_lost(state: State, event: InputLost, _: Rules) -> Outcome:
    """What was held there is let go; an answer ends, as nobody could cut it short from there."""
    after, let_go = _let_go(state, event.source)
    if state.phase is Phase.WAITING or (state.phase is Phase.CALLING and sounds(after)):
        return after, let_go
    after, actions = _back_to_waiting(replace(after, call=(), quiet_since=None), Reason.INPUT_LOST)
    return after, let_go + actions


def _let_go(state: State, source: int | None = None) -> Outcome:
    actions: list[Action] = []
    for release in releases_of(state, source):
        state = tracked(state, release)
        actions.append(PassOn(state.now, release))
    return state, actions


def _output_lost(state: State, _: OutputLost, __: Rules) -> Outcome:
    return _back_to_waiting(state, Reason.OUTPUT_LOST)


def _put_away(state: State, _: Stopped, __: Rules) -> Outcome:
    """Everything is let go, the player's notes too: their releases would reach nobody."""
    agenda, stops = silenced(state.agenda, state.now)
    after, let_go = _let_go(replace(state, agenda=agenda, answer=None, phase=Phase.CLOSED))
    return after, [*stops, *let_go, TurnChanged(state.now, Phase.CLOSED, Reason.STOPPED)]


def _ignored(state: State, _: Event, __: Rules) -> Outcome:
    return state, []


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event does in a phase, in words and as a function, and the phases it may lead to."""

    does: str
    to: tuple[Phase, ...]
    handler: Callable[[State, Any, Rules], Outcome]


def _ignoring(phase: Phase, why: str) -> Transition:
    return Transition(f"ignored: {why}", (phase,), _ignored)


_W, _C, _A, _M, _X = Phase.WAITING, Phase.CALLING, Phase.ASKING, Phase.ANSWERING, Phase.CLOSED
_PANIC = Transition("silence on both channels, but for keys that the player holds", (_W,), _panicked)
_STOPPED = Transition("everything let go", (_X,), _put_away)

TABLE: Mapping[Phase, Mapping[type[Event], Transition]] = {
    _W: {
        KeyDown: Transition("passed on; a phrase begins", (_C,), _call_begins),
        KeyUp: Transition("passed on", (_W,), _passed_on),
        PedalMoved: Transition("passed on", (_W,), _passed_on),
        HandOverNow: Transition(
            "an answer, or another one, to the last phrase, if there was one", (_A, _W), _asked_again
        ),
        Panic: _PANIC,
        InputLost: Transition("its keys let go", (_W,), _input_lost),
        OutputLost: _ignoring(_W, "nothing of the model's sounds"),
        Woke: _ignoring(_W, "an old alarm"),
        AnswerCame: _ignoring(_W, "an old ticket"),
        AnswerFailed: _ignoring(_W, "an old ticket"),
        Stopped: _STOPPED,
    },
    _C: {
        KeyDown: Transition("passed on; the phrase grows", (_C,), _call_grows),
        KeyUp: Transition("passed on; the silence may begin", (_C,), _call_grows),
        PedalMoved: Transition("passed on; the silence may begin or end", (_C,), _call_grows),
        HandOverNow: Transition("an answer asked for", (_A,), _handed_over),
        Panic: Transition(f"{_PANIC.does}; the phrase is over, unanswered", (_W,), _panicked),
        InputLost: Transition(
            "its keys let go; the phrase dropped unless another keyboard holds keys", (_W, _C), _input_lost
        ),
        OutputLost: _ignoring(_C, "nothing of the model's sounds"),
        Woke: Transition("an answer asked for, if the silence has lasted", (_A, _C), _silence_heard),
        AnswerCame: _ignoring(_C, "an old ticket"),
        AnswerFailed: _ignoring(_C, "an old ticket"),
        Stopped: _STOPPED,
    },
    _A: {
        KeyDown: Transition("passed on; the phrase goes on, the ticket is void", (_C,), _phrase_goes_on),
        KeyUp: Transition("passed on", (_A,), _call_grows),
        PedalMoved: Transition("passed on", (_A,), _call_grows),
        HandOverNow: _ignoring(_A, "already asked"),
        Panic: _PANIC,
        InputLost: Transition("its keys let go, the ticket is void", (_W,), _input_lost),
        OutputLost: Transition("the ticket is void", (_W,), _output_lost),
        Woke: Transition(
            "the first notes, when due; no longer waited for after patience has run out",
            (_M, _A, _W),
            _time_passed,
        ),
        AnswerCame: Transition(
            "its notes put on the agenda; with an old ticket ignored", (_M, _A, _W), _first_stretch_came
        ),
        AnswerFailed: Transition("no answer; with an old ticket ignored", (_W, _A), _nothing_came),
        Stopped: _STOPPED,
    },
    _M: {
        KeyDown: Transition("the answer silenced, then passed on; a phrase begins", (_C,), _cut_in),
        KeyUp: Transition("passed on", (_M,), _call_grows),
        PedalMoved: Transition("passed on, never to the model's channel", (_M,), _call_grows),
        HandOverNow: _ignoring(_M, "the model has the turn"),
        Panic: _PANIC,
        InputLost: Transition("its keys let go, the answer silenced", (_W,), _input_lost),
        OutputLost: Transition("the answer silenced", (_W,), _output_lost),
        Woke: Transition(
            "what is due is played and released; at the end the turn goes back", (_M, _W), _time_passed
        ),
        AnswerCame: Transition(
            "its notes put on the agenda; with an old ticket ignored", (_M, _W), _next_stretch_came
        ),
        AnswerFailed: Transition("the answer silenced; with an old ticket ignored", (_W, _M), _answer_broke),
        Stopped: _STOPPED,
    },
    _X: {event: _ignoring(_X, "the instrument is put away") for event in EVENTS},
}
