"""The machine over windows: it learns which windows are likely,
puts damaged ones right, and draws no steps by itself."""

from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor

from music.encodings.character import CharacterEncoding
from music.encodings.roll import RollEncoding
from music.notes import KEYS
from music.settings import SettingError, settings_from
from training.models.drawing import Drawing
from training.models.model import begun
from training.models.rolls.rbm import Rbm, RbmSettings, Roll, build, refine, unchanged_share
from training.models.rolls.roll_model import ROW

SMALL = RbmSettings(steps=4, lowest=60, notes=12, hidden=40)
FIRST = 60 - 21


def chance(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pattern(*notes: int, steps: int = 4) -> Roll:
    """A chord held: alike wherever a window lies on it."""
    rows = np.zeros((steps, ROW), np.uint8)
    for note in notes:
        rows[:, FIRST + note] = 1
    return rows


TWO = (pattern(0, 4, 7), pattern(2, 5, 9))


def untaught() -> Rbm:
    torch.manual_seed(1)
    return build(SMALL, RollEncoding())


@cache
def taught() -> Rbm:
    """A machine that learnt the two patterns; not to be changed."""
    model = untaught()
    rows = torch.from_numpy(np.stack(TWO * 8))
    learner = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(300):
        read, _ = model(rows, model.silent_state(len(rows)))
        loss = model.surprise(read, rows).sum(1).mean()
        learner.zero_grad()
        loss.backward()
        learner.step()
    return model.eval()


def energy(model: Rbm, rows: Roll) -> float:
    return model.free_energy(model.visible(torch.from_numpy(rows)[None])).item()


def test_the_free_energy_is_the_sum_over_the_hidden_units() -> None:
    torch.manual_seed(2)
    model = build(RbmSettings(steps=1, lowest=60, notes=2, hidden=3), RollEncoding())
    with torch.no_grad():
        for weights in model.parameters():
            weights.normal_()
    visible = torch.tensor([1.0, 0.0, 1.0, 1.0])
    hidden = torch.tensor([[(number >> bit) & 1 for bit in range(3)] for number in range(8)]).float()
    energies = -(hidden @ model.weights @ visible + hidden @ model.hidden_bias + visible @ model.visible_bias)
    torch.testing.assert_close(model.free_energy(visible[None])[0], -torch.logsumexp(-energies, 0))


def test_sampling_visits_windows_as_often_as_their_free_energies_say() -> None:
    torch.manual_seed(3)
    model = build(RbmSettings(steps=1, lowest=60, notes=2, hidden=3), RollEncoding())
    with torch.no_grad():
        for weights in model.parameters():
            weights.normal_()
        every = torch.tensor([[float((number >> bit) & 1) for bit in range(4)] for number in range(16)])
        wanted = torch.softmax(-model.free_energy(every), 0)
        ends = model.sampled(torch.zeros(20_000, 4), 30, chance())
    shares = torch.bincount((ends @ torch.tensor([1.0, 2.0, 4.0, 8.0])).long(), minlength=16) / len(ends)
    torch.testing.assert_close(shares, wanted, atol=0.02, rtol=0)


def test_the_gradient_is_that_of_contrastive_divergence() -> None:
    model, rows = untaught(), torch.from_numpy(np.stack(TWO))
    visible, _ = model(rows, {})
    torch.manual_seed(5)
    model.surprise(visible, rows).sum().backward()
    torch.manual_seed(5)
    with torch.no_grad():
        ends = model.sampled(visible, 1, None)
        hidden, hidden_of_ends = (
            torch.sigmoid(each @ model.weights.T + model.hidden_bias) for each in (visible, ends)
        )
        wanted = hidden_of_ends.T @ ends - hidden.T @ visible
    torch.testing.assert_close(model.weights.grad, wanted)
    torch.testing.assert_close(model.visible_bias.grad, (ends - visible).sum(0))


def test_energies_are_kept_apart_in_mixed_precision_too() -> None:
    torch.manual_seed(4)
    model = Rbm(RbmSettings())
    visible = model.visible(torch.zeros(1, 16, ROW))
    one_more = visible.clone()
    one_more[0, 5] = 1
    apart = model.free_energy(one_more) - model.free_energy(visible)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = model.free_energy(one_more.bfloat16()) - model.free_energy(visible.bfloat16())
    assert mixed.dtype == torch.float32
    torch.testing.assert_close(mixed, apart)


def test_learning_lowers_the_free_energy_of_what_was_learnt_below_all_else() -> None:
    before, after = untaught(), taught()
    strange = pattern(1, 6, 10)
    for known in TWO:
        assert abs(energy(before, known) - energy(before, strange)) < 2
        assert energy(after, known) < energy(after, strange) - 20
        assert energy(after, known) < energy(after, np.zeros_like(known)) - 5


@pytest.mark.parametrize("way", ["step", "window"])
def test_refining_puts_a_damaged_pattern_right(way: str) -> None:
    whole = pattern(0, 4, 7, steps=8)
    damaged = whole.copy()
    damaged[2, FIRST + 4] = 0
    damaged[5, FIRST + 1] = 1
    wrong = [(refine(damaged, taught(), way, 5, chance(seed)) != whole).sum() for seed in range(20)]
    assert np.mean(wrong) < 1  # of two wrong cells, with 192 sampled anew
    assert np.median(wrong) == 0


class Striking(Rbm):
    """Says of the n-th window (from 1) that its n-th note sounds throughout, and nothing else."""

    calls = 0

    def sampled(self, visible: Tensor, rounds: int, chance: torch.Generator | None) -> Tensor:
        self.calls += 1
        made = torch.zeros(1, self.settings.steps, 2 * self.settings.notes)
        made[..., self.calls - 1] = 1
        return made.flatten(1)


def refined_by_striking(way: str) -> list[list[int]]:
    """Which notes sound in each of 6 steps, after 3 windows of 4."""
    rows = refine(pattern(11, steps=6), Striking(SMALL), way, 1, chance())
    return [np.flatnonzero(row[FIRST : FIRST + 12]).tolist() for row in rows]


def test_by_step_the_first_window_is_taken_over_whole_and_then_the_last_step_of_each() -> None:
    assert refined_by_striking("step") == [[0], [0], [0], [0], [1], [2]]


def test_by_window_each_step_is_as_the_last_window_over_it_says() -> None:
    assert refined_by_striking("window") == [[0], [1], [2], [2], [2], [2]]


@pytest.mark.parametrize("way", ["step", "window"])
def test_the_same_seed_refines_alike_and_another_otherwise(way: str) -> None:
    rows = pattern(1, 6, steps=12)
    model = untaught()
    once = refine(rows, model, way, 2, chance(1))
    assert np.array_equal(once, refine(rows, model, way, 2, chance(1)))
    assert not np.array_equal(once, refine(rows, model, way, 2, chance(2)))


def test_keys_outside_the_range_pass_through_and_the_roll_given_stays_as_it_was() -> None:
    rows = np.zeros((9, ROW), np.uint8)
    rows[:, [0, 87, KEYS, 2 * KEYS - 1]] = 1
    kept = rows.copy()
    refined = refine(rows, untaught(), "window", 1, chance())
    inside = np.r_[FIRST : FIRST + 12, KEYS + FIRST : KEYS + FIRST + 12]
    assert refined[:, inside].any()
    assert np.array_equal(np.delete(refined, inside, 1), np.delete(rows, inside, 1))
    assert np.array_equal(rows, kept)


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_piece_shorter_than_a_window_keeps_its_length(steps: int) -> None:
    assert refine(pattern(0, 4, 7)[:steps], taught(), "step", 2, chance()).shape == (steps, ROW)


def test_what_was_kept_is_counted_of_sounding_cells_and_of_all() -> None:
    before, after = np.zeros((2, 2, ROW), np.uint8)
    before[0, :4] = 1
    after[0, 1:5] = 1
    after[:, KEYS:] = 1  # strikes are not looked at
    share = unchanged_share(before, after)
    assert share.sounding == 0.75
    assert share.all == pytest.approx(1 - 2 / 176)
    silent = unchanged_share(np.zeros_like(before), after)
    assert silent.sounding is None  # there was nothing to keep
    assert silent.all == pytest.approx(1 - 4 / 176)
    assert unchanged_share(before[:0], after[:0]).all is None


def test_surprise_is_shared_out_over_the_rows_and_repeats_with_torchs_seed() -> None:
    model, rows = untaught(), torch.from_numpy(np.stack(TWO))
    read, state = model(rows, model.silent_state(2))
    assert begun(state, model.silent_state(2), torch.tensor([True, False])) == {}
    torch.manual_seed(7)
    of_all = model.surprise(read, rows)
    torch.manual_seed(7)
    of_last = model.surprise(read, rows[:, -1:])
    assert of_all.shape == (2, 4, 1)
    assert of_last.shape == (2, 1, 1)
    torch.testing.assert_close(of_all.sum(1), of_last[:, 0])


def test_it_neither_steps_nor_draws() -> None:
    model = untaught()
    for refused in (
        lambda: model.step(torch.zeros(1, ROW), {}),
        lambda: model.draw(None, Drawing(), chance()),
    ):
        with pytest.raises(SettingError, match="take them as steps"):
            refused()


def test_windows_of_another_length_are_refused() -> None:
    model = untaught()
    with pytest.raises(SettingError, match="windows of 4 steps, not 5; set the data's window"):
        model(torch.zeros(1, 5, ROW), {})


@pytest.mark.parametrize(("way", "sweeps"), [("bar", 1), ("step", 0)])
def test_ways_of_refining_that_do_not_exist_are_refused(way: str, sweeps: int) -> None:
    with pytest.raises(SettingError, match="step or window with 1 sweep or more"):
        refine(TWO[0], untaught(), way, sweeps, chance())


def test_rows_and_encodings_that_are_no_roll_are_refused() -> None:
    with pytest.raises(SettingError, match="steps by 176 keys"):
        refine(np.zeros((4, KEYS), np.uint8), untaught(), "step", 1, chance())
    with pytest.raises(SettingError, match="choose the encoding roll"):
        build(SMALL, CharacterEncoding())
    with pytest.raises(SettingError, match="of one shape"):
        unchanged_share(TWO[0], TWO[0][:3])


@pytest.mark.parametrize("wrong", [{"lowest": 40, "notes": 80}, {"steps": 0}, {"hidden": 0}, {"rounds": 0}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingError, match=next(iter(wrong))):
        settings_from(RbmSettings, wrong, "model")


def test_the_papers_size_is_the_default() -> None:
    model = Rbm(RbmSettings())
    assert model.weights.shape == (1500, 2496)
