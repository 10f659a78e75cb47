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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from music.changed import changed
from music.notes import KeyEvent, NoteOff, NoteOn, Pedal
from music.pedal import pitches_of
from realtime.knobs import Mode
from realtime.performer.actions import (
    NOT_ASKED,
    Action,
    AskForAnswer,
    AskForMore,
    KeepBack,
    LiftPedal,
    PassLate,
    PassOn,
    PlayNote,
    Request,
    Silence,
    StopNote,
    TurnChanged,
    WakeAt,
)
from realtime.performer.agenda import Sent, caught_up, closed, performed, queued, silenced, without_key
from realtime.performer.events import (
    EVENTS,
    AnswerCame,
    AnswerFailed,
    AskedAnew,
    Event,
    Forgot,
    Froze,
    HandOverNow,
    InputLost,
    KeyDown,
    KeyUp,
    OutputLost,
    Panic,
    Paused,
    PedalMoved,
    PlayerEvent,
    Stopped,
    TookUp,
    WentOn,
    Woke,
)
from realtime.performer.modes import (
    follows,
    heard_of,
    in_tempo,
    moved,
    on_its_bar_line,
    passes_only,
    plays_along,
    with_answer,
    with_spell,
)
from realtime.performer.pace import Pace, silence_needed
from realtime.performer.pauses import gone_on, hurried, paused, stands_still
from realtime.performer.phases import Phase, Reason
from realtime.performer.player.hands import (
    is_held_elsewhere,
    is_passing,
    no_longer_waited_for,
    passed,
    with_kept_back,
    without_kept_back,
)
from realtime.performer.player.place import laid, let_go
from realtime.performer.rules import Rules
from realtime.performer.sound.limits import bent
from realtime.performer.state import (
    CHANNELS,
    Answer,
    State,
    answer_length_s,
    ask_again_at,
    ends_at,
    is_paused,
    manner,
    model_channel,
    next_deadline,
    releases_of,
    sounds,
    tracked,
    turn_ends_at,
    with_call,
)

LAST_NOTE_S = 1.0  # how long a last note is in the call, whose release never came

Outcome = tuple[State, list[Action]]


def step(state: State, event: Event, rules: Rules) -> tuple[State, tuple[Action, ...]]:
    """The performer after an event, and what to do at once, in this order.

    An event that was stamped before one that has already been taken counts as happening now.
    """
    now = max(event.at, state.now)
    if event.at != now:
        event = changed(event, at=now)
    wake_at = None if isinstance(event, Woke) else state.wake_at  # rung; were it early, it is set again
    state = in_tempo(changed(state, now=now, wake_at=wake_at), rules)
    handler = TABLE[state.phase][type(event)].handler
    if _only_passes(state, event, rules):
        handler = _passes_by
    after, actions = handler(state, event, rules)
    after, alarm = _with_alarm(after, rules)
    return after, (*actions, *alarm)


def passes_at_once(state: State, event: Event) -> bool:
    """Whether what `step` does first at this event is to pass it on, so that it may go out before the step.

    For a key that goes down it stays so, whatever other keys come before it.
    """
    if isinstance(event, KeyDown):
        return state.phase in (Phase.WAITING, Phase.CALLING) and not state.agenda.sounding
    if isinstance(event, KeyUp):
        hands = state.hands
        is_last = not hands.kept_back and not is_held_elsewhere(hands, event)
        return state.phase is not Phase.CLOSED and is_last
    return False


def _with_alarm(state: State, rules: Rules) -> Outcome:
    deadline = None if stands_still(state, rules) else next_deadline(state, rules)
    if deadline == state.wake_at:
        return state, []
    if deadline is None:
        return changed(state, wake_at=None), []
    deadline = max(deadline, state.now)
    return changed(state, wake_at=deadline), [WakeAt(deadline)]


# Keys of the part of a split keyboard that is not the call: whoever has the turn keeps it.


def _only_passes(state: State, event: Event, rules: Rules) -> bool:
    """A key counts as it was struck until it is let go, wherever the split is by then."""
    if state.phase is Phase.CLOSED:
        return False
    if isinstance(event, KeyUp):
        return is_passing(state.hands, event)
    return isinstance(event, KeyDown) and not rules.split.calls(event.pitch)


def _passes_by(state: State, event: KeyDown | KeyUp, rules: Rules) -> Outcome:
    agenda = state.agenda
    stops: list[StopNote] = []
    if isinstance(event, KeyDown):  # a synth knows one key of a pitch: the model's ends before the player's
        agenda, stops = without_key(agenda, event.channel, event.pitch, event.at)
    after, sent = _passed_on(changed(state, agenda=agenda), event, rules)
    hands = passed(state.hands, after.hands, event)
    return changed(after, hands=hands, player_channel=state.player_channel), [*stops, *sent]


# The player's turn.


def _passed_on(state: State, event: PlayerEvent, _: Rules) -> Outcome:
    """Sent on at once, but for a release or a pedal that would end what must sound on."""
    after = tracked(state, event)
    if isinstance(event, KeyUp):
        return _release_passed_on(state, after, event)
    if isinstance(event, PedalMoved) and (
        after.lent >> event.channel & 1 or is_held_elsewhere(after.hands, event)
    ):
        return after, [KeepBack(event.at, event)]
    return after, [PassOn(event.at, event)]


def _release_passed_on(before: State, after: State, event: KeyUp) -> Outcome:
    if is_held_elsewhere(after.hands, event):
        keyboard = before.keyboards.get((event.source, event.channel))
        if keyboard is not None and keyboard.held >> event.pitch & 1:
            after = changed(after, hands=with_kept_back(after.hands, event))
        return after, [KeepBack(event.at, event)]
    hands, late = without_kept_back(after.hands, event)
    if late:
        after = changed(after, hands=hands)
    return after, [PassOn(event.at, event), *(PassLate(event.at, one) for one in late)]


def _call_begins(state: State, event: KeyDown, rules: Rules) -> Outcome:
    if passes_only(rules):
        return _passed_on(state, event, rules)
    before = () if state.taken_up_at is None else laid(state.call, state.now - state.taken_up_at)
    fresh = changed(
        state,
        phase=Phase.CALLING,
        call=before,
        quiet_since=None,
        pace=state.pace.resting(),
        passed_over=0,
        taken_up_at=None,
    )
    after, sent = _call_grows(with_spell(fresh, rules), event, rules)
    reason = Reason.CALL_GOES_ON if before else Reason.CALL_BEGAN
    return after, [*sent, TurnChanged(event.at, Phase.CALLING, reason)]


def _call_grows(state: State, event: PlayerEvent, rules: Rules) -> Outcome:
    after, sent = _passed_on(state, event, rules)
    return with_call(after, event), sent


def _silence_heard(state: State, event: Woke, rules: Rules) -> Outcome:
    if passes_only(rules):
        return _back_to_waiting(changed(state, call=()), Reason.HEARD)
    ends_at = turn_ends_at(state, rules)
    if ends_at is None and event.at >= state.hands.moved_at + rules.longest_hold_s:
        return _held_too_long(state, rules)
    if ends_at is None or event.at < ends_at:
        return state, []
    if rules.mode is Mode.LISTEN:
        return _back_to_waiting(changed(_with_call_kept(state, rules), call=()), Reason.HEARD)
    return _turn_passed(state, rules, Reason.SILENCE_LASTED)


def _held_too_long(state: State, rules: Rules) -> Outcome:
    """What is held counts as let go a little after the last that happened; on the synth it sounds on."""
    at = min(state.hands.moved_at + LAST_NOTE_S, state.now)
    held = state.hands.held
    let_go: list[KeyEvent] = [NoteOff(at, pitch) for pitch in held.pitches]
    let_go += [Pedal(at, False)] if held.by_pedal else []
    hands = no_longer_waited_for(state.hands)
    after = changed(state, hands=hands, call=(*state.call, *let_go), quiet_since=at)
    if rules.mode is Mode.LISTEN:
        return _back_to_waiting(changed(_with_call_kept(after, rules), call=()), Reason.HEARD)
    return _turn_passed(after, rules, Reason.HELD_TOO_LONG)


def _handed_over(state: State, _: HandOverNow, rules: Rules) -> Outcome:
    return _turn_passed(state, rules, Reason.HANDED_OVER)


def _turn_passed(state: State, rules: Rules, reason: Reason) -> Outcome:
    after = changed(state, turn=state.turn + 1)
    return _asked(after, _request_of(after, rules), rules, reason)


def _asked_again(state: State, _: HandOverNow, rules: Rules) -> Outcome:
    request = state.request
    if request is None:
        return state, []
    reason = Reason.ASKED_AGAIN if request.was_asked else Reason.HANDED_OVER
    if state.taken_up_at is not None:
        request = changed(request, call=laid(request.call, state.now - state.taken_up_at))
    after = changed(state, taken_up_at=None)
    return _asked(after, changed(request, attempt=request.attempt + 1), rules, reason)


def _asked_anew(state: State, event: AskedAnew, rules: Rules) -> Outcome:
    """Another answer in place of the one that is being given."""
    agenda, stops = silenced(state.agenda, event.at)
    after = changed(state, phase=Phase.WAITING, agenda=agenda, answer=None)
    after, asked = _asked_again(after, HandOverNow(event.at), rules)
    return after, [*stops, *asked]


def _passed_over(state: State, _: AskedAnew, __: Rules) -> Outcome:
    """The answer that stands ready is not wanted: the next best will be given."""
    return changed(state, passed_over=state.passed_over + 1), []


def _forgotten(state: State, _: Forgot, __: Rules) -> Outcome:
    """Nothing of what was played is answered any more, and the pace is learnt anew."""
    after = changed(
        state,
        call=(),
        request=None,
        answered=(),
        pace=Pace(),
        quiet_since=None,
        spell_began_at=None,
        spell_ends_at=None,
        taken_up_at=None,
    )
    if state.phase is Phase.WAITING:
        return after, [TurnChanged(state.now, Phase.WAITING, Reason.FORGOTTEN)]
    return _back_to_waiting(after, Reason.FORGOTTEN)


def _taken_up(state: State, event: TookUp, rules: Rules) -> Outcome:
    """Nothing sounds, and what stands before the place counts as just played: a phrase goes on with the next
    key, and is answered at a hand-over; an answer goes on at a hand-over, and the next key cuts in."""
    after = changed(state, turn=state.turn + 1, call=_all_let_go(event.call, state.now), quiet_since=None)
    request = _request_of_place(after, event, rules) if event.call else None
    call = () if event.answered else after.call
    return _back_to_waiting(
        changed(after, call=call, request=request, answered=(), taken_up_at=state.now), Reason.TAKEN_UP
    )


def _request_of_place(state: State, event: TookUp, rules: Rules) -> Request:
    call = _all_let_go((*event.call, *event.answered), state.now)
    return Request(
        ticket=state.ticket,
        turn=state.turn,
        attempt=NOT_ASKED,
        call=call,
        gap_at_least_s=state.now - call[-1].at,
        starts_after=state.now,
        length_s=answer_length_s(state, rules),
    )


def _all_let_go(events: tuple[KeyEvent, ...], now: float) -> tuple[KeyEvent, ...]:
    """Events before a place, laid to now, and nothing held there."""
    moved_here = laid(events, now)
    return (*moved_here, *let_go(moved_here, now))


def _frozen_or_thawed(state: State, _: Froze, __: Rules) -> Outcome:
    reason = Reason.THAWED if state.is_frozen else Reason.FROZEN
    after = changed(state, is_frozen=not state.is_frozen)
    return after, [TurnChanged(state.now, state.phase, reason)]


def _paused(state: State, event: Paused, _: Rules) -> Outcome:
    if is_paused(state):
        return state, []
    after, stops = paused(state)
    return after, [*stops, TurnChanged(event.at, after.phase, Reason.PAUSED)]


def _gone_on(state: State, event: WentOn, rules: Rules) -> Outcome:
    if not is_paused(state):
        return state, []
    after, actions = _performed(gone_on(state, rules), rules)
    return after, [TurnChanged(event.at, state.phase, Reason.WENT_ON), *actions]


def _request_of(state: State, rules: Rules) -> Request:
    now = state.now
    last = state.call[-1].at if state.quiet_since is None else state.quiet_since
    return Request(
        ticket=state.ticket,
        turn=state.turn,
        attempt=state.passed_over,
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
    handed_over = changed(state, turn=state.turn + 1)
    request = changed(_request_of(handed_over, rules), gap_at_least_s=silence_s, starts_after=starts_after)
    return AskForAnswer(state.now, request, starts_after + rules.first_stretch_s, rules.knobs)


def asked_at_once(state: State, rules: Rules) -> AskForAnswer | None:
    """What would be asked for if the phrase were handed over at this moment; none where there is none."""
    if state.phase is not Phase.CALLING or not state.call:
        return None
    request = _request_of(changed(state, turn=state.turn + 1), rules)
    return AskForAnswer(state.now, request, state.now + rules.first_stretch_s, rules.knobs)


def _asked(state: State, request: Request, rules: Rules, reason: Reason) -> Outcome:
    now, ticket = state.now, state.ticket + 1
    request = changed(request, ticket=ticket, starts_after=now)
    until = now + rules.first_stretch_s
    answer = Answer(
        request.length_s, now, asked_at=now, asked_until=until, covers_until=now, knobs=rules.knobs
    )
    after = with_answer(state, answer, request.call, rules)
    if after.answer is not None:  # a spell of bars is as long as it is
        request = changed(request, length_s=after.answer.length_s)
    after = changed(after, phase=Phase.ASKING, ticket=ticket, request=request, passed_over=0)
    if plays_along(after, rules) or reason is Reason.GOES_ON:
        after = changed(after, call=())  # what is played from here on is another phrase
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
    if plays_along(state, rules):
        return _call_grows(state, event, rules)
    after = changed(state, phase=Phase.CALLING, answer=None, agenda=silenced(state.agenda, event.at)[0])
    after, sent = _call_grows(after, event, rules)
    return after, [*sent, TurnChanged(event.at, Phase.CALLING, Reason.CALL_GOES_ON)]


def _first_stretch_came(state: State, event: AnswerCame, rules: Rules) -> Outcome:
    if event.ticket != state.ticket or state.answer is None:
        return state, []
    heard = _with_stretch(state, event, rules)
    onsets = [note.at for note in event.events if isinstance(note, NoteOn)]
    if onsets:
        heard = on_its_bar_line(heard, rules)
        if not stands_still(heard, rules):
            heard = changed(heard, agenda=caught_up(heard.agenda, event.at, 0.0))
        return _performed(heard, rules)
    waits_for_a_note = state.answer.first_at is None  # else one came before, and isn't due yet
    is_silent = event.is_over or event.covers_until > state.answer.starts_after + rules.patience_s
    if waits_for_a_note and is_silent:
        return _back_to_waiting(heard, Reason.ANSWER_EMPTY)
    return _performed(heard, rules)


def _with_stretch(state: State, event: AnswerCame, rules: Rules) -> State:
    assert state.answer is not None
    bent_now, events = bent(state.bent, moved(event.events, state.answer.semitones), rules.limits)
    agenda = queued(state.agenda, hurried(state, events))
    if event.is_over:
        agenda = closed(agenda, event.covers_until)
    first_at = state.answer.first_at
    if first_at is None:
        first_at = next((note.at for note in event.events if isinstance(note, NoteOn)), None)
    covers_until = max(event.covers_until, state.answer.covers_until)
    answer = changed(
        state.answer,
        covers_until=covers_until,
        asked_until=min(state.answer.asked_until, covers_until),
        asked_at=event.at,
        first_at=first_at,
        is_over=event.is_over,
    )
    return changed(state, agenda=agenda, answer=answer, answered=heard_of(state, event.events), bent=bent_now)


def _nothing_came(state: State, event: AnswerFailed, _: Rules) -> Outcome:
    if event.ticket != state.ticket:
        return state, []
    return _back_to_waiting(state, Reason.ANSWER_FAILED)


# The model's turn.


def _next_stretch_came(state: State, event: AnswerCame, rules: Rules) -> Outcome:
    if event.ticket != state.ticket or state.answer is None or state.answer.is_over:
        return state, []
    return _performed(_with_stretch(state, event, rules), rules)


def _time_passed(state: State, _: Woke, rules: Rules) -> Outcome:
    return _performed(state, rules)


def _performed(state: State, rules: Rules) -> Outcome:
    """Everything due is done, the next stretch asked for, and the turn passed back at the end."""
    if stands_still(state, rules):
        return state, []
    now = state.now
    state = changed(state, agenda=caught_up(state.agenda, now, rules.late_s))
    agenda, sent = performed(state.agenda, now, manner(state, rules), rules)
    after, lifted = _channels_lent(changed(state, agenda=agenda), sent, rules)
    actions: list[Action] = [*lifted, *sent]
    if state.phase is Phase.ASKING and any(isinstance(action, PlayNote) for action in sent):
        after = changed(after, phase=Phase.ANSWERING)
        actions.append(TurnChanged(now, Phase.ANSWERING, Reason.ANSWER_BEGAN))
    ending = _reason_to_end(after, rules)
    if ending is not None:
        after, last = _ended(after, ending, rules)
        return after, actions + last
    after, asked = _more_asked(after, rules)
    return after, actions + asked


def _ended(state: State, reason: Reason, rules: Rules) -> Outcome:
    """The turn goes back; or, where the music goes on by itself, another answer is asked for."""
    turn = changed(state, turn=state.turn + 1)
    request = follows(turn, rules) if reason is Reason.ANSWER_ENDED else None
    if request is None:
        return _back_to_waiting(state, reason)
    agenda, stops = silenced(state.agenda, state.now)
    closed_call = changed(request, call=_with_all_released(request.call, state.now))
    after, asked = _asked(changed(turn, agenda=agenda), closed_call, rules, Reason.GOES_ON)
    return after, [*stops, *asked]


def _channels_lent(state: State, sent: Sequence[Sent], rules: Rules) -> Outcome:
    """The player's pedal is lifted where the model begins to play: there it would hold the model's notes."""
    channels = {action.channel for action in sent if isinstance(action, PlayNote)}
    state = changed(state, answered_on=state.answered_on | sum(1 << channel for channel in channels))
    fresh = [] if rules.shares_channel else sorted(on for on in channels if not state.lent >> on & 1)
    lifted: list[Action] = [LiftPedal(state.now, on) for on in fresh if state.hands.depth_on(on)]
    return changed(state, lent=state.lent | sum(1 << channel for channel in fresh)), lifted


def _channels_given_back(state: State) -> Outcome:
    """Where the player's pedal was kept from a channel, it stands again as the player has it."""
    back: list[Action] = []
    for (source, channel), depth in sorted(state.hands.depths.items()):
        if state.lent >> channel & 1 and depth == state.hands.depth_on(channel) > 0:
            back.append(PassLate(state.now, PedalMoved(state.now, depth, channel, source)))
    return changed(state, lent=0), back


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
    asked = changed(answer, asked_at=now, asked_until=until)
    return changed(state, answer=asked), [AskForMore(now, state.ticket, until, rules.knobs)]


def _cut_in(state: State, event: KeyDown, rules: Rules) -> Outcome:
    """The model's notes end first: on a shared channel, the player's note must not be the one that is cut.

    Where the player's keys leave the answer as it is, they are another phrase already.
    """
    if plays_along(state, rules):
        return _call_grows(state, event, rules)
    agenda, stops = silenced(state.agenda, event.at)
    after = changed(state, phase=Phase.CALLING, agenda=agenda, answer=None, quiet_since=None)
    if _came_too_soon(state, rules):
        after = changed(after, pace=state.pace.interrupted())
    else:
        after = changed(with_spell(after, rules), call=(), pace=state.pace.resting())
    after, pedals = _channels_given_back(after)
    after, sent = _call_grows(after, event, rules)
    return after, [*stops, *pedals, *sent, TurnChanged(event.at, Phase.CALLING, Reason.CUT_IN)]


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
    after = changed(state, phase=Phase.WAITING, agenda=agenda, answer=None, pace=pace, is_frozen=False)
    after, pedals = _channels_given_back(after)
    return after, [*stops, *pedals, TurnChanged(state.now, Phase.WAITING, reason)]


def _panicked(state: State, _: Panic, rules: Rules) -> Outcome:
    """All that is known to sound ends, the player's notes too: what is held may be held by mistake alone.

    Then whatever else hangs is ended, on every channel that was played on. Whoever asks for silence often
    wants another answer: the last phrase can still be handed over, by hand.
    """
    if state.phase is Phase.CALLING:
        state = _with_call_kept(state, rules)
    after, actions = _back_to_waiting(changed(state, call=()), Reason.PANIC)
    after, let_go = _let_go(after, rules)
    played_on = after.hands.channels | after.answered_on | 1 << model_channel(after, rules)
    silences = [Silence(state.now, on) for on in range(CHANNELS) if played_on >> on & 1]
    return after, [*actions, *let_go, *silences]


def _with_call_kept(state: State, rules: Rules) -> State:
    after = changed(state, turn=state.turn + 1)
    return changed(after, request=changed(_request_of(after, rules), attempt=NOT_ASKED))


def _input_lost(state: State, event: InputLost, rules: Rules) -> Outcome:
    """What was held there is let go; an answer ends, as nobody could cut it short from there."""
    after, let_go = _let_go(state, rules, event.source)
    if state.phase is Phase.WAITING or (state.phase is Phase.CALLING and sounds(after)):
        return after, let_go
    after, actions = _back_to_waiting(changed(after, call=(), quiet_since=None), Reason.INPUT_LOST)
    return after, let_go + actions


def _let_go(state: State, rules: Rules, source: int | None = None) -> Outcome:
    actions: list[Action] = []
    for release in releases_of(state, source):
        state, sent = _passed_on(state, release, rules)
        actions.extend(sent)
    return state, actions


def _output_lost(state: State, _: OutputLost, __: Rules) -> Outcome:
    return _back_to_waiting(state, Reason.OUTPUT_LOST)


def _put_away(state: State, _: Stopped, rules: Rules) -> Outcome:
    """Everything is let go, the player's notes too: their releases would reach nobody."""
    agenda, stops = silenced(state.agenda, state.now)
    after, let_go = _let_go(changed(state, agenda=agenda, answer=None, phase=Phase.CLOSED, lent=0), rules)
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
_PANIC = Transition("all that is held forgotten; silence on every channel played on", (_W,), _panicked)
_FORGOT = Transition("the last phrase and the pace forgotten, the turn nobody's", (_W,), _forgotten)
_TAKEN_UP = Transition(
    "what was played before a place in a take stands before who plays on", (_W,), _taken_up
)
_STOPPED = Transition("everything let go", (_X,), _put_away)

TABLE: Mapping[Phase, Mapping[type[Event], Transition]] = {
    _W: {
        KeyDown: Transition("passed on; a phrase begins", (_C, _W), _call_begins),
        KeyUp: Transition("passed on", (_W,), _passed_on),
        PedalMoved: Transition("passed on", (_W,), _passed_on),
        HandOverNow: Transition(
            "an answer, or another one, to the last phrase, if there was one", (_A, _W), _asked_again
        ),
        AskedAnew: Transition("another answer to the last phrase, if there was one", (_A, _W), _asked_again),
        Forgot: _FORGOT,
        TookUp: _TAKEN_UP,
        Froze: _ignoring(_W, "there is no answer to freeze"),
        Paused: _ignoring(_W, "there is no answer to pause"),
        WentOn: _ignoring(_W, "there is no answer to pause"),
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
        AskedAnew: Transition("the next best answer will be given", (_C,), _passed_over),
        Forgot: _FORGOT,
        TookUp: _TAKEN_UP,
        Froze: _ignoring(_C, "there is no answer to freeze"),
        Paused: _ignoring(_C, "there is no answer to pause"),
        WentOn: _ignoring(_C, "there is no answer to pause"),
        Panic: Transition(f"{_PANIC.does}; the phrase is over, unanswered", (_W,), _panicked),
        InputLost: Transition(
            "its keys let go; the phrase dropped unless another keyboard holds keys", (_W, _C), _input_lost
        ),
        OutputLost: _ignoring(_C, "nothing of the model's sounds"),
        Woke: Transition(
            "an answer asked for, if the silence has lasted, or something has been held for too long; none "
            "where it only listens",
            (_A, _C, _W),
            _silence_heard,
        ),
        AnswerCame: _ignoring(_C, "an old ticket"),
        AnswerFailed: _ignoring(_C, "an old ticket"),
        Stopped: _STOPPED,
    },
    _A: {
        KeyDown: Transition(
            "passed on; the phrase goes on, the ticket is void, unless the mode lets both play",
            (_C, _A),
            _phrase_goes_on,
        ),
        KeyUp: Transition("passed on", (_A,), _call_grows),
        PedalMoved: Transition("passed on", (_A,), _call_grows),
        HandOverNow: _ignoring(_A, "already asked"),
        AskedAnew: _ignoring(_A, "already asked"),
        Forgot: _FORGOT,
        TookUp: _TAKEN_UP,
        Froze: Transition("the answer goes on whatever is played; or no longer", (_A,), _frozen_or_thawed),
        Paused: Transition("nothing of the answer sounds until it goes on", (_A,), _paused),
        WentOn: Transition("the answer goes on, as the pause was meant", (_A, _M, _W), _gone_on),
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
        KeyDown: Transition(
            "the answer silenced, then passed on; a phrase begins, unless the mode lets both play",
            (_C, _M),
            _cut_in,
        ),
        KeyUp: Transition("passed on", (_M,), _call_grows),
        PedalMoved: Transition("passed on, but kept from the model's channel", (_M,), _call_grows),
        HandOverNow: _ignoring(_M, "the model has the turn"),
        AskedAnew: Transition("the answer silenced, another one asked for", (_A, _W), _asked_anew),
        Forgot: _FORGOT,
        TookUp: _TAKEN_UP,
        Froze: Transition("the answer goes on whatever is played; or no longer", (_M,), _frozen_or_thawed),
        Paused: Transition("nothing of the answer sounds until it goes on", (_M,), _paused),
        WentOn: Transition("the answer goes on, as the pause was meant", (_M, _W, _A), _gone_on),
        Panic: _PANIC,
        InputLost: Transition("its keys let go, the answer silenced", (_W,), _input_lost),
        OutputLost: Transition("the answer silenced", (_W,), _output_lost),
        Woke: Transition(
            "what is due is played and released; at the end the turn goes back, or the model goes on",
            (_M, _W, _A),
            _time_passed,
        ),
        AnswerCame: Transition(
            "its notes put on the agenda; with an old ticket ignored", (_M, _W, _A), _next_stretch_came
        ),
        AnswerFailed: Transition("the answer silenced; with an old ticket ignored", (_W, _M), _answer_broke),
        Stopped: _STOPPED,
    },
    _X: {event: _ignoring(_X, "the instrument is put away") for event in EVENTS},
}
