"""How loud an answer's notes are drawn: the model's way or the player's, each as often as it should be."""

import numpy as np
import pytest

from music.notes import KEYS, LOWEST_KEY, Note
from music.tokens.scales import velocity_bin
from realtime.answerers.accents import Accents
from realtime.answerers.likeness import Likeness

# Loud in the bass, soft above.
CALL = [Note(place * 0.2, 40 if place % 2 else 76, 110 if place % 2 else 40, 0.2) for place in range(40)]
ACCENTS = Accents.of(CALL, Likeness(), 1.0)
CHANCES = (np.arange(1000) + 0.5) / 1000


def test_after_nothing_only_the_model_speaks() -> None:
    silent = Accents.of((), Likeness(), 1.0)
    assert silent.share == 0
    assert silent.velocity(40, 17, 0.001) == 17
    assert silent.for_model(0.3) == pytest.approx(0.3)


def test_the_model_speaks_as_often_as_its_share_and_hears_every_random_number() -> None:
    marked = [ACCENTS.velocity(40 - LOWEST_KEY, 99, chance) == 99 for chance in CHANCES]
    assert np.mean(marked) == pytest.approx(1 - ACCENTS.share, abs=0.005)
    heard = [ACCENTS.for_model(chance) for chance, model in zip(CHANCES, marked, strict=True) if model]
    assert min(heard) < 0.01
    assert max(heard) > 0.99
    assert heard == sorted(heard)


@pytest.mark.parametrize(("pitch", "velocity"), [(41, 110), (77, 40)])
def test_the_player_is_loud_where_the_player_was(pitch: int, velocity: int) -> None:
    drawn = [ACCENTS.velocity(pitch - LOWEST_KEY, 0, chance) for chance in CHANCES if chance < ACCENTS.share]
    assert np.median(drawn) == pytest.approx(velocity_bin(velocity) + 1, abs=1)
    assert 1 <= min(drawn) <= max(drawn) <= 32


def test_a_key_going_up_has_no_velocity() -> None:
    assert all(ACCENTS.velocity(KEYS + 40, 0, chance) == 0 for chance in CHANCES)


def test_what_is_heard_softer_is_remembered_softer() -> None:
    softer = Accents.of(CALL, Likeness(softer=4), 1.0)
    ours, theirs = (one.steps[40 - LOWEST_KEY].searchsorted(0.5) for one in (ACCENTS, softer))
    assert ours - theirs == pytest.approx(4, abs=1)


def test_cold_it_is_the_likeliest() -> None:
    cold = Accents.of(CALL, Likeness(), 0.0)
    drawn = {cold.velocity(40 - LOWEST_KEY, 0, chance) for chance in CHANCES if chance < cold.share}
    assert len(drawn) == 1
