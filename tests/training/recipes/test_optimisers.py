"""Each optimiser is torch's own, with the settings that were asked for and the papers' as defaults."""

from typing import Any

import pytest
import torch
from torch import nn

from music.settings import settings_from
from training.recipes.optimisers import (
    AdaGradSettings,
    AdamSettings,
    AdamWSettings,
    OptimiserSettings,
    RMSPropSettings,
    optimiser_for,
)
from training.recipes.recipe import LearningSettings


def made(settings: OptimiserSettings, rate: float = 0.125) -> tuple[torch.optim.Optimizer, nn.Parameter]:
    weight = nn.Parameter(torch.tensor([1.0, -2.0]))
    return optimiser_for(settings, [weight], rate), weight


@pytest.mark.parametrize(
    ("settings", "kind", "expected"),
    [
        (AdamWSettings(), torch.optim.AdamW, {"betas": (0.9, 0.999), "weight_decay": 0.01}),
        (
            AdamWSettings(weight_decay=0.5, beta1=0.8, beta2=0.7),
            torch.optim.AdamW,
            {"betas": (0.8, 0.7), "weight_decay": 0.5},
        ),
        (AdamSettings(), torch.optim.Adam, {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0}),
        (
            AdamSettings(beta1=0.5, beta2=0.6, epsilon=1e-3),
            torch.optim.Adam,
            {"betas": (0.5, 0.6), "eps": 1e-3},
        ),
        # C1's paper: rho 0.9, epsilon 1e-6
        (RMSPropSettings(), torch.optim.RMSprop, {"alpha": 0.9, "eps": 1e-6, "momentum": 0}),
        (RMSPropSettings(rho=0.5, epsilon=0.1), torch.optim.RMSprop, {"alpha": 0.5, "eps": 0.1}),
        (AdaGradSettings(), torch.optim.Adagrad, {"initial_accumulator_value": 0.0, "eps": 1e-10}),
        (
            AdaGradSettings(start=0.5, epsilon=0.1),
            torch.optim.Adagrad,
            {"initial_accumulator_value": 0.5, "eps": 0.1},
        ),
    ],
)
def test_torchs_own_has_the_settings(
    settings: OptimiserSettings, kind: type, expected: dict[str, Any]
) -> None:
    optimiser, weight = made(settings)
    assert type(optimiser) is kind
    (group,) = optimiser.param_groups
    assert group["lr"] == 0.125
    assert group["params"] == [weight]
    assert {name: group[name] for name in expected} == expected


def stepped(settings: OptimiserSettings) -> list[float]:
    """A weight of 1 and one of -2 after one step with gradients of 2 and -1."""
    optimiser, weight = made(settings)
    weight.grad = torch.tensor([2.0, -1.0])
    optimiser.step()
    return weight.tolist()


def test_one_step_by_hand() -> None:
    assert stepped(AdamSettings()) == pytest.approx([1 - 0.125, -2 + 0.125])
    assert stepped(AdamWSettings(weight_decay=0.4)) == pytest.approx([0.95 - 0.125, -1.9 + 0.125])
    assert stepped(AdaGradSettings(start=5.0)) == pytest.approx([1 - 0.25 / 3, -2 + 0.125 / 6**0.5])
    assert stepped(RMSPropSettings(rho=0.75, epsilon=0.5)) == pytest.approx([1 - 0.25 / 1.5, -2 + 0.125])


def test_a_recipe_names_it_by_kind() -> None:

    chosen = settings_from(
        LearningSettings, {"steps": 1, "optimiser": {"kind": "rmsprop", "rho": 0.95}}, "learning"
    )
    assert chosen.optimiser == RMSPropSettings(rho=0.95)
    assert settings_from(LearningSettings, {"steps": 1}, "learning").optimiser == AdamWSettings()
