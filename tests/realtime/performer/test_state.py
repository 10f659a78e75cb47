"""What can be read off a state: what sounds, how long the call is, the channel, and the next deadline."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.notes import NoteOff, NoteOn, Pedal
from realtime.knobs import Knobs
from realtime.performer import state as state_module
from realtime.performer.agenda import Agenda, Sounding, queued
from realtime.performer.events import KeyDown, KeyUp, PedalMoved, PlayerEvent
from realtime.performer.phases import Phase
from realtime.performer.player.hands import plain
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.state import (
    FRESH,
    NEVER,
    Answer,
    State,
    answer_length_s,
    ask_again_at,
    call_length_s,
    ends_at,
    model_channel,
    next_deadline,
    releases_of,
    sounds,
    tracked,
    with_call,
)

ANSWER = Answer(length_s=4.0, starts_after=10.0, asked_at=10.0, asked_until=11.0, covers_until=11.0)


def after(*events: PlayerEvent) -> State:
    state = FRESH
    for event in events:
        state = tracked(replace(state, now=event.at), event)
    return state


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (KeyDown(1.0, 60, 80, 3, 2), NoteOn(1.0, 60, 80)),
        (KeyUp(1.0, 60, 3, 2, 99), NoteOff(1.0, 60)),
        (PedalMoved(1.0, 63, 3, 2), Pedal(1.0, False)),
        (PedalMoved(1.0, 64, 3, 2), Pedal(1.0, True)),
    ],
)
def test_as_music_an_event_has_neither_channel_nor_keyboard(event: PlayerEvent, expected: object) -> None:
    assert plain(event) == expected


def test_only_a_key_going_down_moves_the_player_s_channel() -> None:
    state = after(KeyDown(1.0, 60, 80, 5), KeyUp(1.1, 60, 7), PedalMoved(1.2, 127, 8))
    assert state.player_channel == 5


@pytest.mark.parametrize("source", [None, 0, 1])
def test_what_is_held_is_let_go_on_one_keyboard_or_on_all(source: int | None) -> None:
    state = after(
        KeyDown(1.0, 64, 80, 2, 1), KeyDown(1.1, 60, 80), PedalMoved(1.2, 127), KeyDown(1.3, 55, 80)
    )
    releases: list[PlayerEvent] = [
        KeyUp(1.3, 55, 0, 0),
        KeyUp(1.3, 60, 0, 0),
        PedalMoved(1.3, 0, 0, 0),
        KeyUp(1.3, 64, 2, 1),
    ]
    assert releases_of(state, source) == [
        each for each in releases if source is None or each.source == source
    ]


player_events = st.one_of(
    st.builds(KeyDown, st.just(1.0), st.integers(60, 63), st.just(80), st.integers(0, 1), st.integers(0, 1)),
    st.builds(KeyUp, st.just(1.0), st.integers(60, 63), st.integers(0, 1), st.integers(0, 1)),
    st.builds(PedalMoved, st.just(1.0), st.sampled_from([0, 127]), st.integers(0, 1), st.integers(0, 1)),
)


@given(st.lists(player_events, max_size=12))
def test_after_all_releases_nothing_sounds_whatever_was_played(events: list[PlayerEvent]) -> None:
    state = after(*events)
    for release in releases_of(state):
        state = tracked(state, release)
    assert not sounds(state)
    assert releases_of(state) == []


def test_of_a_call_that_is_too_long_the_newest_quarter_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_module, "LONGEST_CALL", 8)
    state, lengths = FRESH, []
    for place in range(12):
        event = PedalMoved(float(place), 0)
        state = with_call(tracked(state, event), event)
        lengths.append(len(state.call))
    assert lengths == [1, 2, 3, 4, 5, 6, 7, 8, 3, 4, 5, 6]
    assert [event.at for event in state.call] == [6.0, 7.0, 8.0, 9.0, 10.0, 11.0]


@pytest.mark.parametrize(
    ("call", "quiet_since", "length_s"),
    [
        ((), None, 0.0),
        ((Pedal(1.0, True), NoteOn(2.0, 60, 80)), None, 7.0),  # from the first key, not from the pedal
        ((NoteOn(2.0, 60, 80), NoteOff(5.0, 60)), 5.0, 3.0),  # the silence is no part of it
        ((Pedal(1.0, True),), 1.0, 0.0),
    ],
)
def test_the_call_is_as_long_as_from_its_first_key_to_the_silence(
    call: tuple[NoteOn | NoteOff | Pedal, ...], quiet_since: float | None, length_s: float
) -> None:
    state = State(now=9.0, call=call, quiet_since=quiet_since)
    assert call_length_s(state) == length_s


@pytest.mark.parametrize(("share", "length_s"), [(0.1, 2.0), (0.5, 5.0), (2.0, 20.0), (8.0, 30.0)])
def test_the_answer_takes_its_share_of_the_call_within_bounds(share: float, length_s: float) -> None:
    state = State(now=12.0, call=(NoteOn(2.0, 60, 80),))
    assert answer_length_s(state, Rules(knobs=Knobs(length=share))) == length_s


@pytest.mark.parametrize("player", range(16))
def test_the_model_s_channel_is_one_that_there_is_and_neither_the_player_s_nor_the_drums(player: int) -> None:
    channel = model_channel(State(player_channel=player), DEFAULT_RULES)
    assert channel in range(16)
    assert channel not in (player, 9)
    assert model_channel(State(player_channel=player), Rules(shares_channel=True, channel=3)) == player
    assert model_channel(State(player_channel=player), Rules(channel=9)) == 9  # chosen, not by chance


def test_the_answer_ends_its_length_after_its_first_note_however_late_it_is() -> None:
    state = State(agenda=Agenda(delay_s=0.5), answer=ANSWER)
    assert ends_at(State()) == ends_at(state) == NEVER
    assert ends_at(replace(state, answer=replace(ANSWER, first_at=12.0))) == 16.5


@pytest.mark.parametrize(
    ("answer", "asked_again_at"),
    [
        (ANSWER, 10.75),  # half a second before the end of what is known, and a delay of 0.25 s
        (replace(ANSWER, asked_until=12.0), None),  # under way
        (replace(ANSWER, is_over=True), None),
        (replace(ANSWER, is_over=True, asked_until=12.0), None),
    ],
)
def test_the_next_stretch_is_asked_for_once(answer: Answer, asked_again_at: float | None) -> None:
    state = State(agenda=Agenda(delay_s=0.25), answer=answer)
    assert ask_again_at(state, answer, DEFAULT_RULES) == asked_again_at


SOUNDING = Agenda(sounding=(Sounding(1, 60, 1, since=0.5),))
DUE = queued(Agenda(), [NoteOn(11.5, 60, 70)])
OVER = replace(ANSWER, is_over=True)


@pytest.mark.parametrize(
    ("state", "deadline"),
    [
        (State(phase=Phase.WAITING), None),
        (State(phase=Phase.CALLING), None),  # something is held
        (State(phase=Phase.CALLING, quiet_since=3.0), 3.25),  # no phrase ends sooner
        (State(3.25, Phase.CALLING, quiet_since=3.0), 3.7),
        (State(phase=Phase.ASKING, answer=ANSWER), 10.5),  # to ask for more
        (State(phase=Phase.ASKING, answer=replace(ANSWER, asked_until=12.0)), 15.0),  # patience
        (State(phase=Phase.ASKING, answer=OVER), None),
        (State(phase=Phase.ANSWERING, answer=OVER, agenda=DUE), 11.5),  # a note
        (State(phase=Phase.ANSWERING, answer=OVER, agenda=replace(DUE, delay_s=1.0)), 12.5),
        (State(phase=Phase.ANSWERING, answer=OVER, agenda=SOUNDING), 12.5),  # a note that rings too long
        (State(11.0, Phase.ANSWERING, answer=replace(OVER, first_at=11.0)), 15.0),  # the last onset
        (State(15.0, Phase.ANSWERING, answer=replace(OVER, first_at=11.0)), 17.5),  # the last ring
        (State(phase=Phase.CLOSED, quiet_since=3.0), None),
    ],
)
def test_the_next_deadline_is_the_first_of_what_must_be_done(state: State, deadline: float | None) -> None:
    assert next_deadline(state, DEFAULT_RULES) == (None if deadline is None else pytest.approx(deadline))
