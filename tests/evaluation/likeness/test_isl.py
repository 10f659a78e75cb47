"""Indirect sampling likelihood: against sums by hand, and its preference for silence."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.likeness.defined import Undefined
from evaluation.likeness.isl import SampledDensity, isl
from music.notes import KEYS

CHANCE = np.random.default_rng(1)


def steps(*keys: tuple[int, ...]) -> NDArray[np.uint8]:
    rolls = np.zeros((len(keys), KEYS), np.uint8)
    for row, sounding in enumerate(keys):
        rolls[row, list(sounding)] = 1
    return rolls


def chords(count: int) -> NDArray[np.uint8]:
    """Steps of three keys of a few chords, a key of which slips now and then."""
    made = steps(*[[(30, 34, 37), (35, 39, 42), (37, 41, 44)][place % 3] for place in range(count)])
    slips = CHANCE.random(made.shape) < 0.01
    return (made ^ slips).astype(np.uint8)


def test_a_step_is_as_likely_as_the_mean_of_its_kernels() -> None:
    density = SampledDensity.of(steps((1, 2), (1, 2), (5,)), sure=0.9)
    at_two, far = 0.9**KEYS, 0.9 ** (KEYS - 3) * 0.1**3
    assert density.nats_a_step(steps((1, 2))) == pytest.approx(math.log(2 / 3 * at_two + 1 / 3 * far))


def test_it_is_never_above_0_and_better_for_samples_that_are_alike() -> None:
    held_out = chords(300)
    alike = isl(chords(1500), held_out, 1500).values
    other = isl(np.roll(chords(1500), 5, axis=1), held_out, 1500).values
    assert other["isl"] < alike["isl"] < 0
    assert alike["isl_samples"] == alike["isl_samples_wanted"] == 1500


def test_each_key_by_itself_knows_nothing_of_chords() -> None:
    density = SampledDensity.of(steps((1, 2), (3, 4)), sure=0.9)
    sounds, silent = 0.9 * 0.5 + 0.1 * 0.5, 0.9
    by_hand = math.log(sounds) * 4 + math.log(silent) * (KEYS - 4)
    assert density.nats_a_step_by_key(steps((1, 3))) == pytest.approx(by_hand)
    assert density.nats_a_step_by_key(steps((1, 2))) == pytest.approx(by_hand)
    assert density.nats_a_step(steps((1, 2))) > density.nats_a_step(steps((1, 3)))


def test_how_sure_the_kernel_is_follows_the_samples_not_the_music_judged() -> None:
    samples = chords(600)
    one, other = isl(samples, chords(50), 600), isl(samples, steps((1,), (2,)), 600)
    assert one.values["isl_sure"] == other.values["isl_sure"] == pytest.approx(0.99, abs=0.005)


def test_silence_is_preferred_to_music_that_is_full_of_other_notes() -> None:
    held_out, full = chords(200), (CHANCE.random((1000, KEYS)) < 0.05).astype(np.uint8)
    found = isl(full, held_out, 1000).values
    assert found["isl_silent"] > found["isl"]
    assert found["sounding"] > found["real_sounding"] > 0


@pytest.mark.parametrize(
    ("samples", "why"),
    [(steps((1,))[:0], "no step"), (steps((1,)), "two samples"), (np.zeros((4, 12)), "88 keys wide")],
)
def test_without_samples_there_is_no_density(samples: NDArray[np.uint8], why: str) -> None:
    found = isl(samples, steps((1,)), 5)
    assert why in found.undefined["isl"]
    with pytest.raises(Undefined, match=why):
        SampledDensity.of(samples)


def test_samples_of_silence_alone_are_judged_like_any() -> None:
    found = isl(np.zeros((20, KEYS), np.uint8), steps((1,), ()), 20).values
    assert found["sounding"] == 0
    assert found["isl"] == found["isl_silent"] < 0


def test_steps_that_are_no_numbers_are_no_silence() -> None:
    nowhere = np.full((20, KEYS), np.nan)
    assert "no number" in isl(nowhere, steps((1,)), 20).undefined["isl"]
    assert "no number" in isl(chords(20), nowhere, 20).undefined["isl"]
