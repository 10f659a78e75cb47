"""Whatever is played, the answer can be played: on the piano, within its bounds, with an end.

Calls that are no music, and calls at random, answered by a model's best of several, by a model as it is
drawn, and by rule, after silences of all lengths. It does not show that an answer is good.
"""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music.notes import Note, NoteOn, Pedal, is_on_the_piano
from music.phrase import Phrase, pedal_folded, phrase_of
from realtime.answerers.answerer import Answerer
from realtime.answerers.bounds import bounds_for, keeps_within
from realtime.answerers.line import LONGEST_WAIT_S
from realtime.answerers.network import Network
from realtime.answerers.rehearsal import request_for
from realtime.answerers.rule.imitation import Imitation
from realtime.inference.default_model import default_model
from realtime.inference.session import ModelSession, open_session
from realtime.performer.rules import DEFAULT_RULES
from tests.support.bad_calls import BAD_CALLS
from tests.support.phrases import check_each_strike_is_released

pytestmark = pytest.mark.slow

KINDS = ("thought", "drawn", "rule")
SILENCES_S = (0.3, 0.41, 0.57, 0.73, 0.86, 1.0)
LANES = 3
ROUNDING = 1e-6


@cache
def session() -> ModelSession:
    return open_session(default_model())


@cache
def answerer(kind: str) -> Answerer:
    return Imitation(1) if kind == "rule" else Network(session(), 1, LANES if kind == "thought" else 0)


def check_answered(kind: str, call: Phrase, silence_s: float | None = None, length_s: float = 4.0) -> None:
    """Ask, and look at what comes."""
    request = replace(request_for(call, 1, DEFAULT_RULES), length_s=length_s)
    if silence_s is not None:
        request = replace(request, starts_after=pedal_folded(call).until + silence_s)
    who = answerer(kind)
    who.hear(request.call)
    who.expect(request)
    while who.think():
        pass
    events = list(who.answer(request))
    moments = [event.at for event in events]
    assert moments == sorted(moments)
    check_each_strike_is_released(events)
    onsets = [event for event in events if isinstance(event, NoteOn)]
    assert onsets
    assert all(is_on_the_piano(event.pitch) and 1 <= event.velocity <= 127 for event in onsets)
    assert 0 <= onsets[0].at - request.starts_after <= LONGEST_WAIT_S + ROUNDING
    assert onsets[-1].at - onsets[0].at <= 2 * length_s
    bounds = bounds_for(pedal_folded(call).notes)
    generous = replace(bounds, gap_s=bounds.gap_s + ROUNDING, silence_s=bounds.silence_s + ROUNDING)
    assert keeps_within(phrase_of(events).notes, generous)


@pytest.mark.parametrize("name", BAD_CALLS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_music_is_answered_all_the_same(kind: str, name: str) -> None:
    check_answered(kind, BAD_CALLS[name])


@pytest.mark.parametrize("silence_s", SILENCES_S)
@pytest.mark.parametrize("kind", KINDS)
def test_after_a_silence_of_any_length_one_key_is_not_struck_too_often(kind: str, silence_s: float) -> None:
    for name in ("a drum roll on one key", "at both ends", "one note"):
        check_answered(kind, BAD_CALLS[name], silence_s, length_s=8.0)


@st.composite
def calls(draw: st.DrawFn) -> Phrase:
    """Notes of any key, speed and loudness, chords among them, perhaps under the pedal."""
    each = st.tuples(
        st.sampled_from((0.0, 0.003, 0.05, 0.2, 0.7)),
        st.integers(0, 127),
        st.integers(1, 127),
        st.sampled_from((0.0, 0.02, 0.3, 2.0)),
    )
    notes, at = [], 0.0
    for gap_s, pitch, velocity, length_s in draw(st.lists(each, min_size=1, max_size=40)):
        at += gap_s
        notes.append(Note(at, pitch, velocity, length_s))
    return Phrase.of(notes, [Pedal(0.0, True)] if draw(st.booleans()) else [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_note_with_hardly_any_beside_it_leaves_no_hole_in_the_answer(kind: str) -> None:
    for silence_s in SILENCES_S:
        call = Phrase.of([Note(0.0, 110, 1, 2.0), Note(0.05, 98, 1, 0.0)])
        check_answered(kind, call, silence_s, length_s=2.5)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(call=calls(), silence_s=st.floats(0.3, 1.0))
def test_calls_at_random_are_answered(kind: str, call: Phrase, silence_s: float) -> None:
    check_answered(kind, call, silence_s, length_s=2.5)
