"""What holds whatever happens: random players, answerers, alarms and accidents, thousands of events.

Proves that nothing hangs, nothing of the player's is cut, no action lies in the past, and that a trace played
again does the same. Does not prove that the music is any good.
"""

from collections import Counter
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from music.notes import NoteOff, NoteOn
from realtime.knobs import Knobs, Mode, Pause
from realtime.performer.actions import (
    Action,
    AskForAnswer,
    KeepBack,
    PassLate,
    PassOn,
    PlayNote,
    Silence,
    StopNote,
    TurnChanged,
    WakeAt,
)
from realtime.performer.events import (
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
    Stopped,
    TookUp,
    WentOn,
    Woke,
)
from realtime.performer.modes import plays_along
from realtime.performer.offers import offer_in
from realtime.performer.phases import Phase
from realtime.performer.player.split import UNSPLIT, Split
from realtime.performer.rules import Rules
from realtime.performer.state import FRESH, State
from realtime.performer.turns import TABLE, passes_at_once, step

SILENCING = (Panic, Forgot, TookUp, OutputLost, Stopped)
PITCHES = st.integers(60, 64)
SOURCES = st.integers(0, 1)
CHANNELS = st.integers(0, 1)
VELOCITIES = st.integers(1, 127)

answer_notes = st.lists(
    st.tuples(st.floats(-1.0, 3.0), st.one_of(PITCHES, st.integers(0, 127)), st.booleans()), max_size=8
)
moves = st.one_of(
    st.tuples(st.just("down"), PITCHES, VELOCITIES, CHANNELS, SOURCES),
    st.tuples(st.just("up"), PITCHES, CHANNELS, SOURCES),
    st.tuples(st.just("pedal"), st.sampled_from([0, 63, 64, 127]), CHANNELS, SOURCES),
    st.tuples(st.just("wake")),
    st.tuples(st.just("wake")),
    st.tuples(st.just("answer"), st.integers(0, 1), answer_notes, st.floats(0.0, 3.0), st.booleans()),
    st.tuples(st.just("answer"), st.just(0), answer_notes, st.floats(0.0, 3.0), st.booleans()),
    st.tuples(st.just("fail"), st.integers(0, 1)),
    st.tuples(st.just("hand over")),
    st.tuples(st.sampled_from(["again", "freeze", "forget", "pause", "go on"])),
    st.tuples(st.just("take up"), st.booleans(), st.booleans()),
    st.tuples(st.just("panic")),
    st.tuples(st.just("input lost"), SOURCES),
    st.tuples(st.just("output lost")),
)
scripts = st.lists(st.tuples(st.floats(-0.02, 1.5), moves), max_size=60)
rule_sets = st.builds(
    Rules,
    mode=st.sampled_from([Mode.CALL, Mode.CALL, *Mode]),
    bars=st.integers(1, 2),
    tempo=st.floats(60.0, 240.0),
    pause=st.sampled_from(Pause),
    split=st.sampled_from([UNSPLIT, UNSPLIT, Split(62), Split(62, goes_up=False)]),
    is_muted=st.sampled_from([False, False, True]),
    channel=st.sampled_from([None, 0, 9]),
    shares_channel=st.booleans(),
    knobs=st.builds(Knobs, loudness=st.floats(0.25, 4.0)),
    longest_note_s=st.floats(0.5, 12.0),
    patience_s=st.floats(0.5, 5.0),
    hold_shown_s=st.floats(0.2, 2.0),
    longest_hold_s=st.one_of(st.floats(0.2, 4.0), st.just(float("inf"))),
    look_ahead_s=st.floats(0.1, 2.0),
)


@dataclass
class Performed:
    """Each event with the state it met, what was done, and the state it left."""

    rules: Rules
    rows: list[tuple[State, Event, tuple[Action, ...], State]] = field(default_factory=list)

    @property
    def actions(self) -> list[Action]:
        return [action for _, _, actions, _ in self.rows for action in actions]


def performed(script: list, rules: Rules) -> Performed:
    """Moves as events; half of the alarms ring on time, moves say how long after the event before."""
    done, state, now = Performed(rules), FRESH, 5.0
    for gap_s, move in script:
        now = now + gap_s
        event = event_of(move, state, now)
        after, actions = step(state, event, rules)
        done.rows.append((state, event, actions, after))
        state, now = after, max(now, event.at)
    after, actions = step(state, Stopped(now), rules)
    done.rows.append((state, Stopped(now), actions, after))
    return done


def event_of(move: tuple, state: State, now: float) -> Event:
    kind, *rest = move
    if kind == "down":
        pitch, velocity, channel, source = rest
        return KeyDown(now, pitch, velocity, channel, source)
    if kind == "up":
        return KeyUp(now, *rest)
    if kind == "pedal":
        return PedalMoved(now, *rest)
    if kind == "wake":
        return Woke(max(now, state.wake_at) if state.wake_at is not None else now)
    if kind == "answer":
        behind, notes, covers_s, is_over = rest
        events = tuple(
            NoteOn(now + at, pitch, 70) if is_on else NoteOff(now + at, pitch) for at, pitch, is_on in notes
        )
        return AnswerCame(now, state.ticket - behind, events, now + covers_s, is_over)
    if kind == "fail":
        return AnswerFailed(now, state.ticket - rest[0], "broken")
    if kind == "input lost":
        return InputLost(now, rest[0])
    if kind == "take up":
        has_call, has_answer = rest
        call = (NoteOn(-1.0, 61, 70), NoteOff(-0.5, 61)) if has_call else ()
        return TookUp(now, call, (NoteOn(-0.25, 62, 70),) if has_answer else ())
    return _SIMPLE[kind](now)


_SIMPLE = {
    "hand over": HandOverNow,
    "again": AskedAnew,
    "freeze": Froze,
    "forget": Forgot,
    "pause": Paused,
    "go on": WentOn,
    "panic": Panic,
    "output lost": OutputLost,
}


@settings(max_examples=200)
@given(scripts, rule_sets)
def test_each_note_of_the_models_is_released_exactly_once(script: list, rules: Rules) -> None:
    actions = performed(script, rules).actions
    struck = {a.id: (a.pitch, a.channel) for a in actions if isinstance(a, PlayNote)}
    released = Counter(a.id for a in actions if isinstance(a, StopNote))
    assert len(struck) == sum(isinstance(a, PlayNote) for a in actions)
    assert released == Counter(struck.keys())
    for action in actions:
        if isinstance(action, StopNote):
            assert (action.pitch, action.channel) == struck[action.id]


@settings(max_examples=200)
@given(scripts, rule_sets)
def test_after_a_cut_in_a_panic_or_a_lost_port_nothing_of_the_models_sounds(
    script: list, rules: Rules
) -> None:
    sounding: set[int] = set()
    for before, event, actions, after in performed(script, rules).rows:
        for action in actions:
            if isinstance(action, PlayNote):
                sounding.add(action.id)
            elif isinstance(action, StopNote):
                sounding.remove(action.id)
        assert sounding == {note.id for note in after.agenda.sounding}
        if isinstance(event, SILENCING) or after.phase in (Phase.WAITING, Phase.CALLING):
            assert not sounding
        is_call = isinstance(event, KeyDown) and rules.split.calls(event.pitch)
        if is_call and not plays_along(replace(before, now=after.now), rules):
            assert not sounding
        if rules.is_muted and isinstance(event, Woke):
            assert not sounding


@settings(max_examples=200)
@given(scripts, rule_sets)
def test_no_key_that_the_player_holds_is_released_by_us_but_in_a_panic(script: list, rules: Rules) -> None:
    """On the wire: no StopNote, Silence or strike of ours touches what the player holds on that channel."""
    held: dict[tuple[int, int, int], bool] = {}
    for _, event, actions, _ in performed(script, rules).rows:
        if isinstance(event, Stopped):
            break
        if isinstance(event, Panic):
            held.clear()
        for action in actions:
            on_channel = {(channel, pitch) for _, channel, pitch in held}
            assert not isinstance(action, Silence) or isinstance(event, Panic)
            if isinstance(action, PassOn | KeepBack):
                passed = action.event
                assert passed == event or isinstance(event, InputLost) or passed.at >= event.at
                if isinstance(passed, KeyDown):
                    held[(passed.source, passed.channel, passed.pitch)] = True
                elif isinstance(passed, KeyUp):
                    held.pop((passed.source, passed.channel, passed.pitch), None)
            elif isinstance(action, PlayNote | StopNote):
                shared = (action.channel, action.pitch) in on_channel
                assert not shared or not rules.shares_channel


@settings(max_examples=200)
@given(scripts, rule_sets)
def test_the_player_is_always_passed_on_at_once_or_kept_back(script: list, rules: Rules) -> None:
    for before, event, actions, after in performed(script, rules).rows:
        if isinstance(event, KeyDown | KeyUp | PedalMoved) and before.phase is not Phase.CLOSED:
            passed = [action.event for action in actions if isinstance(action, PassOn | KeepBack)]
            assert len(passed) == 1
            assert passed[0].at == after.now


@settings(max_examples=200)
@given(scripts, rule_sets)
def test_what_may_go_out_before_the_step_is_what_the_step_does_first(script: list, rules: Rules) -> None:
    for before, event, actions, after in performed(script, rules).rows:
        if passes_at_once(before, event):
            assert isinstance(actions[0], PassOn)
            assert replace(actions[0].event, at=event.at) == event
            strikes = KeyDown(event.at, 60, 80)
            assert not passes_at_once(before, strikes) or passes_at_once(after, strikes)


@settings(max_examples=200)
@given(scripts, rule_sets)
def test_a_key_sounds_on_the_synth_exactly_while_the_player_holds_it(script: list, rules: Rules) -> None:
    """However many keyboards hold it; and of strikes and releases none is too many."""
    strikes: Counter[tuple[int, int]] = Counter()
    for before, _, actions, after in performed(script, rules).rows:
        for action in actions:
            if not isinstance(action, PassOn | PassLate):
                continue
            sent = action.event
            if isinstance(sent, KeyDown):
                place = (sent.source, sent.channel)
                held_before = place in before.keyboards and before.keyboards[place].held >> sent.pitch & 1
                strikes[(sent.channel, sent.pitch)] += not held_before
            elif isinstance(sent, KeyUp):
                strikes[(sent.channel, sent.pitch)] = max(strikes[(sent.channel, sent.pitch)] - 1, 0)
        for channel in (0, 1):
            sounding = {pitch for (on, pitch), count in strikes.items() if on == channel and count}
            held = {pitch for pitch in range(128) if after.hands.held_on(channel) >> pitch & 1}
            assert sounding == held


@settings(max_examples=200)
@given(scripts, rule_sets)
def test_no_action_lies_in_the_past(script: list, rules: Rules) -> None:
    for before, event, actions, after in performed(script, rules).rows:
        now = max(event.at, before.now)
        assert after.now == now
        for action in actions:
            assert action.at >= now
            if not isinstance(action, WakeAt):
                assert action.at == now
            if isinstance(action, PlayNote):
                assert action.due <= now
            if isinstance(action, AskForAnswer):
                assert action.request.gap_at_least_s >= 0
                assert all(event.at <= now for event in action.request.call)


@settings(max_examples=200)
@given(scripts, rule_sets)
def test_a_trace_played_again_does_the_same(script: list, rules: Rules) -> None:
    trace = performed(script, rules)
    state = FRESH
    for _, event, actions, _ in trace.rows:
        state, again = step(state, event, rules)
        assert again == actions


@settings(max_examples=200)
@given(scripts, rule_sets)
def test_every_change_of_turn_is_in_the_table_and_announced(script: list, rules: Rules) -> None:
    for before, event, actions, after in performed(script, rules).rows:
        assert after.phase in TABLE[before.phase][type(event)].to
        announced = [action.phase for action in actions if isinstance(action, TurnChanged)]
        assert (announced[-1] if announced else before.phase) is after.phase


@settings(max_examples=200)
@given(scripts, rule_sets)
def test_a_hand_over_does_something_exactly_where_it_is_offered(script: list, rules: Rules) -> None:
    for _, _, _, state in performed(script, rules).rows:
        after, _ = step(state, HandOverNow(state.now), rules)
        assert (after.phase is not state.phase) is offer_in(state).is_open


@settings(max_examples=200)
@given(scripts, rule_sets)
def test_the_offer_changes_only_with_a_turn(script: list, rules: Rules) -> None:
    """Whoever shows it needs to look no more often."""
    for before, _, actions, after in performed(script, rules).rows:
        if offer_in(after) is not offer_in(before):
            assert any(isinstance(action, TurnChanged) for action in actions)


@settings(max_examples=200)
@given(scripts, rule_sets)
def test_left_alone_with_nothing_held_it_comes_to_rest(script: list, rules: Rules) -> None:
    """Nothing hangs: with an answerer that has died, alarms alone bring the turn back."""
    state = FRESH
    for _, event, _, _ in performed(script, rules).rows[:-1]:
        state, _ = step(state, event, rules)
    for source in (0, 1):
        for channel in (0, 1):
            for pitch in range(60, 65):
                state, _ = step(state, KeyUp(state.now, pitch, channel, source), rules)
            state, _ = step(state, PedalMoved(state.now, 0, channel, source), rules)
    state, _ = step(state, WentOn(state.now), rules)
    for _ in range(500):
        if state.wake_at is None:
            break
        state, _ = step(state, Woke(max(state.wake_at, state.now)), rules)
    assert state.phase is Phase.WAITING
    assert not state.agenda.sounding
