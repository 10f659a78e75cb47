"""The event model as a scorer: the same nats however it is cut,
weights of nought worked out by hand, its mode left alone."""

import math

import numpy as np
import pytest
import torch

from evaluation.scoring.held_out import Stretch, sounding_after
from evaluation.scoring.likelihood import likelihood
from music.encodings.event import EventEncoding
from music.notes import KEYS
from tests.support.phrases import improvised
from training.models.event_model import EventModel, EventModelSettings, begin_event
from training.models.event_scorer import EventScorer
from training.models.trunks.recurrent import RecurrentSettings

SMALL = EventModelSettings(
    trunk=RecurrentSettings(layers=2, width=24), gap_size=8, key_size=8, velocity_size=4, head=16, dropout=0.5
)
SILENT = np.zeros(KEYS, bool)


@pytest.fixture
def model() -> EventModel:
    torch.manual_seed(1)
    return EventModel(SMALL)


def played(seed: int) -> np.ndarray:
    return EventEncoding().encode(improvised(seed, notes=60, pedal=True))[:100]


def test_weights_of_nought_find_everything_that_can_happen_equally_likely(model: EventModel) -> None:
    torch.nn.utils.vector_to_parameters(
        torch.zeros(sum(p.numel() for p in model.parameters())), model.parameters()
    )
    nats, _ = EventScorer(model).score(EventScorer(model).begin(SILENT[None]), played(1)[None])
    assert nats[0, :, 0] == pytest.approx(math.log(141))
    assert nats[0, :, 1] == pytest.approx(math.log(88))  # of each key one change can happen
    downs = played(1)[:, 1] < KEYS
    assert nats[0, :, 2] == pytest.approx(np.where(downs, math.log(32), 0.0))


def test_cut_into_windows_it_gives_the_same(model: EventModel) -> None:
    scorer = EventScorer(model)
    events = np.stack([played(1), played(2)])
    whole, _ = scorer.score(scorer.begin(np.stack([SILENT] * 2)), events)
    state, parts = scorer.begin(np.stack([SILENT] * 2)), []
    for cut in (events[:, :1], events[:, 1:40], events[:, 40:]):
        nats, state = scorer.score(state, cut)
        parts.append(nats)
    assert np.concatenate(parts, axis=1) == pytest.approx(whole, abs=1e-5)


def test_it_gives_what_the_model_does(model: EventModel) -> None:
    scorer = EventScorer(model)
    nats, _ = scorer.score(scorer.begin(SILENT[None]), played(3)[None])
    following = torch.from_numpy(played(3))[None]
    model.eval()
    with torch.no_grad():
        read, _ = model(
            torch.cat([torch.tensor([[begin_event()]]), following[:, :-1]], 1), model.silent_state(1)
        )
        assert nats == pytest.approx(model.surprise(read, following).numpy(), abs=1e-6)


def test_a_state_is_a_value_that_can_be_gone_on_from_twice(model: EventModel) -> None:
    scorer = EventScorer(model)
    _, state = scorer.score(scorer.begin(SILENT[None]), played(1)[None, :50])
    once, _ = scorer.score(state, played(1)[None, 50:])
    again, _ = scorer.score(state, played(1)[None, 50:])
    assert np.array_equal(once, again)


def test_after_a_reset_what_sounds_can_still_go_up(model: EventModel) -> None:
    events = played(1)
    place = next(place for place in range(20, 100) if sounding_after(SILENT, events[:place]).any())
    sounding = sounding_after(SILENT, events[:place])
    sounding_known = likelihood(EventScorer(model), [Stretch(0, events[place:], sounding)])
    unknown = likelihood(EventScorer(model), [Stretch(0, events[place:], SILENT)])
    assert sounding_known.nats_a_note < 50
    assert unknown.nats_a_note > 1e6  # an up of a key that does not sound can't be


def test_memory_is_forgotten_at_a_reset_and_kept_when_carried(model: EventModel) -> None:
    scorer, events = EventScorer(model), played(2)
    whole, _ = scorer.score(scorer.begin(SILENT[None]), events[None])
    anew, _ = scorer.score(scorer.begin(sounding_after(SILENT, events[:50])[None]), events[None, 50:])
    assert not np.allclose(whole[:, 50:], anew)


@pytest.mark.parametrize("training", [True, False])
def test_judging_leaves_the_model_in_its_mode_and_draws_no_chance(model: EventModel, training: bool) -> None:
    model.train(training)
    before = torch.get_rng_state()
    scorer = EventScorer(model)
    once, _ = scorer.score(scorer.begin(SILENT[None]), played(1)[None])
    again, _ = scorer.score(scorer.begin(SILENT[None]), played(1)[None])
    assert np.array_equal(once, again)  # without dropout
    assert model.training is training
    assert torch.equal(torch.get_rng_state(), before)
