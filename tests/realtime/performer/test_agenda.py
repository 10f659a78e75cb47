"""The ledger of notes: a release ends the note it belongs to and no other."""

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.notes import NoteOff, NoteOn
from realtime.performer.actions import PlayNote, StopNote
from realtime.performer.agenda import Agenda, Manner, caught_up, closed, performed, queued, silenced
from realtime.performer.rules import DEFAULT_RULES, Rules

PLAIN = Manner(channel=1, loudness=1.0, no_onset_from=inf)


def test_an_old_release_never_cuts_a_key_that_was_struck_again() -> None:
    rules = Rules(longest_note_s=1.0)
    agenda = queued(Agenda(), [NoteOn(0.0, 60, 70), NoteOn(0.9, 60, 70), NoteOff(1.8, 60)])
    times = []
    for now in (0.0, 0.9, 1.0, 1.5, 1.8):
        agenda, done = performed(agenda, now, PLAIN, rules)
        times += [(now, type(action).__name__, action.id) for action in done]
    assert times == [
        (0.0, "PlayNote", 1),
        (0.9, "StopNote", 1),
        (0.9, "PlayNote", 2),
        (1.8, "StopNote", 2),  # the guard of note 1, due at 1.0, did not touch note 2
    ]


def test_a_release_after_the_guard_does_nothing() -> None:
    rules = Rules(longest_note_s=1.0)
    agenda = queued(Agenda(), [NoteOn(0.0, 60, 70), NoteOff(5.0, 60)])
    agenda, _ = performed(agenda, 0.0, PLAIN, rules)
    agenda, guarded = performed(agenda, 1.0, PLAIN, rules)
    agenda, late = performed(agenda, 5.0, PLAIN, rules)
    assert [type(action) for action in guarded] == [StopNote]
    assert late == []


def test_a_release_ends_the_note_it_belongs_to_and_not_the_one_before() -> None:
    agenda = queued(Agenda(), [NoteOn(0.0, 60, 70), NoteOn(0.1, 64, 70), NoteOff(0.2, 64), NoteOff(0.3, 60)])
    stops = []
    for now in (0.0, 0.1, 0.2, 0.3):
        agenda, done = performed(agenda, now, PLAIN, DEFAULT_RULES)
        stops += [(now, action.id, action.pitch) for action in done if isinstance(action, StopNote)]
    assert stops == [(0.2, 2, 64), (0.3, 1, 60)]


def test_a_release_of_a_key_that_was_never_struck_is_left_out() -> None:
    assert queued(Agenda(), [NoteOff(1.0, 60)]).queue == ()


def test_what_comes_out_of_order_keeps_its_place_in_the_stream() -> None:
    agenda = queued(Agenda(), [NoteOn(1.0, 60, 70), NoteOff(0.5, 60), NoteOn(0.2, 64, 70)])
    assert [due.at for due in agenda.queue] == [1.0, 1.0, 1.0]


def test_velocities_that_midi_does_not_know_are_brought_within() -> None:
    agenda = queued(Agenda(), [NoteOn(0.0, 60, 0), NoteOn(0.0, 62, 400)])
    _, done = performed(agenda, 0.0, PLAIN, DEFAULT_RULES)
    assert [action.velocity for action in done if isinstance(action, PlayNote)] == [1, 127]


def test_ids_go_on_counting_after_a_silence() -> None:
    agenda = queued(Agenda(), [NoteOn(0.0, 60, 70)])
    agenda, _ = performed(agenda, 0.0, PLAIN, DEFAULT_RULES)
    agenda, stops = silenced(agenda, 0.1)
    assert [stop.id for stop in stops] == [1]
    assert queued(agenda, [NoteOn(1.0, 60, 70)]).queue[0].id == 2


@given(st.floats(0.001, 1e6), st.floats(0.0, 1e4), st.floats(0.0, 1e3))
def test_caught_up_the_next_thing_is_due_now_however_it_rounds(
    at: float, late_s: float, delay_s: float
) -> None:
    agenda = Agenda(queue=queued(Agenda(), [NoteOn(at, 60, 70)]).queue, delay_s=delay_s)
    now = at + delay_s + late_s
    _, done = performed(caught_up(agenda, now, 0.0), now, PLAIN, DEFAULT_RULES)
    assert [type(action) for action in done] == [PlayNote]


def test_every_note_without_a_release_gets_one_at_the_end_and_the_others_no_second() -> None:
    agenda = queued(
        Agenda(), [NoteOn(0.0, 67, 70), NoteOn(0.1, 60, 70), NoteOn(0.2, 64, 70), NoteOff(0.3, 64)]
    )
    agenda = closed(agenda, 2.0)
    releases = [(due.at, due.pitch) for due in agenda.queue if due.velocity == 0]
    assert releases == [(0.3, 64), (2.0, 60), (2.0, 67)]
    assert closed(agenda, 3.0) == agenda


def test_a_stretch_takes_up_the_notes_of_the_one_before() -> None:
    agenda = queued(queued(Agenda(), [NoteOn(0.0, 60, 70)]), [NoteOff(1.0, 60), NoteOn(1.0, 60, 80)])
    assert [(due.id, due.velocity) for due in agenda.queue] == [(1, 70), (1, 0), (2, 80)]


def test_where_no_onset_may_begin_releases_still_do() -> None:
    agenda = queued(Agenda(), [NoteOn(0.0, 60, 70), NoteOn(1.0, 64, 70), NoteOff(1.5, 60), NoteOff(1.5, 64)])
    ending = replace(PLAIN, no_onset_from=1.0)
    agenda, begun = performed(agenda, 0.0, ending, DEFAULT_RULES)
    agenda, ended = performed(agenda, 2.0, ending, DEFAULT_RULES)
    assert [action.pitch for action in begun] == [60]
    assert [(type(action), action.pitch) for action in ended] == [(StopNote, 60)]


def test_keys_that_the_player_holds_are_neither_struck_nor_released() -> None:
    agenda = queued(Agenda(), [NoteOn(0.0, 60, 70), NoteOn(0.0, 64, 70), NoteOff(1.0, 60), NoteOff(1.0, 64)])
    agenda, _ = performed(agenda, 0.0, replace(PLAIN, keys_taken=1 << 60), DEFAULT_RULES)
    _, done = performed(agenda, 1.0, PLAIN, DEFAULT_RULES)
    assert [action.pitch for action in done] == [64]


def test_a_note_is_released_on_the_channel_that_it_was_struck_on() -> None:
    agenda = queued(Agenda(), [NoteOn(0.0, 60, 70), NoteOff(1.0, 60)])
    agenda, _ = performed(agenda, 0.0, replace(PLAIN, channel=4), DEFAULT_RULES)
    _, done = performed(agenda, 1.0, replace(PLAIN, channel=7), DEFAULT_RULES)
    assert [action.channel for action in done] == [4]


def test_a_note_says_when_it_was_due_with_the_delay() -> None:
    agenda = replace(queued(Agenda(), [NoteOn(1.0, 60, 70)]), delay_s=0.5)
    _, (note,) = performed(agenda, 1.75, PLAIN, DEFAULT_RULES)
    assert isinstance(note, PlayNote)
    assert (note.at, note.due) == (1.75, 1.5)


@pytest.mark.parametrize(("now", "delay_s"), [(1.0, 0.0), (1.25, 0.0), (1.5, 0.5), (3.0, 2.0)])
def test_a_little_lateness_is_left_and_more_moves_all_that_follows(now: float, delay_s: float) -> None:
    agenda = queued(Agenda(), [NoteOn(1.0, 60, 70), NoteOff(2.0, 60)])
    assert caught_up(agenda, now, late_s=0.25).delay_s == delay_s


def test_nothing_due_is_never_late() -> None:
    assert Agenda().next_due is None
    assert caught_up(Agenda(delay_s=0.5), 99.0, 0.0) == Agenda(delay_s=0.5)


def test_the_guard_is_that_of_the_note_that_has_sounded_longest() -> None:
    rules = Rules(longest_note_s=3.0)
    agenda = queued(Agenda(), [NoteOn(0.0, 60, 70), NoteOn(1.0, 64, 70), NoteOff(2.0, 60)])
    guards = [agenda.next_guard(rules)]
    for now in (0.0, 1.0, 2.0, 4.0):
        agenda, _ = performed(agenda, now, PLAIN, rules)
        guards.append(agenda.next_guard(rules))
    assert guards == [None, 3.0, 3.0, 4.0, None]
