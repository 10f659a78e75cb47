"""Trunks of every kind that the live models are tried with, small."""

from collections.abc import Callable
from types import ModuleType

import pytest
import torch
from torch import Tensor

from music.settings import SettingError
from training.models.model import Model, State
from training.models.trunks.attention import AttentionSettings
from training.models.trunks.bidirectional import BidirectionalSettings
from training.models.trunks.catalogue import TrunkSettings
from training.models.trunks.conv import ConvSettings
from training.models.trunks.linear import LinearSettings
from training.models.trunks.recurrent import RecurrentSettings
from training.models.trunks.ring import RingSettings
from training.models.trunks.trunk import Trunk

SMALL_TRUNKS: dict[str, TrunkSettings] = {
    "lstm": RecurrentSettings("lstm", layers=2, width=24),
    "gru": RecurrentSettings("gru", layers=2, width=24),
    "linear": LinearSettings(layers=2, width=24),
    "ring": RingSettings(layers=1, width=24, ring=5, heads=2),
    "batch-norm": RecurrentSettings("lstm", layers=2, width=24, batch_norm=True),
    "attention": AttentionSettings(layers=1, width=24),
    "conv-lstm": ConvSettings(layers=1, width=24, channels=8),
    "bidirectional": BidirectionalSettings(layers=1, width=24, window=6),
}
LIVE_TRUNKS = ("lstm", "gru", "linear", "ring")  # those of the live instrument


def check_states_are_kept_apart(
    family: ModuleType, state: str, build: Callable[[], Model], rows: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trunk whose state has this name of the model's own is refused; one whose state has another counts."""
    monkeypatch.setattr(family, "trunk_for", lambda _, reads: Counting(state, reads))
    with pytest.raises(SettingError, match=f"a state of its own called '{state}', and so has its trunk"):
        build()
    monkeypatch.setattr(family, "trunk_for", lambda _, reads: Counting("steps", reads))
    model = build().eval()
    _, after = model(rows, model.silent_state(1))
    assert after["steps"].tolist() == [[float(rows.shape[1])]]


class Counting(Trunk):
    """A trunk whose only state, of this name, counts the steps."""

    def __init__(self, state: str, reads: int) -> None:
        super().__init__()
        self.state, self.reads, self.width = state, reads, 1

    def silent_state(self, lanes: int) -> State:
        """Nothing counted."""
        return {self.state: torch.zeros(lanes, 1)}

    def forward(self, read: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        """The number of each step."""
        counted = state[self.state] + torch.arange(1, read.shape[1] + 1)
        return counted[:, -(last or read.shape[1]) :, None], {self.state: counted[:, -1:]}
