"""A machine over windows taken as a model of steps: what a step costs is exact, and steps are drawn as often
as that says."""

import itertools

import torch
from torch import Tensor

from music.encodings.roll import RollEncoding
from music.notes import KEYS
from tests.support.learning import check_streaming
from training.models.drawing import Drawing
from training.models.rolls.rbm import Rbm, RbmSettings, build
from training.models.rolls.roll_model import ROW
from training.models.rolls.sliding import Sliding, that_draws, why_it_draws_nothing

TWO_NOTES = RbmSettings(steps=3, lowest=60, notes=2, hidden=3)
FIRST = 60 - 21
PLACES = [FIRST, FIRST + 1, KEYS + FIRST, KEYS + FIRST + 1]


def sliding(settings: RbmSettings = TWO_NOTES) -> tuple[Sliding, Rbm]:
    torch.manual_seed(3)
    machine = build(settings, RollEncoding()).eval()
    with torch.no_grad():
        for weights in machine.parameters():
            weights.normal_()
    made = that_draws(machine).eval()
    assert isinstance(made, Sliding)
    return made, machine


def every_step() -> Tensor:
    """All 16 steps of two notes, each playing or not and struck or not: 16 x 176."""
    rows = torch.zeros(16, ROW)
    rows[:, PLACES] = torch.tensor(list(itertools.product((0.0, 1.0), repeat=4)))
    return rows


def past() -> Tensor:
    rows = torch.zeros(2, ROW)
    rows[0, PLACES[:3]] = 1
    rows[1, PLACES[1]] = 1
    return rows


def test_reading_step_by_step_or_in_windows_equals_reading_the_whole() -> None:
    model, _ = sliding(RbmSettings(steps=4, lowest=60, notes=12, hidden=5))
    rows = (torch.rand(2, 24, ROW, generator=torch.Generator().manual_seed(1)) < 0.3).to(torch.uint8)
    check_streaming(model, rows)


def test_a_live_step_reads_what_a_step_reads() -> None:
    model, _ = sliding()
    state, rows = model.silent_state(1), past()
    for row in rows:
        wanted, after = model.step(row[None], state)
        read, state = model.live_step(row[None], state)
        torch.testing.assert_close(read, wanted)
        torch.testing.assert_close(state, after)


def test_the_energy_of_a_step_is_that_of_its_window_less_that_of_silence_in_its_place() -> None:
    model, machine = sliding()
    read, _ = model(past()[None], model.silent_state(1), 1)
    found = torch.cat([model.surprise(read, step[None, None])[0, 0] for step in every_step()])
    windows = torch.stack([torch.cat([past(), step[None]]) for step in every_step()])
    energies = machine.free_energy(machine.visible(windows))
    torch.testing.assert_close(found, energies - energies[0])


def test_steps_are_drawn_as_often_as_their_energies_say() -> None:
    model, _ = sliding()
    lanes = 20_000
    read, _ = model(past().expand(lanes, -1, -1), model.silent_state(lanes), 1)
    drawn = model.draw(read, Drawing(), torch.Generator().manual_seed(1))
    numbers = (drawn[:, PLACES].double() @ torch.tensor([8.0, 4.0, 2.0, 1.0]).double()).long()
    shares = torch.bincount(numbers, minlength=16) / lanes
    one = type(read)(*(part[:1] for part in read))
    energies = torch.cat([model.surprise(one, step[None, None])[0, 0] for step in every_step()])
    torch.testing.assert_close(shares, torch.softmax(-energies, 0), atol=0.02, rtol=0)


def test_keys_that_the_machine_does_not_know_stay_silent() -> None:
    model, _ = sliding()
    read, _ = model(past()[None], model.silent_state(1), 1)
    drawn = model.draw(read, Drawing(temperature=50.0), torch.Generator().manual_seed(1))
    assert drawn.shape == (1, ROW)
    assert set(torch.nonzero(drawn[0])[:, 0].tolist()) <= set(PLACES)


def test_without_chance_the_likeliest_of_each_round_is_taken() -> None:
    model, _ = sliding()
    read, _ = model(past()[None], model.silent_state(1), 1)
    one, other = (
        model.draw(read, Drawing(argmax_share=1.0), torch.Generator().manual_seed(seed)) for seed in (1, 2)
    )
    assert torch.equal(one, other)


def test_a_window_of_one_step_says_nothing_of_what_follows() -> None:
    why = why_it_draws_nothing(RbmSettings(steps=1))
    assert why is not None
    assert "model.steps=2" in why
    assert why_it_draws_nothing(TWO_NOTES) is None


def test_what_draws_by_itself_is_left_as_it_is() -> None:
    model, _ = sliding()
    assert that_draws(model) is model
