"""Each family, and each trunk, learns twenty phrases by heart: the recipe `tiny-families`, in no more steps
than it has, measured on the very phrases that it learnt.

What it must come far below is the model untrained, and the best of what counting in those phrases knows: for
fields how common each value is and which follows which, for rolls how common each key is and which is held.
Counted in the phrases themselves, they are as good as they can be. A Boltzmann machine predicts nothing; it
must rebuild the windows that it learnt, far better than the frequency of each cell does.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from torch.nn import functional

from evaluation.baselines.note import BACK_OFF
from evaluation.baselines.roll import nats_a_step
from music.notes import KEYS
from music.tokens.scales import CELLS_PER_S
from pieces.corpus import prepare
from pieces.music import Rows
from pieces.music_sets import music_set
from tests.support.corpora import music_folder
from training.feeds.feed import ALONE
from training.learning.learner import Learner
from training.learning.parallel import Company
from training.learning.train import learn
from training.learning.validation import held_out_loss
from training.models.catalogue import ModelSettings
from training.models.rolls.rbm import Rbm
from training.models.trunks.catalogue import TrunkSettings
from training.recipes.experiment import trials
from training.recipes.recipe_files import variant_names
from training.run import Places, begin_run

RECIPE = "tiny-families"
PHRASES = 20
PARTS = 8
CPU = torch.device("cpu")
# the most that may be left of the untrained loss, and of the best baseline's
LEFT = {
    "step": (0.3, 0.5),
    "sigmoid": (0.05, 0.65),
    "nade": (0.02, 0.3),
    "embeddings": (0.04, 0.5),
    "biaxial": (0.06, 0.75),
    "rbm": (0.4, 0.5),
}
LEFT_OF_SYMBOLS = (0.15, 0.25)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty-two phrases of some 24 notes, of which more than twenty are to be learnt from."""
    folder = tmp_path_factory.mktemp("home")
    music = music_folder(folder / "music", pieces=32, notes=24)
    prepare(music_set("tiny"), music, folder / "corpora" / "tiny.safetensors", workers=1)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("variant", variant_names(RECIPE))
def test_twenty_phrases_are_learnt_by_heart(variant: str, home: Path) -> None:
    learner = learner_of(variant, home)
    assert len(learner.pieces) == PHRASES
    of_untrained, of_baseline = LEFT.get(variant, LEFT_OF_SYMBOLS)
    wanted = min(of_untrained * loss_of(learner), of_baseline * baseline_of(learner))
    assert any(left < wanted for left in losses_while_learning(learner))


def test_the_recipe_has_every_family_and_every_trunk() -> None:
    recipes = [trial.recipe for trial in trials(RECIPE)]
    assert {type(recipe.model) for recipe in recipes} == set(get_args(ModelSettings))
    of_symbols = [recipe.model for recipe in recipes if recipe.model.kind == "symbol"]
    assert {type(model.trunk) for model in of_symbols} == set(get_args(TrunkSettings))
    of_rolls = [recipe.model for recipe in recipes if recipe.model.kind == "roll"]
    assert {(model.head, model.reads) for model in of_rolls} == {
        ("sigmoid", "keys"),
        ("nade", "keys"),
        ("sigmoid", "embeddings"),
    }
    assert {recipe.data.most_pieces for recipe in recipes} == {PHRASES}


def test_baselines_know_what_is_common_and_what_follows() -> None:
    even = np.arange(400)[:, None] % 4
    alike = np.random.default_rng(1).integers(0, 4, (4000, 1))
    assert counted_nats([alike]) == pytest.approx(np.log(4), abs=0.01)
    assert counted_nats([even]) < 0.2
    assert counted_nats([np.concatenate([alike, alike], axis=1)]) == pytest.approx(2 * np.log(4), abs=0.02)


def learner_of(variant: str, home: Path) -> Learner:
    (trial,) = trials(RECIPE, variant=variant)
    return begin_run(trial.recipe, variant, Places(home / "runs", home / "corpora"), Company(ALONE, CPU))


def losses_while_learning(learner: Learner) -> Iterator[float]:
    """What is left after each further part of the recipe's steps; who has seen enough asks for no more."""
    for part in range(1, PARTS + 1):
        learn(learner, lambda _: None, until=learner.steps * part // PARTS)
        yield loss_of(learner)


def loss_of(learner: Learner) -> float:
    """Nats a row on the phrases that are learnt from; of a Boltzmann machine, nats a window rebuilt."""
    learner.model.eval()
    if isinstance(learner.model, Rbm):
        return rebuilt_nats(learner.model, windows_of(learner))
    return float(held_out_loss(learner.model, learner.recipe, learner.pieces, CPU, 0)["loss"])


def baseline_of(learner: Learner) -> float:
    """The best that counting gives, in the same nats."""
    phrases = [learner.pieces.rows(number, 0, learner.pieces.length(number)) for number in range(PHRASES)]
    if isinstance(learner.model, Rbm):
        windows = windows_of(learner)
        return cross_entropy(windows.mean(0).expand_as(windows), windows)
    if learner.recipe.data.encoding == "roll":
        keys = [rows[:, :KEYS] for rows in phrases]
        counted = nats_a_step(keys, keys)
        return min(counted.key_frequency, counted.note_bigram)
    if learner.recipe.data.encoding == "step":  # its nats are of cells
        return counted_nats([np.round(rows * (1, CELLS_PER_S, CELLS_PER_S)) for rows in phrases])
    return counted_nats(phrases)


def counted_nats(phrases: Sequence[Rows]) -> float:
    """Of a row: each field by how common its value is,
    or by how often it followed the one before, whichever is less."""
    return sum(field_nats([rows[:, field] for rows in phrases]) for field in range(phrases[0].shape[1]))


def field_nats(phrases: Sequence[Rows]) -> float:
    values, numbers = np.unique(np.concatenate(phrases), return_inverse=True)
    common = np.bincount(numbers) / len(numbers)
    ends = np.cumsum([len(rows) for rows in phrases])[:-1]
    followed = np.zeros((len(values), len(values)))
    pieces = np.split(numbers, ends)
    for piece in pieces:
        np.add.at(followed, (piece[:-1], piece[1:]), 1)
    followed += BACK_OFF * common
    followed /= followed.sum(1, keepdims=True)
    unigram = -np.log(common[numbers]).mean()
    bigram = sum(
        -np.log(common[piece[0]]) - np.log(followed[piece[:-1], piece[1:]]).sum() for piece in pieces
    )
    return float(min(unigram, bigram / len(numbers)))


def windows_of(learner: Learner) -> torch.Tensor:
    """Every window of the phrases, as the machine sees it."""
    assert isinstance(learner.model, Rbm)
    steps = learner.model.settings.steps
    cut = [
        learner.pieces.rows(number, begin, begin + steps)
        for number in range(PHRASES)
        for begin in range(learner.pieces.length(number) - steps + 1)
    ]
    return learner.model.visible(torch.from_numpy(np.stack(cut)))


@torch.no_grad()
def rebuilt_nats(model: Rbm, windows: torch.Tensor) -> float:
    """Of windows, by the chances of their cells after the hidden units have seen them."""
    hidden = torch.sigmoid(functional.linear(windows, model.weights, model.hidden_bias))
    return cross_entropy(
        torch.sigmoid(functional.linear(hidden, model.weights.T, model.visible_bias)), windows
    )


def cross_entropy(chances: torch.Tensor, windows: torch.Tensor) -> float:
    return float(functional.binary_cross_entropy(chances, windows, reduction="none").sum(-1).mean())
