"""Every place of every control gives music: ten calls, each control's range, three seeds, by model and rule.

What is music here: no fuller, no emptier, no more monotonous than 99 of 100 passages that people play, each
beside its call (`realtime/answerers/bounds.py`). It does not show that an answer is good.
"""

from dataclasses import replace
from functools import cache
from statistics import fmean

import numpy as np
import pytest

from music.notes import Note
from music.passages import passage_of
from music.phrase import pedal_folded, phrase_of
from realtime.answerers.answerer import Answerer
from realtime.answerers.bounds import bounds_for
from realtime.answerers.line import LONGEST_WAIT_S
from realtime.answerers.network import Network
from realtime.answerers.rehearsal import request_for
from realtime.answerers.rule.imitation import Imitation
from realtime.answerers.steering import STRAIGHT, Steering
from realtime.inference.default_model import default_model
from realtime.inference.session import ModelSession, open_session
from realtime.knobs import KNOBS, Knobs
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.sound.loudness import struck_velocity
from tests.support.simple_calls import CALLS

pytestmark = pytest.mark.slow

SEEDS = (1, 2, 3)
LANES = 4  # fewer than live: there is less to choose from, and all of it has to be music
PLACES = (*range(0, 128, 16), 127)  # of a MIDI controller
ROUNDING = 1e-6


@cache
def answerer(kind: str, seed: int) -> Answerer:
    return Imitation(seed) if kind == "rule" else Network(session(), seed, LANES if kind == "thought" else 0)


@cache
def session() -> ModelSession:
    return open_session(default_model())


def answer(kind: str, seed: int, name: str, rules: Rules) -> list[Note]:
    """What is answered to a call, from the moment of the hand-over."""
    request = request_for(CALLS[name], 1, rules)
    who = answerer(kind, seed)
    if kind == "thought":
        who.expect(request, rules.knobs)
        while who.think():
            pass
    events = who.answer(request, rules.knobs)
    return [replace(note, at=note.at - request.starts_after) for note in phrase_of(events).notes]


RULES = replace(DEFAULT_RULES, fixed_silence_s=0.6)  # how long it waits isn't what is tested here


def check_within_bounds(name: str, notes: list[Note], steering: Steering = STRAIGHT) -> None:
    like = steering.of_call(pedal_folded(CALLS[name]).notes)
    bounds, found = bounds_for(like), passage_of(notes)
    assert 0 <= notes[0].at <= LONGEST_WAIT_S + ROUNDING
    assert found.fullest_second <= bounds.in_a_second
    assert found.fullest_moment <= bounds.at_once
    assert found.longest_repetition <= bounds.repetitions
    assert found.longest_gap_s <= bounds.gap_s + ROUNDING
    assert found.longest_silence_s <= bounds.silence_s + ROUNDING


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("kind", ["model", "thought", "rule"])
def test_at_every_temperature_an_answer_is_as_full_as_people_play(kind: str, name: str) -> None:
    for place in PLACES:
        rules = replace(RULES, knobs=Knobs(temperature=KNOBS["temperature"].at(place)))
        for seed in SEEDS:
            notes = answer(kind, seed, name, rules)
            check_within_bounds(name, notes)
            assert len(notes) >= min(len(CALLS[name].notes), 2)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("kind", ["model", "rule"])
def test_at_every_length_an_answer_is_as_full_as_people_play_and_as_long_as_asked(
    kind: str, name: str
) -> None:
    for place in PLACES[::2]:
        rules = replace(RULES, knobs=Knobs(length=KNOBS["length"].at(place)))
        asked_s = request_for(CALLS[name], 1, rules).length_s
        for seed in SEEDS[:1] if asked_s > 10 else SEEDS:
            notes = answer(kind, seed, name, rules)
            check_within_bounds(name, notes)
            lasts_s = notes[-1].at - notes[0].at
            bounds = bounds_for(pedal_folded(CALLS[name]).notes)
            assert asked_s - bounds.gap_s - ROUNDING <= lasts_s <= asked_s + ROUNDING


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("kind", ["model", "thought", "rule"])
@pytest.mark.parametrize("knob", ["density", "register", "articulation"])
def test_wherever_it_is_steered_an_answer_is_as_full_as_people_play(knob: str, kind: str, name: str) -> None:
    for place in PLACES if kind == "rule" else (PLACES[0], PLACES[-1]):
        knobs = Knobs(**{knob: KNOBS[knob].at(place)})
        notes = answer(kind, 1, name, replace(RULES, knobs=knobs))
        check_within_bounds(name, notes, Steering.of(knobs))
        assert notes


def kept(notes: list[Note], name: str) -> float:
    """The share of notes in the call's pitch classes."""
    classes = {note.pitch % 12 for note in CALLS[name].notes}
    return fmean(note.pitch % 12 in classes for note in notes)


def kept_at(temperature: float) -> float:
    rules = replace(RULES, knobs=Knobs(temperature=temperature))
    return fmean(kept(answer("model", seed, name, rules), name) for name in CALLS for seed in SEEDS)


def test_the_knob_goes_from_keeping_to_your_notes_to_going_its_own_way() -> None:
    knob = KNOBS["temperature"]
    shares = [kept_at(temperature) for temperature in (knob.lowest, knob.default, knob.highest)]
    assert shares[0] > 0.95
    assert shares[0] > shares[1] + 0.05 > shares[2] + 0.1


@pytest.mark.parametrize("place", PLACES)
def test_at_every_loudness_soft_and_loud_stay_apart_and_can_be_heard(place: int) -> None:
    loudness = KNOBS["loudness"].at(place)
    played = [struck_velocity(velocity, loudness) for velocity in (30, 50, 70, 90, 110)]
    assert np.diff(played).min() >= 4
    assert played[0] >= 8
    assert played[-1] < 127
    assert struck_velocity(64, loudness) == pytest.approx(64, abs=40)
