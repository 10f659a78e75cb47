"""Every event and all rules come back from their rows as they were; what is no row is refused."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.notes import NoteOff, NoteOn
from realtime.performer.events import EVENTS, AnswerCame, Event, HandOverNow, TookUp
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.sound.limits import Keeping, Limits
from realtime.rows.traced import UnknownRowError, row_of, taken_in
from tests.realtime.performer.test_performer_properties import rule_sets

moments = st.floats(0, 1e6)
strikes = st.builds(NoteOn, moments, st.integers(0, 127), st.integers(1, 127))
releases = st.builds(NoteOff, moments, st.integers(0, 127))
stretches = st.lists(st.one_of(strikes, releases), max_size=3).map(tuple)
answers = st.builds(AnswerCame, moments, st.integers(0, 9), stretches, moments, st.booleans())
places = st.builds(TookUp, moments, stretches, stretches)
others = [st.builds(kind, at=moments) for kind in EVENTS if kind not in (AnswerCame, TookUp)]
events = st.one_of(answers, places, *others)


def back(taken: Event | Rules) -> Event | Rules:
    return taken_in(json.loads(json.dumps(row_of(taken))))


@given(events)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    assert back(event) == event


@given(rule_sets)
def test_rules_come_back_as_they_were(rules: Rules) -> None:
    assert back(rules) == rules


def test_of_rules_what_is_as_usual_is_left_out() -> None:
    assert row_of(DEFAULT_RULES) == {"kind": "Rules"}
    assert row_of(Rules(tempo=90.0)) == {"kind": "Rules", "tempo": 90.0}
    assert back(Rules(limits=Limits(keeping=Keeping.KEY))) == Rules(limits=Limits(keeping=Keeping.KEY))


def test_every_event_that_there_is_can_be_in_a_trace() -> None:
    assert set(get_args(Event)) == set(EVENTS)


@pytest.mark.parametrize("row", [{"kind": "Encore"}, {"at": 1.0}, {"kind": "KeyDown"}, {"kind": "Knobs"}])
def test_what_is_no_row_of_a_trace_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(UnknownRowError):
        taken_in(row)


def test_a_command_needs_only_its_moment() -> None:
    assert taken_in({"kind": "HandOverNow", "at": 2.5}) == HandOverNow(2.5)
