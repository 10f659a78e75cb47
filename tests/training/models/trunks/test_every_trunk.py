"""What every trunk keeps: streaming equals the whole, lanes are apart, nothing sees the future, all of it
learns.

Every kind of the catalogue must be among `TRUNKS`; a test sees to it.
"""

from typing import get_args, get_type_hints

import pytest
import torch
from torch import Tensor, nn

from music.settings import SettingError
from tests.support.learning import IN_BFLOAT16, NEEDS_BFLOAT16
from training.models.model import State, begun, carried
from training.models.trunks.attention import AttentionSettings
from training.models.trunks.bidirectional import BidirectionalSettings
from training.models.trunks.catalogue import TrunkSettings, trunk_for
from training.models.trunks.conv import ConvSettings
from training.models.trunks.linear import LinearSettings
from training.models.trunks.recurrent import RecurrentSettings
from training.models.trunks.ring import RingSettings
from training.models.trunks.trunk import Trunk

READS = 6
TRUNKS: dict[str, TrunkSettings] = {
    "lstm": RecurrentSettings("lstm", layers=3, width=12, dropout=0.3),
    "lstm, xavier": RecurrentSettings("lstm", layers=1, width=12, start="xavier"),
    "lstm, batch norm": RecurrentSettings("lstm", layers=2, width=12, dropout=0.3, batch_norm=True),
    "gru": RecurrentSettings("gru", layers=2, width=12),
    "gru, batch norm": RecurrentSettings("gru", layers=2, width=12, batch_norm=True),
    "rnn": RecurrentSettings("rnn", layers=4, width=12),
    "linear": LinearSettings(layers=3, width=12, dropout=0.3),
    "ring": RingSettings(layers=1, width=12, ring=7, heads=3, dropout=0.3),
    "ring of one": RingSettings(layers=2, width=12, ring=1, heads=1),
    "ring longer than the music": RingSettings(layers=1, width=12, ring=80, heads=2),
    "attention by channel": AttentionSettings(layers=2, width=12, dropout=0.3),
    "attention by step": AttentionSettings(layers=1, width=12, weights="scalar"),
    "conv-lstm": ConvSettings(channels=8, kernel=4, layers=1, width=12, distributed=10, dropout=0.3),
    "conv-lstm, stacked, bare": ConvSettings(channels=8, kernel=1, layers=2, width=12, distributed=0),
    "bidirectional": BidirectionalSettings(layers=1, width=12, window=8),
    "bidirectional, stacked": BidirectionalSettings(layers=3, width=12, window=5, dropout=0.3),
    "bidirectional, one step": BidirectionalSettings(layers=2, width=12, window=1),
}
every_trunk = pytest.mark.parametrize("name", TRUNKS)


def made(name: str) -> Trunk:
    """In use; with running statistics and weights that differ from those at first."""
    torch.manual_seed(1)
    trunk = trunk_for(TRUNKS[name], READS).train()
    with torch.no_grad():
        for _ in range(3):
            trunk(2.0 * heard(3, 20) + 1.0, trunk.silent_state(3))
        for weight in trunk.parameters():
            weight.add_(0.2 * torch.randn_like(weight))
    return trunk.eval()


def heard(lanes: int, steps: int) -> Tensor:
    return torch.randn(lanes, steps, READS)


def assert_same(one: Tensor, other: Tensor) -> None:
    torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


def assert_same_state(one: State, other: State) -> None:
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name], atol=1e-5, rtol=1e-6)  # sums grow


def test_every_kind_is_tried() -> None:
    kinds = {kind for hint in get_args(TrunkSettings) for kind in get_args(get_type_hints(hint)["kind"])}
    assert {settings.kind for settings in TRUNKS.values()} == kinds


@every_trunk
def test_steps_one_by_one_make_the_same_as_the_whole(name: str) -> None:
    trunk, read = made(name), heard(3, 50)
    whole, after_whole = trunk(read, trunk.silent_state(3))
    assert whole.shape == (3, 50, trunk.width)
    state = trunk.silent_state(3)
    for place in range(50):
        step, state = trunk(read[:, place : place + 1], state)
        assert_same(step[:, 0], whole[:, place])
    assert_same_state(state, after_whole)


@every_trunk
def test_two_windows_make_the_same_as_one(name: str) -> None:
    trunk, read = made(name), heard(3, 50)
    whole, after_whole = trunk(read, trunk.silent_state(3))
    first, halfway = trunk(read[:, :20], trunk.silent_state(3))
    second, after = trunk(read[:, 20:], carried(halfway))
    assert_same(torch.cat([first, second], dim=1), whole)
    assert_same_state(after, after_whole)


@every_trunk
@pytest.mark.parametrize("last", [1, 9, 50, 60])
def test_the_last_steps_are_the_tail_of_all(name: str, last: int) -> None:
    trunk, read = made(name), heard(2, 50)
    _, before = trunk(heard(2, 11), trunk.silent_state(2))
    whole, after_whole = trunk(read, before)
    tail, after = trunk(read, before, last)
    assert_same(tail, whole[:, -last:])
    assert_same_state(after, after_whole)


@every_trunk
def test_a_state_has_the_lanes_first_and_lanes_are_apart(name: str) -> None:
    trunk, read = made(name), heard(3, 30)
    assert all(len(value) == 3 for value in trunk.silent_state(3).values())
    together, after = trunk(read, trunk.silent_state(3))
    for lane in range(3):
        alone, after_alone = trunk(read[lane : lane + 1], trunk.silent_state(1))
        assert_same(alone[0], together[lane])
        assert_same_state(after_alone, {key: value[lane : lane + 1] for key, value in after.items()})


@every_trunk
def test_a_lane_that_begins_anew_knows_nothing_of_before(name: str) -> None:
    trunk, read = made(name), heard(2, 12)
    fresh, _ = trunk(read, trunk.silent_state(2))
    _, state = trunk(heard(2, 9), trunk.silent_state(2))
    on, _ = trunk(read, state)
    mixed, _ = trunk(read, begun(state, trunk.silent_state(2), torch.tensor([True, False])))
    assert_same(mixed[0], fresh[0])
    assert_same(mixed[1], on[1])


@every_trunk
def test_nothing_sees_the_future(name: str) -> None:
    trunk, read = made(name), heard(2, 30)
    changed = torch.cat([read[:, :17], heard(2, 13)], dim=1)
    one, _ = trunk(read, trunk.silent_state(2))
    other, _ = trunk(changed, trunk.silent_state(2))
    assert_same(one[:, :17], other[:, :17])
    assert (one[:, 17:] - other[:, 17:]).abs().amax(dim=(0, 2)).min() > 1e-4


@every_trunk
def test_the_state_is_a_value_and_its_order_says_nothing(name: str) -> None:
    trunk, read = made(name), heard(2, 5)
    _, state = trunk(heard(2, 9), trunk.silent_state(2))
    kept = {key: value.clone() for key, value in state.items()}
    one, _ = trunk(read, state)
    assert_same_state(state, kept)
    other, _ = trunk(read, dict(reversed(kept.items())))
    assert_same(one, other)
    assert all(value.is_contiguous() for value in state.values())


@every_trunk
def test_every_weight_learns_and_so_does_what_is_read(name: str) -> None:
    trunk = made(name).train()
    read = heard(4, 25).requires_grad_()
    _, before = trunk(heard(4, 8), trunk.silent_state(4))
    out, _ = trunk(read, carried(before))
    (out * torch.randn_like(out)).sum().backward()
    assert read.grad is not None
    assert (read.grad.abs().sum(dim=(0, 2)) > 0).all()
    for key, weight in trunk.named_parameters():
        assert weight.grad is not None, key
        assert weight.grad.isfinite().all(), key
        assert weight.grad.abs().sum() > 0 or indifferent(name, key), key


def indifferent(name: str, weight: str) -> bool:
    """With one place to look at, a softmax is 1 whatever is asked;
    an LSTM that reads one step has no step before it."""
    if name == "ring of one":
        return weight.startswith(("query", "by_distance"))
    return name == "bidirectional, one step" and "weight_hh" in weight


@every_trunk
def test_in_bfloat16_it_reads_and_learns_and_stays_finite(name: str) -> None:
    trunk = made(name).train()
    if not IN_BFLOAT16 and any(isinstance(part, nn.LSTM) for part in trunk.modules()):
        pytest.skip(NEEDS_BFLOAT16)
    state = trunk.silent_state(3)
    for _ in range(2):
        with torch.autocast("cpu", torch.bfloat16):
            out, state = trunk(heard(3, 25), carried(state))
        out.float().square().sum().backward()
        assert out.isfinite().all()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in trunk.parameters())


@every_trunk
def test_one_row_of_one_lane_can_be_learnt_from(name: str) -> None:
    trunk = made(name).train()
    out, _ = trunk(heard(1, 1), trunk.silent_state(1))
    out.sum().backward()
    assert out.isfinite().all()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name.startswith("bidirectional") else [])
        for name in TRUNKS
        if name != "bidirectional, one step"
    ],
)
def test_it_learns_what_came_three_steps_ago(name: str) -> None:
    torch.manual_seed(2)
    trunk = trunk_for(TRUNKS[name], READS)
    out = torch.nn.Linear(trunk.width, READS)
    optimiser = torch.optim.Adam([*trunk.parameters(), *out.parameters()], lr=0.02)
    asked, read = [], heard(8, 16)
    while len(asked) < 20 or (len(asked) < 240 and sum(asked[-10:]) >= 0.85 * sum(asked[:10])):
        made, _ = trunk(read, trunk.silent_state(8))
        loss = (out(made)[:, 3:] - read[:, :-3]).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        asked.append(loss.item())
    assert sum(asked[-10:]) < 0.85 * sum(asked[:10])


@pytest.mark.parametrize(
    ("kind", "wrong", "message"),
    [
        (RecurrentSettings, {"layers": 0}, "layers is from 1 to 4, not 0"),
        (RecurrentSettings, {"width": 0}, "width is 1 or more, not 0"),
        (LinearSettings, {"dropout": 1.0}, "dropout is from 0 to below 1"),
        (LinearSettings, {"layers": 5}, "layers is from 1 to 4, not 5"),
        (RingSettings, {"ring": 0}, "ring is 1 or more"),
        (RingSettings, {"heads": 3}, r"heads is a number that width \(256\) can be divided by, not 3"),
        (AttentionSettings, {"dropout": -0.1}, "dropout is from 0"),
        (ConvSettings, {"kernel": 0}, "kernel is 1 or more"),
        (ConvSettings, {"channels": 0}, "channels is 1 or more"),
        (ConvSettings, {"distributed": -1}, "distributed is 0 or more"),
        (BidirectionalSettings, {"window": 0}, "window is 1 or more"),
    ],
)
def test_a_size_that_cannot_be_is_refused(kind: type, wrong: dict[str, float], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        kind(**wrong)
