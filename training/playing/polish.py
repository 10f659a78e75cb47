"""An rbm goes over what another model has drawn (row C7): whose rolls it can refine, and how.

Must not know files or the command line.
"""

from dataclasses import dataclass

import numpy as np
import torch

from music.notes import KEYS
from music.settings import SettingError
from music.tokens.encoding import Encoding
from pieces.music import Rows
from training.models.rolls.rbm import Rbm, Unchanged, refine, unchanged_share
from training.opened_run import Trained
from training.playing.generation import learns_backwards

SWEEPS = 1  # rounds of Gibbs sampling at each place of the window


@dataclass(frozen=True, slots=True)
class Polish:
    """A machine that refines rolls, the name of its run, and what of each window it takes over:
    the last "step", or the whole "window"."""

    model: Rbm
    run: str
    way: str

    def __call__(self, roll: Rows, seed: int) -> tuple[Rows, Unchanged]:
        """The roll refined, and how much of it is as it was."""
        chance = torch.Generator(self.model.weights.device).manual_seed(seed)
        before = with_strikes(roll)
        after = refine(before, self.model, self.way, SWEEPS, chance)
        return after, unchanged_share(before, after)


def polish_by(rbm: Trained, made: Trained, way: str) -> Polish:
    """The machine of one run for the rolls of another; what doesn't fit is an error."""
    machine, run = rbm.folder.path.name, made.folder.path.name
    if not made.encoding.vocabulary.is_roll:
        raise SettingError(
            f"an rbm refines rolls, and {run} writes in {made.encoding.name}; leave out --polish"
        )
    if not isinstance(rbm.model, Rbm):
        raise SettingError(
            f"{machine} is no rbm, so it can't refine rolls; polish by a run of model.kind=rbm"
        )
    if rbm.encoding.fingerprint != made.encoding.fingerprint:
        raise SettingError(
            f"{machine} was trained on other rolls than {run} writes "
            f"({_settings_in_words(rbm.encoding)}; {_settings_in_words(made.encoding)}); "
            "train one with the same encoding_settings"
        )
    if learns_backwards(rbm.recipe) != learns_backwards(made.recipe):
        raise SettingError(
            f"one of {machine} and {run} was trained on music backwards, so it can't refine the other's"
        )
    return Polish(rbm.model, machine, way)


def with_strikes(roll: Rows) -> Rows:
    """A roll in which each key is struck where it begins to sound, as decoding has it:
    machines learn from such rolls."""
    sounding = (roll[:, :KEYS] | roll[:, KEYS:]) > 0
    before = np.concatenate([np.zeros((1, KEYS), bool), sounding])[:-1]
    struck = sounding & (~before | (roll[:, KEYS:] > 0))
    return np.concatenate([sounding, struck], axis=1).astype(np.uint8)


def _settings_in_words(encoding: Encoding) -> str:
    return ", ".join(f"{name} {value}" for name, value in encoding.settings.items())
